"""Cases: what each public function is tried with, drawn by hypothesis, and held against PyTorch's function.

A case is a function `(draw) -> (args, kwargs)`; NumPy arrays in them become Tensors of either library, a `Word` such as
`Word("float32")` becomes the dtype of either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

CASES: dict[str, Case] = {}
ERRORS: list[tuple[str, Any, str]] = []


@dataclass
class Case:
    """How the arguments of a function are drawn, and what of its results can be compared."""

    draw: Callable[..., Any]
    derivatives: int = 2  # of which order PyTorch has them, and we
    smooth: bool = True  # whether central differences can be taken: no kinks and jumps among the points
    random: bool = False  # only shape and dtype are compared
    tolerance: float = 1e-7


@dataclass(frozen=True)
class Word:
    """The name of a dtype, which each library has its own object for."""

    name: str


@dataclass(frozen=True)
class Constant:
    """An array of floats that gets no gradient."""

    array: np.ndarray


def case(*names: str, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register how arguments are drawn for the functions `names`: `softmax`, `linalg.det`, or `.view` for a method."""

    def register(draw: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            assert name not in CASES, name
            CASES[name] = Case(draw, **options)
        return draw

    return register


def refused(name: str, call: Callable[..., Any], message: str) -> None:
    """Register a call that must be refused: `call(torch_like_module)` raises, and the message matches."""
    ERRORS.append((name, call, message))


# What draws arguments.


@st.composite
def shapes(
    draw: Any, min_dims: int = 0, max_dims: int = 3, min_side: int = 0, max_side: int = 4
) -> tuple[int, ...]:
    """The sizes of an array, sometimes 0 or 1."""
    sides = st.sampled_from([n for n in (2, 3, 1, 4, 0) if min_side <= n <= max_side])
    return tuple(draw(st.lists(sides, min_size=min_dims, max_size=max_dims)))


@st.composite
def floats(
    draw: Any,
    shape: Any = None,
    low: float = -2.0,
    high: float = 2.0,
    dtype: Any = None,
    distinct: bool = False,
    **of_shape: Any,
) -> np.ndarray:
    """Floats between `low` and `high`, of float64 or float32, in memory in one order or the other.

    `distinct`: no two are equal or close, so that sorting and maxima have no ties.
    """
    shape = draw(shapes(**of_shape)) if shape is None else shape
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    count = int(np.prod(shape))
    if distinct:
        numbers = low + (high - low) * (rng.permutation(count) + rng.uniform(0.2, 0.8, count)) / max(count, 1)
    else:
        numbers = rng.uniform(low, high, count)
    dtype = dtype or draw(st.sampled_from([np.float64, np.float64, np.float32]))
    return _laid_out(draw, numbers.astype(dtype).reshape(shape))


@st.composite
def integers(
    draw: Any, shape: Any = None, low: int = -3, high: int = 3, dtype: Any = np.int64, **of_shape: Any
) -> np.ndarray:
    """Whole numbers from `low` to `high`, both included."""
    shape = draw(shapes(**of_shape)) if shape is None else shape
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return _laid_out(draw, rng.integers(low, high + 1, shape).astype(dtype))


@st.composite
def booleans(draw: Any, shape: Any = None, **of_shape: Any) -> np.ndarray:
    """True and False."""
    shape = draw(shapes(**of_shape)) if shape is None else shape
    return np.random.default_rng(draw(st.integers(0, 2**16))).random(shape) < 0.5


def _laid_out(draw: Any, array: np.ndarray) -> np.ndarray:
    """The same numbers, in memory row by row or column by column."""
    return np.asfortranarray(array) if array.ndim > 1 and draw(st.booleans()) else array


def dim_of(x: np.ndarray) -> Any:
    """One dimension of an array, counted from the front or from the back."""
    return st.integers(-max(x.ndim, 1), max(x.ndim, 1) - 1)


@st.composite
def dims_of(draw: Any, x: np.ndarray, min_size: int = 1) -> Any:
    """Several dimensions of an array, each once, counted from the front or from the back."""
    chosen = draw(st.lists(st.integers(0, max(x.ndim - 1, 0)), unique=True, min_size=min_size))
    return tuple(d - x.ndim if x.ndim and draw(st.booleans()) else d for d in chosen)


@st.composite
def broadcast(draw: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that broadcasts with `shape`: without leading sizes, or with 1 in place of some."""
    start = draw(st.integers(0, len(shape)))
    return tuple(1 if draw(st.booleans()) else n for n in shape[start:])


# Cases of one form.


def unary(names: str, low: float = -2.0, high: float = 2.0, **options: Any) -> None:
    """Functions of each number of one tensor, for numbers between `low` and `high`."""

    @case(*names.split(), **options)
    def _(draw: Any) -> Any:
        return [draw(floats(low=low, high=high))], {}


def binary(names: str, low: float = -2.0, high: float = 2.0, **options: Any) -> None:
    """Functions of each two numbers of two tensors that broadcast, or of a tensor and a number."""

    @case(*names.split(), **options)
    def _(draw: Any) -> Any:
        x = draw(floats(low=low, high=high))
        other = draw(floats(shape=draw(broadcast(x.shape)), low=low, high=high))
        return [x, other], {}
