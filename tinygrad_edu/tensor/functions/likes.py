"""New Tensors like one that is there, of its shape and dtype: `zeros_like(x)`, `x.new_zeros(2)`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.devices import placed
from tinygrad_edu.tensor.filled import filled, made, number, sizes_of, strided_array
from tinygrad_edu.tensor.functions.public import public


@public(within="Tensor")
@placed
def new_tensor(self: Data, data: Any, *, dtype: Any = None, requires_grad: bool = False) -> Data:
    """A new Tensor with a copy of `data`, of the dtype of this one."""
    kind = real_dtype("new_tensor", self.dtype if dtype is None else dtype)
    return self.result_kind(data, kind, requires_grad=requires_grad)


def _filled(like: Data, sizes: tuple[int, ...], value: Any, dtype: Any, requires_grad: bool) -> Data:
    """One number in the dtype of `like`, unless another is given."""
    return filled(like.result_kind, sizes, value, like.dtype if dtype is None else dtype, requires_grad)


@public(within="Tensor")
@placed
def new_full(
    self: Data, size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Data:
    """A new Tensor of the shape `size`, filled with one number, of the dtype of this one."""
    value = number("new_full", "fill_value", fill_value)
    return _filled(self, sizes_of("new_full", (size,)), value, dtype, requires_grad)


@public(within="Tensor")
@placed
def new_zeros(self: Data, *size: Any, dtype: Any = None, requires_grad: bool = False) -> Data:
    """A new Tensor of zeros, of the dtype of this one."""
    return _filled(self, sizes_of("new_zeros", size), 0, dtype, requires_grad)


@public(within="Tensor")
@placed
def new_ones(self: Data, *size: Any, dtype: Any = None, requires_grad: bool = False) -> Data:
    """A new Tensor of ones, of the dtype of this one."""
    return _filled(self, sizes_of("new_ones", size), 1, dtype, requires_grad)


@public(within="Tensor")
@placed
def new_empty(self: Data, *size: Any, dtype: Any = None, requires_grad: bool = False) -> Data:
    """A new Tensor to be filled, of the dtype of this one; it holds zeros."""
    return _filled(self, sizes_of("new_empty", size), 0, dtype, requires_grad)


@public(within="Tensor")
@placed
def new_empty_strided(
    self: Data, size: Any, stride: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Data:
    """A new Tensor to be filled, in the given order of memory; it holds zeros."""
    call = "new_empty_strided"
    kind = real_dtype(call, self.dtype if dtype is None else dtype)
    array: np.ndarray = strided_array(call, sizes_of(call, (size,)), stride, kind)
    return made(self.result_kind, array, requires_grad)


@public(method=False)
@placed
def full_like(input: Data, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Data:
    """One number in the shape and dtype of another tensor."""
    value = number("full_like", "fill_value", fill_value)
    return _filled(input, input.shape, value, dtype, requires_grad)


@public(method=False)
@placed
def zeros_like(input: Data, *, dtype: Any = None, requires_grad: bool = False) -> Data:
    """Zeros in the shape and dtype of another tensor."""
    return _filled(input, input.shape, 0, dtype, requires_grad)


@public(method=False)
@placed
def ones_like(input: Data, *, dtype: Any = None, requires_grad: bool = False) -> Data:
    """Ones in the shape and dtype of another tensor."""
    return _filled(input, input.shape, 1, dtype, requires_grad)


@public(method=False)
@placed
def empty_like(input: Data, *, dtype: Any = None, requires_grad: bool = False) -> Data:
    """A Tensor to be filled, in the shape and dtype of another; it holds zeros."""
    return _filled(input, input.shape, 0, dtype, requires_grad)
