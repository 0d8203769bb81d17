"""New Tensors from numbers, and of one number: `as_tensor`, `zeros`, `ones`, `full`, `eye`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import get_default_dtype, real_dtype
from tinygrad_edu.tensor.devices import check_device, placed
from tinygrad_edu.tensor.filled import filled, made, number, sizes_of, strided_array
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.tensor.vocabulary import word


@word
def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A new Tensor with a copy of an array (PyTorch shares the memory; a copy cannot be changed behind our back)."""
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, got {type(ndarray).__name__}; use tensor(...)")
    return Tensor(ndarray)


@public(method=False)
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """A Tensor itself, cast if `dtype` is another; numbers, lists and arrays become a new Tensor."""
    if not isinstance(data, Tensor):
        return tensor(data, dtype=dtype, device=device)
    check_device("as_tensor", device)
    return data if dtype is None else data.to(dtype)


@public(method=False)
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """`as_tensor`, with a copy if `copy`; outside the graph unless `requires_grad`."""
    x = as_tensor(obj, dtype, device)
    if copy is False and not (isinstance(obj, Tensor) and x is obj):
        raise ValueError("asarray copies what comes from outside or has another dtype; leave copy=False out")
    x = x.clone() if copy and x is obj else x
    if requires_grad and not x.requires_grad:
        return x.requires_grad_()
    return x if requires_grad or not x.requires_grad else x.detach()


def _default(dtype: Any) -> Any:
    return get_default_dtype() if dtype is None else dtype


@public(method=False)
@placed
def scalar_tensor(s: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of one number and no dimension, a float unless `dtype` says otherwise."""
    return filled(Tensor, (), number("scalar_tensor", "s", s), _default(dtype), requires_grad)


@public(method=False)
@placed
def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return filled(Tensor, sizes_of("zeros", size), 0, _default(dtype), requires_grad)


@public(method=False)
@placed
def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of ones."""
    return filled(Tensor, sizes_of("ones", size), 1, _default(dtype), requires_grad)


@public(method=False)
@placed
def empty(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor to be filled. It holds zeros; that of PyTorch holds whatever was in the memory."""
    return filled(Tensor, sizes_of("empty", size), 0, _default(dtype), requires_grad)


@public(method=False)
@placed
def full(size: Any, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor filled with one number, of the dtype that the number has."""
    value = number("full", "fill_value", fill_value)
    return filled(Tensor, sizes_of("full", (size,)), value, dtype, requires_grad)


@public(method=False)
@placed
def empty_strided(size: Any, stride: Any, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the given order of memory: `stride` says how far the next number along each dimension is."""
    kind = real_dtype("empty_strided", _default(dtype))
    sizes = sizes_of("empty_strided", (size,))
    return made(Tensor, strided_array("empty_strided", sizes, stride, kind), requires_grad)


@public(method=False)
@placed
def empty_permuted(
    size: Any, physical_layout: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros whose dimensions lie in memory in the order `physical_layout`, the outermost first."""
    sizes, order = sizes_of("empty_permuted", (size,)), tuple(physical_layout)
    if sorted(order) != list(range(len(sizes))):
        raise ValueError(f"empty_permuted needs each of {len(sizes)} dimensions once, got {order}")
    array = np.zeros([sizes[i] for i in order], real_dtype("empty_permuted", _default(dtype)))
    return made(Tensor, array.transpose(np.argsort(order)), requires_grad)


@public(method=False)
@placed
def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal of an n x m matrix (n x n if m is left out), zeros elsewhere."""
    rows, columns = sizes_of("eye", (n, n if m is None else m))
    return made(Tensor, np.eye(rows, columns, dtype=real_dtype("eye", _default(dtype))), requires_grad)
