"""Transposes as attributes, and the picking of elements: `x.T`, `x[i]`."""

from __future__ import annotations

from collections.abc import Iterator
from reprlib import repr as short
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import index, shape
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.functions.reshaping import transpose
from tinygrad_edu.tensor.indexing import numpy_indices


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

    def __getitem__(self, key: Any) -> R:
        result: Any = self
        for arrays, place in numpy_indices(key, self.ndim):
            result = index.take(result, *arrays, index=place)
        return result

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len needs at least one dimension, but the tensor is a single number; use item()")
        return self.shape[0]

    def __iter__(self) -> Iterator[R]:
        return map(self.__getitem__, range(len(self)))

    def __contains__(self, number: Any) -> bool:
        if not isinstance(number, Variable) and np.asarray(number).dtype.kind not in "biuf":
            raise TypeError(f"a tensor contains numbers only, not {type(number).__name__} {short(number)}")
        return bool((self == number).any())
