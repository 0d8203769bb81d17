"""New Tensors of the dtype of one that is there: `x.new_zeros(2, 3)`, `x.new_tensor([1, 2])`."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.filled import filled, number, placed, sizes_of
from tinygrad_edu.tensor.functions.public import public


@public(within="Tensor")
@placed
def new_tensor(self: Data, data: Any, *, dtype: Any = None) -> Data:
    """A new Tensor with a copy of `data`, of the dtype of this one."""
    return self.result_kind(data, real_dtype("new_tensor", dtype or self.dtype))


@public(within="Tensor")
@placed
def new_full(self: Data, size: Any, fill_value: Any, *, dtype: Any = None) -> Data:
    """A new Tensor of the shape `size`, filled with one number, of the dtype of this one."""
    value = number("new_full", "fill_value", fill_value)
    return filled(self.result_kind, sizes_of("new_full", (size,)), value, dtype or self.dtype)


@public(within="Tensor")
@placed
def new_zeros(self: Data, *size: Any, dtype: Any = None) -> Data:
    """A new Tensor of zeros, of the dtype of this one."""
    return filled(self.result_kind, sizes_of("new_zeros", size), 0, dtype or self.dtype)


@public(within="Tensor")
@placed
def new_ones(self: Data, *size: Any, dtype: Any = None) -> Data:
    """A new Tensor of ones, of the dtype of this one."""
    return filled(self.result_kind, sizes_of("new_ones", size), 1, dtype or self.dtype)


@public(within="Tensor")
@placed
def new_empty(self: Data, *size: Any, dtype: Any = None) -> Data:
    """A new Tensor to be filled, of the dtype of this one; it holds zeros."""
    return filled(self.result_kind, sizes_of("new_empty", size), 0, dtype or self.dtype)
