"""The operators and PyTorch-named methods of Tensor, each a line or two over the operations.

Dimensions are `dim` and `keepdim`; NumPy's `axis` and `keepdims` are understood too.
"""

from __future__ import annotations

import builtins
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import numpy as np

from tinygrad_edu.notation import short
from tinygrad_edu.operation import Traced
from tinygrad_edu.ops import elementwise, index, linalg, reduce, shape

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor

Dim = int | Sequence[int] | None
F = TypeVar("F", bound=Callable[..., Any])


def numpy_names(method: F) -> F:
    """Let a method that takes `dim` and `keepdim` also understand `axis` and `keepdims`."""

    @functools.wraps(method)
    def call(*args: Any, **options: Any) -> Any:
        for numpys, ours in (("axis", "dim"), ("keepdims", "keepdim")):
            if numpys in options:
                if ours in options:
                    raise TypeError(f"{method.__name__} needs {ours} or {numpys}, got both")
                options[ours] = options.pop(numpys)
        return method(*args, **options)

    return call  # type: ignore[return-value]


class Extreme(NamedTuple):
    """What `x.max(dim)` and `x.min(dim)` return."""

    values: Tensor
    indices: Tensor


def one_dim(call: str, dim: Any, ndim: int) -> int:
    """`dim` as a non-negative number."""
    if isinstance(dim, bool) or not isinstance(dim, int | np.integer):
        raise TypeError(f"{call} needs dim as a whole number, got {dim!r}")
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise IndexError(
            f"{call} needs dim between {-max(ndim, 1)} and {max(ndim, 1) - 1}, got {dim}; "
            f"the dimensions are counted from 0, or from -1 backwards"
        )
    return int(dim) % max(ndim, 1)


def all_dims(call: str, dim: Dim, ndim: int) -> reduce.Dims:
    """`dim` as a tuple of non-negative numbers, or None for all; () means none, as in NumPy."""
    if dim is None:
        return None
    dims = tuple(one_dim(call, d, ndim) for d in (dim if isinstance(dim, Sequence) else (dim,)))
    if len(set(dims)) < len(dims):
        raise ValueError(f"{call} needs every dim once, got {dim}")
    return dims if ndim else None


def whole_shape(sizes: tuple[Any, ...], call: str = "a shape") -> tuple[int, ...]:
    """`reshape(2, 3)` and `reshape((2, 3))` mean the same."""
    sizes = tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], list | tuple) else sizes
    if not all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in sizes):
        raise TypeError(f"{call} needs whole numbers, got {short(sizes)}")
    return sizes


def both(call: str, ndim: int, x: Any, y: Any) -> tuple[Any, Any]:
    """`x` and `y`, which must have `ndim` dimensions."""
    if np.ndim(x) != ndim or np.ndim(y) != ndim:
        what = ("two vectors", "two matrices", "two stacks of matrices")[ndim - 1]
        raise ValueError(f"{call} needs {what}, got shapes {np.shape(x)} and {np.shape(y)}; see matmul and *")
    return x, y


