"""Batches of samples of every kind."""

from __future__ import annotations

from collections import OrderedDict, UserDict, UserList, namedtuple

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.utils.data import default_collate, default_convert

Point = namedtuple("Point", ["x", "label"])


@pytest.mark.parametrize(
    ("samples", "dtype"),
    [
        ([1.5, 2.5], "float64"),
        ([1, 2], "int64"),
        ([True, False], "bool"),
        ([np.float32(1), np.float32(2)], "float32"),
        ([np.float64(1), np.float64(2)], "float64"),
        ([np.int16(1), np.int16(2)], "int16"),
        ([np.array(1, np.uint8), np.array(2, np.uint8)], "uint8"),
        ([torch.tensor(1, dtype=torch.int32), torch.tensor(2, dtype=torch.int32)], "int32"),
    ],
)
def test_numbers_keep_their_dtype(samples, dtype):
    batch = default_collate(samples)

    assert batch.dtype == dtype
    assert batch.tolist() == [x.item() if hasattr(x, "item") else x for x in samples]


def test_tensors_and_arrays_are_stacked():
    assert default_collate([torch.ones(2, 3), torch.zeros(2, 3)]).shape == (2, 2, 3)
    assert default_collate([np.ones(3, np.float16)] * 2).dtype == "float16"


def test_parts_are_collated_one_by_one():
    samples = [(1, "a", {"x": np.zeros(2)}), (2, "b", {"x": np.ones(2)})]

    numbers, words, dicts = default_collate(samples)

    assert numbers.tolist() == [1, 2]
    assert list(words) == ["a", "b"]
    assert dicts["x"].tolist() == [[0, 0], [1, 1]]


def test_kinds_of_samples_stay():
    assert isinstance(default_collate([(1, 2), (3, 4)]), list)
    point = default_collate([Point(1.0, "a"), Point(2.0, "b")])
    assert isinstance(point, Point)
    assert point.x.tolist() == [1, 2]
    assert isinstance(default_collate([OrderedDict(a=1), OrderedDict(a=2)]), OrderedDict)
    assert isinstance(default_collate([UserDict(a=1), UserDict(a=2)]), UserDict)
    assert isinstance(default_collate([UserList([1]), UserList([2])]), UserList)
    assert [part.tolist() for part in default_collate([range(2), range(2)])] == [[0, 0], [1, 1]]
    assert default_collate(["a", b"b"]) == ["a", b"b"]


@pytest.mark.parametrize("sample", [None, 1j, object(), {1, 2}, np.array("a")])
def test_other_samples_are_refused(sample):
    with pytest.raises(
        TypeError, match=r"default_collate needs samples of Tensors.*; pass DataLoader a collate_fn"
    ):
        default_collate([sample])


def test_samples_of_different_size_are_refused():
    with pytest.raises(ValueError, match=r"default_collate needs samples of one shape, got \(1,\), \(2,\)"):
        default_collate([np.zeros(1), np.zeros(2)])
    with pytest.raises(ValueError, match=r"default_collate needs samples of one shape, got \(1,\), \(2,\)"):
        default_collate([torch.zeros(1), torch.zeros(2)])
    with pytest.raises(RuntimeError, match=r"samples of equal length, got lengths \[1, 2\]; pass DataLoader"):
        default_collate([[1], [1, 2]])


def test_a_single_sample_has_its_arrays_converted():
    converted = default_convert(
        {"a": (np.zeros(2), "word"), "b": Point(np.float32(1), 2.5), "c": [np.arange(2)]}
    )

    assert converted["a"][0].tolist() == [0, 0]
    assert converted["a"][1] == "word"
    assert isinstance(converted["a"], list)
    assert isinstance(converted["b"].x, torch.Tensor)
    assert converted["b"].label == 2.5
    assert converted["c"][0].dtype == "int64"
    assert default_convert(np.array("text")).dtype.kind == "U"
