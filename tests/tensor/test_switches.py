"""Switches that change no result, and versions."""

from __future__ import annotations

import pytest

import tinygrad_edu as torch
from tinygrad_edu.tensor.torch_version import VERSION, TorchVersion


def test_switches_are_remembered():
    torch.use_deterministic_algorithms(True, warn_only=True)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)

    assert torch.are_deterministic_algorithms_enabled()
    assert torch.is_deterministic_algorithms_warn_only_enabled()
    assert torch.get_num_threads() == 1
    assert torch.set_flush_denormal(True) is False
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


@pytest.mark.parametrize("count", [0, 1.5])
def test_a_number_of_threads_is_a_whole_number_from_1(count):
    with pytest.raises(ValueError, match=f"set_num_threads needs a number of threads from 1, got {count}"):
        torch.set_num_threads(count)


@pytest.mark.parametrize("kind", [torch.FloatTensor, "torch.FloatTensor"])
def test_the_default_dtype_by_a_class_of_tensors(kind):
    try:
        torch.set_default_tensor_type(kind)
        assert torch.ones(2).dtype == torch.float32
    finally:
        torch.set_default_dtype(torch.float64)
    with pytest.raises(TypeError, match=r"needs a class such as torch\.DoubleTensor"):
        torch.set_default_tensor_type(torch.float32)


def test_the_name_of_a_type():
    assert torch.typename(torch.ones(2)) == "torch.DoubleTensor"
    assert torch.typename(3) == "int"
    assert torch.typename(torch.nn.Linear(1, 1)).endswith("linear.Linear")


@pytest.mark.parametrize("lower", ["2.9", "1.13.1", (2, 1), "2.12.9+cpu", "0.4"])
def test_versions_are_compared_number_by_number(lower):
    assert lower < VERSION
    assert not lower >= VERSION


@pytest.mark.parametrize("higher", ["2.14", "10.0", (3,), "2.13.1"])
def test_a_later_version_is_greater(higher):
    assert higher > VERSION
    assert not higher <= VERSION


def test_a_version_is_a_string():
    assert VERSION.split(".")[:2] == ["2", "13"]
    assert TorchVersion("2.0") >= "2"
    assert {VERSION: 1}["2.13.0+tinygrad.edu"] == 1
