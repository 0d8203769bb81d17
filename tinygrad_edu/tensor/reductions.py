"""The methods of Tensor that make many numbers into one: sum, mean, max, softmax and their kin.

Dimensions are `dim` and `keepdim`; NumPy's `axis` and `keepdims` are understood too.
"""

from __future__ import annotations

import builtins
import math
from typing import Any, Generic, NamedTuple

from tinygrad_edu.ops import elementwise, reduce
from tinygrad_edu.tensor.arguments import Dim, all_dims, numpy_names, one_dim
from tinygrad_edu.tensor.arithmetic import R
from tinygrad_edu.tensor.matrices_and_comparisons import Operators
from tinygrad_edu.tensor.shaping import Shaping


class Extreme(NamedTuple, Generic[R]):
    """What `x.max(dim)` and `x.min(dim)` return."""

    values: R
    indices: R


class Reductions(Operators[R], Shaping[R]):
    """What combines the numbers along a dimension, or all of them."""

    def sum(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False) -> R:
        """The sum, of all or over `dim`."""
        dims = all_dims("sum", axis if dim is None else dim, self.ndim)
        return reduce.sum(self, dims=dims, keepdim=keepdim or keepdims)

    def mean(self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False) -> R:
        """The average, of all or over `dim`."""
        dims = all_dims("mean", axis if dim is None else dim, self.ndim)
        return reduce.mean(self, dims=dims, keepdim=keepdim or keepdims)

    @numpy_names
    def var(
        self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False, unbiased: bool | None = None
    ) -> R:
        """The mean squared distance from the mean, divided by n - correction instead of n (PyTorch's default, 1)."""
        dims = all_dims("var", dim, self.ndim)
        count = math.prod(n for i, n in enumerate(self.shape) if dims is None or i in dims)
        distance = self - reduce.mean(self, dims=dims, keepdim=True)
        total = reduce.sum(distance * distance, dims=dims, keepdim=keepdim)
        return total / builtins.max(count - (correction if unbiased is None else int(unbiased)), 0)

    @numpy_names
    def std(
        self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False, unbiased: bool | None = None
    ) -> R:
        """The square root of `var`."""
        return elementwise.sqrt(self.var(dim, correction=correction, keepdim=keepdim, unbiased=unbiased))

    @numpy_names
    def amax(self, dim: Dim = None, keepdim: bool = False) -> R:
        """The greatest, of all or over `dim`; equal ones share the gradient evenly."""
        return reduce.amax(self, dims=all_dims("amax", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def amin(self, dim: Dim = None, keepdim: bool = False) -> R:
        """The smallest, of all or over `dim`; equal ones share the gradient evenly."""
        return reduce.amin(self, dims=all_dims("amin", dim, self.ndim), keepdim=keepdim)

    def max(self, dim: Any = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False) -> Any:
        """`x.max()`: the greatest. `x.max(dim)`: (values, indices), the first of equals. `x.max(other)`: maximum."""
        if dim is None:
            return reduce.amax(self, dims=all_dims("max", axis, self.ndim), keepdim=keepdim or keepdims)
        if hasattr(dim, "shape"):
            return self.maximum(dim)
        return self._extreme("max", reduce.argmax, dim, keepdim or keepdims)

    def min(self, dim: Any = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False) -> Any:
        """`x.min()`: the smallest. `x.min(dim)`: (values, indices), the first of equals. `x.min(other)`: minimum."""
        if dim is None:
            return reduce.amin(self, dims=all_dims("min", axis, self.ndim), keepdim=keepdim or keepdims)
        if hasattr(dim, "shape"):
            return self.minimum(dim)
        return self._extreme("min", reduce.argmin, dim, keepdim or keepdims)

    def _extreme(self, call: str, where: Any, dim: Any, keepdim: bool) -> Extreme[R]:
        dim = one_dim(call, dim, self.ndim)
        indices = where(self, dim=dim, keepdim=True) if self.ndim else where(self, dim=None, keepdim=False)
        values: Any = self.gather(dim, indices) if self.ndim else self.reshape(())
        return Extreme(values, indices) if keepdim else Extreme(values.squeeze(dim), indices.squeeze(dim))

    @numpy_names
    def argmax(self, dim: int | None = None, keepdim: bool = False) -> R:
        """Where the greatest is, the first of equals; counted through all numbers if `dim` is None."""
        return reduce.argmax(
            self, dim=None if dim is None else one_dim("argmax", dim, self.ndim), keepdim=keepdim
        )

    @numpy_names
    def argmin(self, dim: int | None = None, keepdim: bool = False) -> R:
        """Where the smallest is, the first of equals; counted through all numbers if `dim` is None."""
        return reduce.argmin(
            self, dim=None if dim is None else one_dim("argmin", dim, self.ndim), keepdim=keepdim
        )

    @numpy_names
    def logsumexp(self, dim: Dim, keepdim: bool = False) -> R:
        """log(sum(exp(x))) over `dim`, without overflow."""
        return reduce.logsumexp(self, dims=all_dims("logsumexp", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def softmax(self, dim: int) -> R:
        """exp(x) / sum(exp(x)) along `dim`, without overflow."""
        return reduce.softmax(self, dim=one_dim("softmax", dim, self.ndim))

    @numpy_names
    def log_softmax(self, dim: int) -> R:
        """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
        return reduce.log_softmax(self, dim=one_dim("log_softmax", dim, self.ndim))
