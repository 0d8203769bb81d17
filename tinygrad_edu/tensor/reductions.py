"""The methods of Tensor that make many numbers into one: sum, mean, max, softmax and their kin.

Dimensions are `dim` and `keepdim`; NumPy's `axis` and `keepdims` are understood too.
"""

from __future__ import annotations

import builtins
import math
from typing import Any, overload

import numpy as np

from tinygrad_edu.hints.warnings import NotFiniteWarning, warn
from tinygrad_edu.ops import elementwise, reduce, softmax
from tinygrad_edu.tensor.arguments import Dim, all_dims, in_float32, numpy_names, one_dim
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.functions.reshaping import reshape
from tinygrad_edu.tensor.matrices_and_comparisons import Operators
from tinygrad_edu.tensor.pair import ValuesAndIndices
from tinygrad_edu.tensor.shaping import Shaping


class Reductions(Operators[R], Shaping[R]):
    """The methods that combine the numbers along a dimension, or all of them."""

    def sum(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False) -> R:
        """The sum, of all or over `dim`."""
        dims = all_dims("sum", _either("sum", dim, axis), self.ndim)
        return reduce.sum(self, dims=dims, keepdim=keepdim or keepdims)

    def mean(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False) -> R:
        """The average, of all or over `dim`; nan for no numbers."""
        dims = all_dims("mean", _either("mean", dim, axis), self.ndim)
        result = reduce.mean(self, dims=dims, keepdim=keepdim or keepdims)
        if 0 in self.shape and 0 not in result.shape:
            warn(NotFiniteWarning, f"the mean of no numbers is nan: the tensor has shape {self.shape}")
        return result

    @numpy_names
    @in_float32
    def var(
        self,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float = 1,
    ) -> R:
        """The mean squared distance from the mean, divided by n - correction instead of n (PyTorch's default, 1).

        `unbiased=False` is `correction=0`; `x.var(False)` means that, too.
        """
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        dims = all_dims("var", dim, self.ndim)
        count = math.prod(n for i, n in enumerate(self.shape) if dims is None or i in dims)
        distance = self - reduce.mean(self, dims=dims, keepdim=True)
        total = reduce.sum(distance * distance, dims=dims, keepdim=keepdim)
        return reduce.divided(
            total, builtins.max(count - (correction if unbiased is None else int(unbiased)), 0)
        )

    @numpy_names
    @in_float32
    def std(
        self,
        dim: Any = None,
        unbiased: bool | None = None,
        keepdim: bool = False,
        *,
        correction: float = 1,
    ) -> R:
        """The square root of `var`; its gradient at equal numbers, where there is none, is taken as 0."""
        return elementwise.root(self.var(dim, unbiased, keepdim, correction=correction))

    @numpy_names
    def any(self, dim: Dim = None, keepdim: bool = False) -> R:
        """True if one of the numbers is not 0, of all or over `dim`."""
        return reduce.any(self, dims=all_dims("any", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def all(self, dim: Dim = None, keepdim: bool = False) -> R:
        """True if none of the numbers is 0, of all or over `dim`."""
        return reduce.all(self, dims=all_dims("all", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def amax(self, dim: Dim = None, keepdim: bool = False) -> R:
        """The greatest, of all or over `dim`; equal ones share the gradient evenly."""
        return reduce.amax(self, dims=all_dims("amax", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def amin(self, dim: Dim = None, keepdim: bool = False) -> R:
        """The smallest, of all or over `dim`; equal ones share the gradient evenly."""
        return reduce.amin(self, dims=all_dims("amin", dim, self.ndim), keepdim=keepdim)

    @overload
    def max(
        self, dim: R | np.ndarray | None = None, keepdim: bool = False, *, keepdims: bool = False
    ) -> R: ...
    @overload
    def max(
        self, dim: int = ..., keepdim: bool = False, *, axis: int = ..., keepdims: bool = False
    ) -> ValuesAndIndices[R]: ...
    def max(self, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False) -> Any:
        """`x.max()`: the greatest. `x.max(dim)`: (values, indices), the first of equals. `x.max(other)`: maximum.

        `axis` is `dim`, so that `x.max(axis=1)` is a pair, too; `x.amax(axis=1)` are the values, as `np.max(x, 1)`.
        """
        return self._extreme("max", _either("max", dim, axis), keepdim or keepdims)

    @overload
    def min(
        self, dim: R | np.ndarray | None = None, keepdim: bool = False, *, keepdims: bool = False
    ) -> R: ...
    @overload
    def min(
        self, dim: int = ..., keepdim: bool = False, *, axis: int = ..., keepdims: bool = False
    ) -> ValuesAndIndices[R]: ...
    def min(self, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False) -> Any:
        """`x.min()`: the smallest. `x.min(dim)`: (values, indices), the first of equals. `x.min(other)`: minimum.

        `axis` is `dim`, so that `x.min(axis=1)` is a pair, too; `x.amin(axis=1)` are the values, as `np.min(x, 1)`.
        """
        return self._extreme("min", _either("min", dim, axis), keepdim or keepdims)

    def _extreme(self, call: str, dim: Any, keepdim: bool) -> Any:
        where, most, of_two = _EXTREMES[call]
        if dim is None:
            return most(self, dims=None, keepdim=keepdim)
        if hasattr(dim, "shape"):
            return of_two(self, dim)
        if isinstance(dim, list | tuple):
            raise TypeError(
                f"{call} needs one dim, got {dim}; use a{call}({dim}) for the values over several"
            )
        dim = one_dim(call, dim, self.ndim)
        indices = where(self, dim=dim, keepdim=True) if self.ndim else where(self, dim=None, keepdim=False)
        values: Any = self.gather(dim, indices) if self.ndim else reshape(self, ())
        pair = (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))
        return ValuesAndIndices(*pair)

    @numpy_names
    def argmax(self, dim: int | None = None, keepdim: bool = False) -> R:
        """The index of the greatest, the first of equals; counted through all numbers if `dim` is None."""
        return reduce.argmax(
            self, dim=None if dim is None else one_dim("argmax", dim, self.ndim), keepdim=keepdim
        )

    @numpy_names
    def argmin(self, dim: int | None = None, keepdim: bool = False) -> R:
        """The index of the smallest, the first of equals; counted through all numbers if `dim` is None."""
        return reduce.argmin(
            self, dim=None if dim is None else one_dim("argmin", dim, self.ndim), keepdim=keepdim
        )

    @numpy_names
    @in_float32
    def logsumexp(self, dim: Dim, keepdim: bool = False) -> R:
        """log(sum(exp(x))) over `dim`, without overflow."""
        return softmax.logsumexp(self, dims=all_dims("logsumexp", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    @in_float32
    def softmax(self, dim: int) -> R:
        """exp(x) / sum(exp(x)) along `dim`, without overflow."""
        return softmax.softmax(self, dim=one_dim("softmax", dim, self.ndim))

    @numpy_names
    @in_float32
    def log_softmax(self, dim: int) -> R:
        """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
        return softmax.log_softmax(self, dim=one_dim("log_softmax", dim, self.ndim))


def _either(call: str, dim: Any, axis: Any) -> Any:
    """The one of two names for the same that was given, for methods that are called too often for `numpy_names`."""
    if axis is None:
        return dim
    if dim is not None:
        raise TypeError(f"{call} needs dim or axis, got both")
    return axis


# The operations that find the place of the extreme number, the number itself, and that of two.
_EXTREMES: dict[str, tuple[Any, Any, Any]] = {
    "max": (reduce.argmax, reduce.amax, elementwise.maximum),
    "min": (reduce.argmin, reduce.amin, elementwise.minimum),
}
