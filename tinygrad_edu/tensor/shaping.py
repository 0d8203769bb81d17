"""The methods of Tensor that only move numbers: reshape, transpose, index; and cat and stack."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import index, shape
from tinygrad_edu.tensor.arguments import Dim, all_dims, one_dim, whole_shape
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.indexing import numpy_indices


class Shaping(Tracer, Generic[R]):
    """The methods that put the same numbers into another shape, or pick some of them."""

    if TYPE_CHECKING:

        @property
        def ndim(self) -> int: ...
        @property
        def shape(self) -> tuple[int, ...]: ...

    def reshape(self, *sizes: Any) -> R:
        """The same numbers in another shape; one size may be -1."""
        return shape.reshape(self, shape=whole_shape(sizes, "reshape"))

    def view(self, *sizes: Any) -> R:
        """The same numbers in another shape, as `reshape` gives them."""
        return shape.reshape(self, shape=whole_shape(sizes, "view"))

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> R:
        """The dimensions from `start_dim` to `end_dim` as one."""
        if self.ndim == 0:
            return self.reshape(1)
        start, end = one_dim("flatten", start_dim, self.ndim), one_dim("flatten", end_dim, self.ndim)
        if start > end:
            raise ValueError(f"flatten needs start_dim before end_dim, got {start_dim} and {end_dim}")
        size = math.prod(self.shape[start : end + 1])
        return self.reshape((*self.shape[:start], size, *self.shape[end + 1 :]))

    def permute(self, *dims: Any) -> R:
        """The dimensions in another order."""
        dims = whole_shape(dims, "permute")
        order = all_dims("permute", dims, self.ndim) or ()
        if len(order) != self.ndim:
            raise ValueError(f"permute needs all {self.ndim} dimensions, got {dims}")
        return shape.permute(self, dims=order)

    def transpose(self, dim0: int, dim1: int) -> R:
        """Two dimensions exchanged."""
        first, second = one_dim("transpose", dim0, self.ndim), one_dim("transpose", dim1, self.ndim)
        dims = list(range(self.ndim))
        if dims:
            dims[first], dims[second] = second, first
        return shape.permute(self, dims=tuple(dims))

    swapaxes = transpose  # NumPy's name

    @property
    def T(self) -> R:  # noqa: N802 - everybody's name
        """The dimensions in reverse order: the transpose of a matrix."""
        return shape.permute(self, dims=tuple(range(self.ndim))[::-1])

    @property
    def mT(self) -> R:  # noqa: N802 - everybody's name
        """The last two dimensions exchanged: each matrix of a stack transposed."""
        return self.transpose(-2, -1)

    def t(self) -> R:
        """The transpose of a matrix; a vector stays as it is."""
        if self.ndim > 2:
            raise ValueError(f"t needs a matrix or a vector, got shape {self.shape}; use mT or transpose")
        return self.T

    def squeeze(self, dim: Dim = None) -> R:
        """Without the dimensions of size 1, all of them or those of `dim`."""
        dims = range(self.ndim) if dim is None else all_dims("squeeze", dim, self.ndim) or ()
        return self.reshape(tuple(n for i, n in enumerate(self.shape) if n != 1 or i not in dims))

    def unsqueeze(self, dim: int) -> R:
        """With a new dimension of size 1 at `dim`."""
        where = one_dim("unsqueeze", dim, self.ndim + 1)
        return self.reshape((*self.shape[:where], 1, *self.shape[where:]))

    def expand(self, *sizes: Any) -> R:
        """Repeated along dimensions of size 1, and new ones in front, without copying; -1 keeps a size."""
        sizes = whole_shape(sizes, "expand")
        extra = len(sizes) - self.ndim
        full = tuple(self.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(sizes))
        return shape.expand(self, shape=full)

    def __getitem__(self, key: Any) -> R:
        result: Any = self
        for arrays, place in numpy_indices(key, self.ndim):
            result = index.take(result, *arrays, index=place)
        return result

    def __iter__(self) -> Iterator[R]:
        if self.ndim == 0:
            raise TypeError(
                "iteration needs at least one dimension, but the tensor is a single number; use item()"
            )
        return (self[i] for i in range(len(self)))

    def __contains__(self, number: Any) -> bool:
        if not isinstance(number, Variable) and np.asarray(number).dtype.kind not in "biuf":
            raise TypeError(f"a tensor contains numbers only, not {type(number).__name__} {short(number)}")
        return bool((self == number).any())

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len needs at least one dimension, but the tensor is a single number; use item()")
        return self.shape[0]


def cat(tensors: Sequence[Any], dim: int = 0) -> Any:
    """The tensors one after the other along `dim`; their other sizes must be equal."""
    parts = _several("cat", tensors)
    if any(part.ndim != 1 for part in parts):  # PyTorch takes an empty vector beside anything
        parts = [part for part in parts if part.shape != (0,)]
    return shape.cat(*parts, dim=one_dim("cat", dim, parts[0].ndim))


def stack(tensors: Sequence[Any], dim: int = 0) -> Any:
    """The tensors, all of one shape, side by side along a new dimension `dim`."""
    parts = _several("stack", tensors)
    sizes = parts[0].shape
    if any(part.shape != sizes for part in parts):
        raise ValueError(
            f"stack needs tensors of one shape, got {', '.join(str(part.shape) for part in parts)}"
        )
    where = one_dim("stack", dim, len(sizes) + 1)
    longer = (*sizes[:where], 1, *sizes[where:])
    return shape.cat(*(shape.reshape(part, shape=longer) for part in parts), dim=where)


def _several(call: str, tensors: Sequence[Any]) -> list[Any]:
    parts = list(tensors)
    if not any(isinstance(part, Variable) for part in parts):
        raise TypeError(f"{call} needs a list with at least one Tensor, got {short(parts)}")
    if not all(isinstance(part, Variable | np.ndarray | list | tuple) for part in parts):
        raise TypeError(f"{call} needs Tensors and arrays, got {short(parts)}; write a number x as tensor(x)")
    return [np.asarray(part) if isinstance(part, list | tuple) else part for part in parts]
