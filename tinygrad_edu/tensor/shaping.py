"""Transposes as attributes, and the picking of elements: `x.T`, `x[i]`, gather."""

from __future__ import annotations

from collections.abc import Iterator
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import index, shape
from tinygrad_edu.tensor.arguments import check_index, clean_index, one_dim
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.functions.transposing import transpose


class Shaping(Tracer, Generic[R]):
    """The transposes as attributes, and the methods that pick elements."""

    if TYPE_CHECKING:

        @property
        def ndim(self) -> int: ...
        @property
        def shape(self) -> tuple[int, ...]: ...

    @property
    def T(self) -> R:  # noqa: N802 - everybody's name
        """The dimensions in reverse order: the transpose of a matrix."""
        return shape.permute(self, dims=tuple(range(self.ndim))[::-1])

    @property
    def mT(self) -> R:  # noqa: N802 - everybody's name
        """The last two dimensions exchanged: each matrix of a stack transposed."""
        if self.ndim < 2:
            raise ValueError(f"mT needs a matrix or a stack of them, got shape {self.shape}; use T")
        return transpose(self, -2, -1)

    @property
    def H(self) -> R:  # noqa: N802 - everybody's name
        """The transpose of a matrix, which for real numbers is all."""
        if self.ndim not in (0, 2):
            raise ValueError(f"H needs a matrix, got shape {self.shape}; use mH for a stack of them")
        return self.T

    mH = mT  # noqa: N815 - of real numbers

    def gather(self, dim: int, index: Any) -> R:
        """`y[i][j] = x[index[i][j]][j]` for dim 0, and so on."""
        dim = one_dim("gather", dim, self.ndim)
        picks: Any = index if isinstance(index, Variable) else np.asarray(index)
        if picks.ndim != self.ndim or picks.dtype.kind not in "iu":
            raise ValueError(
                f"gather needs whole numbers in {self.ndim} dimensions, got {picks.dtype} of shape {picks.shape}"
            )
        _check_range(picks, self.shape[dim] if self.ndim else 1)
        grid = np.ogrid[tuple(slice(n) for n in picks.shape)]
        return self[tuple(picks if i == dim else axis for i, axis in enumerate(grid))]

    def __getitem__(self, key: Any) -> R:
        arrays, place = marked_index(key)
        return index.take(self, *arrays, index=place)

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


def marked_index(key: Any) -> tuple[tuple[Variable, ...], Any]:
    """The Tensors in an index, and the index with `ARRAY` in their place: what is computed is an input."""
    parts = key if isinstance(key, tuple) else (key,)
    arrays = tuple(part for part in parts if isinstance(part, Variable))
    for part in arrays:
        check_index(part)
    marked = tuple(index.ARRAY if isinstance(part, Variable) else clean_index(part) for part in parts)
    return arrays, marked if isinstance(key, tuple) else marked[0]


def _check_range(picks: Any, size: int) -> None:
    """Raise `IndexError` if an index of `gather` is not from 0 to size - 1."""
    numbers = getattr(picks, "raw", picks)
    if numbers.size and not (numbers.min() >= 0 and numbers.max() < size):
        low, high = numbers.min(), numbers.max()
        raise IndexError(
            f"gather needs indices from 0 to {size - 1}, got {low} to {high}; count from the front"
        )
