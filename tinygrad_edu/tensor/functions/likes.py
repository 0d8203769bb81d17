"""New Tensors like one that is there, of its dtype and perhaps its shape: `zeros_like(x)`, `x.new_zeros(2)`."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.filled import filled, number, placed, sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.strides import as_strided


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


@public(method=False)
@placed
def full_like(input: Data, fill_value: Any, *, dtype: Any = None) -> Data:
    """One number in the shape and dtype of another tensor."""
    value = number("full_like", "fill_value", fill_value)
    return filled(input.result_kind, input.shape, value, dtype or input.dtype)


def _family(name: str, value: int, text: str) -> None:
    """Make `zeros_like(x)` and `x.new_zeros(2, 3)` public, whose numbers are all the same."""

    def like(input: Data, *, dtype: Any = None) -> Data:
        return filled(input.result_kind, input.shape, value, dtype or input.dtype)

    def new(self: Data, *size: Any, dtype: Any = None) -> Data:
        return filled(self.result_kind, sizes_of(new.__name__, size), value, dtype or self.dtype)

    like.__name__, like.__doc__ = f"{name}_like", f"{text} in the shape and dtype of another tensor."
    new.__name__, new.__doc__ = (
        f"new_{name}",
        f"{text} in a new Tensor of these sizes, of the dtype of this one.",
    )
    public(method=False)(placed(like))
    public(within="Tensor")(placed(new))


_family("zeros", 0, "Zeros")
_family("ones", 1, "Ones")
_family("empty", 0, "Numbers to be overwritten (zeros)")


@public(within="Tensor")
@placed
def new_empty_strided(self: Data, size: Any, stride: Any, *, dtype: Any = None) -> Data:
    """A new Tensor of zeros to be overwritten, in the given order of memory, of the dtype of this one."""
    return strided(self.result_kind, "new_empty_strided", size, stride, dtype or self.dtype)


def strided(kind: Any, call: str, size: Any, stride: Any, dtype: Any) -> Data:
    """Zeros that lie in memory with the given strides, counted in numbers."""
    sizes, steps = sizes_of(call, (size,)), sizes_of(call, (stride,))
    span = 1 + sum((n - 1) * step for n, step in zip(sizes, steps)) if 0 not in sizes else 0
    return as_strided(filled(kind, (span,), 0, dtype), sizes, steps)
