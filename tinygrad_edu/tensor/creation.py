"""New Tensors: zeros, ones, ranges, and random numbers from one documented generator behind `manual_seed`."""

from __future__ import annotations

import math
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import CREATE, announce
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.arguments import whole_shape
from tinygrad_edu.tensor.coerce import get_default_dtype, real_dtype
from tinygrad_edu.tensor.tensor import Tensor

_generator = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Start the default generator anew: the same seed gives the same numbers."""
    global _generator
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"manual_seed needs a whole number of 0 or more, got {seed!r}")
    _generator = np.random.default_rng(seed)


def generator() -> np.random.Generator:
    """The default generator, from which everything random draws that is given no other."""
    return _generator


def from_numpy(array: np.ndarray) -> Tensor:
    """A new Tensor with a copy of `array` (PyTorch shares the memory; a copy cannot be changed behind our back)."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy needs a NumPy array, got {type(array).__name__}; use tensor(...)")
    return Tensor(array)


def chosen_generator(call: str, given: Any) -> np.random.Generator:
    """The generator that was passed in, or the default one."""
    if given is None:
        return _generator
    if not isinstance(given, np.random.Generator):
        raise TypeError(
            f"{call} needs generator=np.random.default_rng(seed), got {type(given).__name__} {short(given)}"
        )
    return given


def _sizes(call: str, size: tuple[Any, ...]) -> tuple[int, ...]:
    sizes = tuple(int(n) for n in whole_shape(size, call))
    if any(n < 0 for n in sizes):
        raise ValueError(f"{call} needs sizes of 0 or more, got {sizes}")
    return sizes


def _number(call: str, name: str, x: Any) -> Any:
    if not isinstance(x, int | float | np.integer | np.floating):
        raise TypeError(f"{call} needs {name} as a number, got {type(x).__name__} {short(x)}")
    return x


def _like(call: str, x: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise TypeError(f"{call} needs a Tensor, got {type(x).__name__} {short(x)}")
    return x


def _made(array: np.ndarray, dtype: Any, requires_grad: bool) -> Tensor:
    """A Tensor whose numbers follow from the arguments of the call, which is what watchers are told."""
    result = Tensor(array, dtype, requires_grad=requires_grad)
    announce(CREATE, None, result=result)
    return result


def _filled(call: str, size: tuple[Any, ...], value: Any, dtype: Any, requires_grad: bool) -> Tensor:
    dtype = get_default_dtype() if dtype is None and not isinstance(value, bool | int) else dtype
    return _made(np.full(_sizes(call, size), value), dtype, requires_grad)


def zeros(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of zeros: `zeros(2, 3)` or `zeros((2, 3))`."""
    return _filled("zeros", size, 0.0, dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor of ones."""
    return _filled("ones", size, 1.0, dtype, requires_grad)


def full(size: Any, fill_value: float, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A Tensor filled with one number."""
    value = _number("full", "fill_value", fill_value)
    return _filled("full", (size,), value, dtype, requires_grad)


def zeros_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002
    """Zeros in the shape and dtype of another tensor."""
    like = _like("zeros_like", input)
    return zeros(like.shape, dtype=dtype or like.dtype, requires_grad=requires_grad)


def ones_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:  # noqa: A002
    """Ones in the shape and dtype of another tensor."""
    like = _like("ones_like", input)
    return ones(like.shape, dtype=dtype or like.dtype, requires_grad=requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal of an n x m matrix (n x n if m is left out), zeros elsewhere."""
    rows, columns = _sizes("eye", (n, n if m is None else m))
    return _made(np.eye(rows, columns), dtype or get_default_dtype(), requires_grad)


def arange(
    start: Any = None, end: Any = None, step: Any = 1, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`: equal steps, without `end`."""
    if end is None:
        start, end = None, start
    limits = [0 if start is None else start, end, step]
    for name, limit in zip(("start", "end", "step"), limits):
        _number("arange", name, limit)
        if not math.isfinite(limit):
            raise ValueError(f"arange needs a finite {name}, got {limit}")
    if step == 0:
        raise ValueError("arange needs a step other than 0, got 0")
    if (limits[1] - limits[0]) * step < 0:
        raise ValueError(
            f"arange needs steps from start to end, but {step} leads from {limits[0]} away from {end}"
        )
    steps = np.arange(*limits)
    kind = get_default_dtype() if steps.dtype.kind == "f" else None
    return _made(steps, dtype or kind, requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers at equal distances from `start` to `end`, both included."""
    (count,) = _sizes("linspace", (steps,))
    first, last = _number("linspace", "start", start), _number("linspace", "end", end)
    if dtype is not None and real_dtype("linspace", dtype).kind == "b":
        raise TypeError(
            "linspace needs a dtype of numbers, got bool; compare the result: linspace(0, 1, 5) > 0.5"
        )
    return _made(np.linspace(first, last, count), dtype or get_default_dtype(), requires_grad)


def rand(
    *size: Any, generator: np.random.Generator | None = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers, uniform in [0, 1)."""
    return Draw("rand", "random", size, generator, dtype).tensor(requires_grad)


def randn(
    *size: Any, generator: np.random.Generator | None = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Random numbers from the normal distribution with mean 0 and variance 1."""
    return Draw("randn", "standard_normal", size, generator, dtype).tensor(requires_grad)


class Draw:
    """A way to draw random numbers, which can be repeated: a plan draws anew each time.

    `method` is that of `np.random.Generator`; `given` is the generator, or None for the default one.
    """

    def __init__(
        self, call: str, method: str, size: tuple[Any, ...], generator: np.random.Generator | None, dtype: Any
    ) -> None:
        chosen_generator(call, generator)
        self.method, self.given = method, generator
        self.sizes, self.dtype = _sizes(call, size), np.dtype(dtype or get_default_dtype())

    def __call__(self) -> np.ndarray:
        source = _generator if self.given is None else self.given
        return getattr(source, self.method)(self.sizes).astype(self.dtype, copy=False)

    def tensor(self, requires_grad: bool) -> Tensor:
        """The first numbers."""
        result = Tensor(self(), self.dtype, requires_grad=requires_grad)
        announce(DRAW, result=result, draw=self)
        return result


DRAW = Operation(lambda *, draw: draw(), name="draw")  # only watchers meet it
