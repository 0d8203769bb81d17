"""Dtypes as words, their limits, and tensors of one dtype under their old names."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as te
from tinygrad_edu import Tensor, tensor


def test_every_dtype_has_pytorchs_names():
    pairs = [(te.float, te.float32), (te.double, te.float64), (te.half, te.float16), (te.int, te.int32)]
    pairs += [(te.long, te.int64), (te.short, te.int16)]

    assert all(short is long for short, long in pairs)
    assert [te.int8, te.uint8, te.bool] == ["int8", "uint8", "bool"]
    assert isinstance(te.float32, te.dtype)
    assert tensor([1.0]).float().dtype == te.float32


def test_limits_are_pythons_numbers():
    single, byte = te.finfo(te.float32), te.iinfo(te.int8)

    assert (single.eps, single.bits, single.max) == (2.0**-23, 32, float(np.finfo(np.float32).max))
    assert {type(x) for name, x in vars(single).items() if name not in ("bits", "dtype")} == {float}
    assert single.tiny == single.smallest_normal == 2.0**-126
    assert te.finfo().dtype == "float64"
    assert (byte.min, byte.max, byte.bits, byte.dtype) == (-128, 127, 8, "int8")
    assert repr(byte) == "iinfo(min=-128, max=127, dtype=int8)"
    assert repr(single).startswith(
        "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07"
    )


def test_constants():
    assert (te.pi, te.e, te.inf) == (np.pi, np.e, np.inf)
    assert np.isnan(te.nan)
    assert te.ones(2)[te.newaxis].shape == (1, 2)


def test_the_type_of_a_tensor_as_a_text():
    assert [te.ones(1).type(), te.ones(1).float().type()] == ["torch.DoubleTensor", "torch.FloatTensor"]
    assert tensor(np.ones(1, "uint16")).type() == "torch.uint16"
    assert te.ones(1).type("torch.LongTensor").dtype == te.int64
    assert te.ones(1).type(te.IntTensor).dtype == te.int32
    with pytest.raises(TypeError, match=r"to needs a dtype such as float or np.int64, got 'torch.XTensor'"):
        te.ones(1).type("torch.XTensor")


def test_tensors_of_one_dtype():
    assert te.FloatTensor([1, 2]).dtype == te.float32
    assert te.LongTensor([1.7, -2.7]).tolist() == [1, -2]
    assert te.ByteTensor(2, 3).shape == (2, 3)
    assert te.BoolTensor().shape == (0,)
    assert isinstance(te.ones(2), te.DoubleTensor)
    assert not isinstance(te.ones(2), te.FloatTensor)
    assert not isinstance(np.ones(2), te.DoubleTensor)


# Lists of numbers with dtypes of their own.

LISTS = [
    ([True, 2], "int64", [1, 2]),
    ([True, 2.5], "float64", [1, 2.5]),
    ([1, np.float32(2)], "float32", [1, 2]),
    ([np.float32(2), 1.5], "float64", [2, 1.5]),
    ([np.int32(1), np.int32(2)], "int32", [1, 2]),
    ([np.int32(1), 2], "int64", [1, 2]),
    ([tensor(1.0).float(), 2], "float32", [1, 2]),
    ([tensor([[7]]).int(), np.int8(1)], "int32", [7, 1]),
    ([[tensor(1.0), 2], [3, 4.5]], "float64", [[1, 2], [3, 4.5]]),
    ([np.ones(2, "float32"), np.zeros(2, "float32")], "float32", [[1, 1], [0, 0]]),
    ([], "float64", []),
]


@pytest.mark.parametrize(("data", "dtype", "expected"), LISTS, ids=str)
def test_the_widest_dtype_in_a_list_counts(data, dtype, expected):
    made = tensor(data)

    assert (made.dtype, made.tolist()) == (dtype, expected)


def test_tensors_of_one_number_become_that_number():
    assert tensor([tensor([1.0]), tensor(2.0)]).tolist() == [1, 2]
    with pytest.raises(
        ValueError, match=r"takes Tensors of one number in a list, got one of shape \(2,\); use stack"
    ):
        tensor([te.ones(2), te.ones(2)])
    with pytest.raises(TypeError, match="the graph of a Tensor in the list would be lost; use stack"):
        tensor([[Tensor(1.0, requires_grad=True)]])


def test_the_default_dtype_is_that_of_plain_floats_only():
    te.set_default_dtype(te.float32)
    try:
        made = [tensor([1.5]), tensor([np.float64(1.5)]), tensor([np.float64(1.5), 2.5])]
    finally:
        te.set_default_dtype(te.float64)

    assert [x.dtype for x in made] == [te.float32, te.float64, te.float64]


@pytest.mark.parametrize(
    ("data", "dtype"), [(300, "uint8"), ([2**40], "int32"), ([300.7], "uint8"), (2**63, None)]
)
def test_numbers_that_do_not_fit_are_refused(data, dtype):
    with pytest.raises(ValueError, match=r"tensor needs numbers from -\d+ to \d+ for u?int"):
        tensor(data, dtype=dtype)


def test_negative_numbers_count_from_the_end_of_unsigned_ones():
    assert tensor([-1], dtype=te.uint8).tolist() == [255]