class Methods:
    """Everything that can be written as `x.name(...)` or with an operator."""

    # fmt: off
    if TYPE_CHECKING:
        raw: np.ndarray
        requires_grad: bool
        @property
        def ndim(self) -> int: ...
        @property
        def shape(self) -> tuple[int, ...]: ...
        @property
        def dtype(self) -> np.dtype[Any]: ...

    # Operators.
    def __add__(self, other: Any) -> Tensor: return elementwise.add(self, other)
    def __radd__(self, other: Any) -> Tensor: return elementwise.add(other, self)
    def __sub__(self, other: Any) -> Tensor: return elementwise.subtract(self, other)
    def __rsub__(self, other: Any) -> Tensor: return elementwise.subtract(other, self)
    def __mul__(self, other: Any) -> Tensor: return elementwise.multiply(self, other)
    def __rmul__(self, other: Any) -> Tensor: return elementwise.multiply(other, self)
    def __truediv__(self, other: Any) -> Tensor: return elementwise.divide(self, other)
    def __rtruediv__(self, other: Any) -> Tensor: return elementwise.divide(other, self)
    def __pow__(self, other: Any) -> Tensor: return elementwise.power(self, other)
    def __rpow__(self, other: Any) -> Tensor: return elementwise.power(other, self)
    def __matmul__(self, other: Any) -> Tensor: return linalg.matmul(self, other)
    def __rmatmul__(self, other: Any) -> Tensor: return linalg.matmul(other, self)
    def __neg__(self) -> Tensor: return elementwise.negative(self)
    def __pos__(self) -> Self: return self
    def __abs__(self) -> Tensor: return elementwise.absolute(self)
    def __gt__(self, other: Any) -> Tensor: return elementwise.greater(self, other)
    def __ge__(self, other: Any) -> Tensor: return elementwise.greater_equal(self, other)
    def __lt__(self, other: Any) -> Tensor: return elementwise.less(self, other)
    def __le__(self, other: Any) -> Tensor: return elementwise.less_equal(self, other)
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else elementwise.equal(self, other)

    def __ne__(self, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else elementwise.not_equal(self, other)

    # Functions of each number.
    def abs(self) -> Tensor: return elementwise.absolute(self)
    def neg(self) -> Tensor: return elementwise.negative(self)
    def exp(self) -> Tensor: return elementwise.exp(self)
    def log(self) -> Tensor: return elementwise.log(self)
    def log1p(self) -> Tensor: return elementwise.log1p(self)
    def sqrt(self) -> Tensor: return elementwise.sqrt(self)
    def sin(self) -> Tensor: return elementwise.sin(self)
    def cos(self) -> Tensor: return elementwise.cos(self)
    def tanh(self) -> Tensor: return elementwise.tanh(self)
    def sigmoid(self) -> Tensor: return elementwise.sigmoid(self)
    def relu(self) -> Tensor: return elementwise.relu(self)
    def sign(self) -> Tensor: return elementwise.sign(self)
    def square(self) -> Tensor: return elementwise.multiply(self, self)
    def round(self, *, decimals: int = 0) -> Tensor: return reduce.round(self, decimals=decimals)
    def pow(self, exponent: Any) -> Tensor: return elementwise.power(self, exponent)
    def add(self, other: Any, *, alpha: float = 1) -> Tensor: return self + (other if alpha == 1 else elementwise.multiply(other, alpha))
    def sub(self, other: Any, *, alpha: float = 1) -> Tensor: return self - (other if alpha == 1 else elementwise.multiply(other, alpha))
    def mul(self, other: Any) -> Tensor: return self * other
    def div(self, other: Any) -> Tensor: return self / other
    def maximum(self, other: Any) -> Tensor: return elementwise.maximum(self, other)
    def minimum(self, other: Any) -> Tensor: return elementwise.minimum(self, other)
    # fmt: on

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:  # noqa: A002 - PyTorch's names
        """`self` kept between `min` and `max`; the gradient passes where it was not cut off, bounds included."""
        if min is None and max is None:
            raise ValueError("clamp needs min or max or both")
        result: Any = self
        if min is not None:
            result = elementwise.where(elementwise.less(result, min), min, result)
        if max is not None:
            result = elementwise.where(elementwise.greater(result, max), max, result)
        return result

    def where(self, condition: Any, other: Any) -> Tensor:
        """`self` where the condition holds, else `other`."""
        return elementwise.where(condition, self, other)

    # Products.
    # fmt: off
    def matmul(self, other: Any) -> Tensor: return linalg.matmul(self, other)
    def mm(self, mat2: Any) -> Tensor: return linalg.matmul(*both("mm", 2, self, mat2))
    def bmm(self, mat2: Any) -> Tensor: return linalg.matmul(*both("bmm", 3, self, mat2))
    def dot(self, tensor: Any) -> Tensor: return linalg.matmul(self, tensor)  # of matrices too, as arrays do
    def outer(self, vec2: Any) -> Tensor: return both("outer", 1, self, vec2)[0].reshape(-1, 1) * vec2
    # fmt: on

    # Many numbers into one.

    def sum(
        self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False
    ) -> Tensor:
        """The sum, of all or over `dim`."""
        dims = all_dims("sum", axis if dim is None else dim, self.ndim)
        return reduce.sum(self, dims=dims, keepdim=keepdim or keepdims)

    def mean(
        self, dim: Dim = None, keepdim: bool = False, *, axis: Dim = None, keepdims: bool = False
    ) -> Tensor:
        """The average, of all or over `dim`."""
        dims = all_dims("mean", axis if dim is None else dim, self.ndim)
        return reduce.mean(self, dims=dims, keepdim=keepdim or keepdims)

    @numpy_names
    def var(
        self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False, unbiased: bool | None = None
    ) -> Tensor:
        """The mean squared distance from the mean, divided by n - correction instead of n (PyTorch's default, 1)."""
        dims = all_dims("var", dim, self.ndim)
        count = math.prod(n for i, n in enumerate(self.shape) if dims is None or i in dims)
        distance = self - reduce.mean(self, dims=dims, keepdim=True)
        total = reduce.sum(distance * distance, dims=dims, keepdim=keepdim)
        return total / builtins.max(count - (correction if unbiased is None else int(unbiased)), 0)

    @numpy_names
    def std(
        self, dim: Dim = None, *, correction: float = 1, keepdim: bool = False, unbiased: bool | None = None
    ) -> Tensor:
        """The square root of `var`."""
        return self.var(dim, correction=correction, keepdim=keepdim, unbiased=unbiased).sqrt()

    @numpy_names
    def amax(self, dim: Dim = None, keepdim: bool = False) -> Tensor:
        """The greatest, of all or over `dim`; equal ones share the gradient evenly."""
        return reduce.amax(self, dims=all_dims("amax", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def amin(self, dim: Dim = None, keepdim: bool = False) -> Tensor:
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

    def _extreme(self, call: str, where: Any, dim: Any, keepdim: bool) -> Extreme:
        dim = one_dim(call, dim, self.ndim)
        indices = where(self, dim=dim, keepdim=True) if self.ndim else where(self, dim=None, keepdim=False)
        values = self.gather(dim, indices) if self.ndim else self.reshape(())
        return Extreme(values, indices) if keepdim else Extreme(values.squeeze(dim), indices.squeeze(dim))

    @numpy_names
    def argmax(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Where the greatest is, the first of equals; counted through all numbers if `dim` is None."""
        return reduce.argmax(
            self, dim=None if dim is None else one_dim("argmax", dim, self.ndim), keepdim=keepdim
        )

    @numpy_names
    def argmin(self, dim: int | None = None, keepdim: bool = False) -> Tensor:
        """Where the smallest is, the first of equals; counted through all numbers if `dim` is None."""
        return reduce.argmin(
            self, dim=None if dim is None else one_dim("argmin", dim, self.ndim), keepdim=keepdim
        )

    @numpy_names
    def logsumexp(self, dim: Dim, keepdim: bool = False) -> Tensor:
        """log(sum(exp(x))) over `dim`, without overflow."""
        return reduce.logsumexp(self, dims=all_dims("logsumexp", dim, self.ndim), keepdim=keepdim)

    @numpy_names
    def softmax(self, dim: int) -> Tensor:
        """exp(x) / sum(exp(x)) along `dim`, without overflow."""
        return reduce.softmax(self, dim=one_dim("softmax", dim, self.ndim))

    @numpy_names
    def log_softmax(self, dim: int) -> Tensor:
        """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
        return reduce.log_softmax(self, dim=one_dim("log_softmax", dim, self.ndim))

    # Moving numbers.

    def reshape(self, *sizes: Any) -> Tensor:
        """The same numbers in another shape; one size may be -1."""
        return shape.reshape(self, shape=whole_shape(sizes, "reshape"))

    def view(self, *sizes: Any) -> Tensor:
        """As `reshape`."""
        return shape.reshape(self, shape=whole_shape(sizes, "view"))

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """The dimensions from `start_dim` to `end_dim` as one."""
        if self.ndim == 0:
            return self.reshape(1)
        start, end = one_dim("flatten", start_dim, self.ndim), one_dim("flatten", end_dim, self.ndim)
        if start > end:
            raise ValueError(f"flatten needs start_dim before end_dim, got {start_dim} and {end_dim}")
        size = math.prod(self.shape[start : end + 1])
        return self.reshape(self.shape[:start] + (size,) + self.shape[end + 1 :])

    def permute(self, *dims: Any) -> Tensor:
        """The dimensions in another order."""
        wanted = whole_shape(dims, "permute")
        order = all_dims("permute", wanted, self.ndim) or ()
        if len(order) != self.ndim:
            raise ValueError(f"permute needs all {self.ndim} dimensions, got {wanted}")
        return shape.permute(self, dims=order)

    def transpose(self, dim0: int, dim1: int) -> Tensor:
        """Two dimensions exchanged."""
        first, second = one_dim("transpose", dim0, self.ndim), one_dim("transpose", dim1, self.ndim)
        dims = list(range(self.ndim))
        if dims:
            dims[first], dims[second] = second, first
        return shape.permute(self, dims=tuple(dims))

    swapaxes = transpose  # NumPy's name

    @property
    def T(self) -> Tensor:  # noqa: N802 - everybody's name
        """The dimensions in reverse order: the transpose of a matrix."""
        return shape.permute(self, dims=tuple(range(self.ndim))[::-1])

    @property
    def mT(self) -> Tensor:  # noqa: N802 - everybody's name
        """The last two dimensions exchanged: each matrix of a stack transposed."""
        return self.transpose(-2, -1)

    def t(self) -> Tensor:
        """The transpose of a matrix; a vector stays as it is."""
        if self.ndim > 2:
            raise ValueError(f"t needs a matrix or a vector, got shape {self.shape}; use mT or transpose")
        return self.T

    def squeeze(self, dim: Dim = None) -> Tensor:
        """Without the dimensions of size 1, all of them or those of `dim`."""
        dims = range(self.ndim) if dim is None else all_dims("squeeze", dim, self.ndim) or ()
        return self.reshape(tuple(n for i, n in enumerate(self.shape) if n != 1 or i not in dims))

    def unsqueeze(self, dim: int) -> Tensor:
        """With a new dimension of size 1 at `dim`."""
        where = one_dim("unsqueeze", dim, self.ndim + 1)
        return self.reshape(self.shape[:where] + (1,) + self.shape[where:])

    def expand(self, *sizes: Any) -> Tensor:
        """Repeated along dimensions of size 1, and new ones in front, without copying; -1 keeps a size."""
        wanted = whole_shape(sizes, "expand")
        extra = len(wanted) - self.ndim
        full = tuple(self.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(wanted))
        return shape.expand(self, shape=full)

    def gather(self, dim: int, index: Any) -> Tensor:
        """`y[i][j] = x[index[i][j]][j]` for dim 0, and so on."""
        dim = one_dim("gather", dim, self.ndim)
        picks = np.asarray(getattr(index, "raw", index))
        if picks.ndim != self.ndim or picks.dtype.kind not in "iu":
            raise ValueError(
                f"gather needs whole numbers in {self.ndim} dimensions, got {picks.dtype} of shape {picks.shape}"
            )
        grid = np.ogrid[tuple(slice(n) for n in picks.shape)]
        return self[tuple(picks if i == dim else axis for i, axis in enumerate(grid))]

    def __getitem__(self, key: Any) -> Tensor:
        return index.take(self, index=clean_index(key))

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len needs at least one dimension, but the tensor is a single number; use item()")
        return self.shape[0]


def clean_index(key: Any) -> Any:
    """An index as NumPy takes it: lists and Tensors as arrays, which are copied so that nobody can change them."""
    if isinstance(key, tuple):
        return tuple(clean_index(part) for part in key)
    if hasattr(key, "raw"):
        key = key.raw
    if isinstance(key, np.ndarray | list):
        picks = np.array(key)
        if picks.size == 0 and isinstance(key, list):  # NumPy takes an empty list for floats
            picks = picks.astype(int)
        if picks.dtype.kind not in "iub":
            raise IndexError(f"an index needs whole numbers or booleans, got {picks.dtype}; use x.long()")
        return picks.item() if picks.ndim == 0 else picks
    return key


def cat(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """The tensors one after the other along `dim`; their other sizes must be equal."""
    parts = _several("cat", tensors)
    return shape.cat(*parts, dim=one_dim("cat", dim, np.ndim(parts[0])))


def stack(tensors: Sequence[Any], dim: int = 0) -> Tensor:
    """The tensors, all of one shape, side by side along a new dimension `dim`."""
    parts = _several("stack", tensors)
    sizes = np.shape(parts[0])
    if any(np.shape(part) != sizes for part in parts):
        raise ValueError(
            f"stack needs tensors of one shape, got {', '.join(str(np.shape(part)) for part in parts)}"
        )
    where = one_dim("stack", dim, len(sizes) + 1)
    longer = (*sizes[:where], 1, *sizes[where:])
    return shape.cat(*(shape.reshape(part, shape=longer) for part in parts), dim=where)


def _several(call: str, tensors: Sequence[Any]) -> list[Any]:
    parts = list(tensors)
    if not any(isinstance(part, Traced) for part in parts):
        raise TypeError(f"{call} needs a list with at least one Tensor, got {short(parts)}")
    if any(np.isscalar(part) for part in parts):
        raise TypeError(f"{call} needs Tensors and arrays, got {short(parts)}; write a number x as tensor(x)")
    return [np.asarray(part) if isinstance(part, list | tuple) else part for part in parts]
