"""Windows that a signal is multiplied with, as `torch.signal.windows`: rows of M numbers that fall off to both sides.

A symmetric window ends as it begins (`sym=True`); a periodic one is a symmetric one of M + 1 without its last number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from tinygrad_edu.tensor.draws import floating
from tinygrad_edu.tensor.filled import made, placed, sizes_of
from tinygrad_edu.tensor.functions.public import MODULES, public
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS


def _places(M: Any, sym: bool) -> tuple[np.ndarray, int]:
    """The numbers from 0 to M - 1, and the distance after which the window repeats."""
    (count,) = sizes_of("a window", (M,))
    return np.arange(count), max(count - 1 if sym else count, 1)


def _made(call: str, numbers: Any, dtype: Any, requires_grad: bool) -> Tensor:
    kind = floating(call, dtype)
    if kind == np.float16:
        raise TypeError(f"{call} needs float32 or float64, got float16; write {call}(M).half()")
    return made(Tensor, np.asarray(numbers, kind), requires_grad)


def _positive(call: str, name: str, x: float) -> float:
    if not x > 0:
        raise ValueError(f"{call} needs {name} above 0, got {x}")
    return x


@public(within="signal.windows", method=False)
@placed
def general_cosine(
    M: int, *, a: Sequence[float], sym: bool = True, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """The sum of `(-1)^i a[i] cos(2 pi i k / period)`."""
    if not isinstance(a, Sequence) or not a:
        raise ValueError(f"general_cosine needs a as a list of one number or more, got {a!r}")
    k, period = _places(M, sym)
    waves = [(-1) ** i * x * np.cos(2 * math.pi * i * k / period) for i, x in enumerate(a)]
    return _made("general_cosine", sum(waves) if len(k) > 1 else np.ones(len(k)), dtype, requires_grad)


@public(within="signal.windows", method=False)
@placed
def general_hamming(M: int, *, alpha: float = 0.54, sym: bool = True, **options: Any) -> Tensor:
    """`alpha - (1 - alpha) cos(2 pi k / period)`."""
    return general_cosine(M, a=[alpha, 1 - alpha], sym=sym, **options)


@public(within="signal.windows", method=False)
@placed
def hamming(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """`0.54 - 0.46 cos(2 pi k / period)`."""
    return general_hamming(M, sym=sym, **options)


@public(within="signal.windows", method=False)
@placed
def hann(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """`sin(pi k / period)^2`."""
    return general_hamming(M, alpha=0.5, sym=sym, **options)


@public(within="signal.windows", method=False)
@placed
def blackman(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Three cosines, whose side lobes are 58 dB down."""
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **options)


@public(within="signal.windows", method=False)
@placed
def nuttall(M: int, *, sym: bool = True, **options: Any) -> Tensor:
    """Four cosines, whose side lobes are 98 dB down. Source: Nuttall, IEEE Trans. ASSP 29 (1981)."""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **options)


@public(within="signal.windows", method=False)
@placed
def bartlett(M: int, *, sym: bool = True, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """A triangle from 0 up to 1 and back."""
    k, period = _places(M, sym)
    numbers = 1 - np.abs(2 * k / period - 1) if len(k) > 1 else np.ones(len(k))
    return _made("bartlett", numbers, dtype, requires_grad)


@public(within="signal.windows", method=False)
@placed
def cosine(M: int, *, sym: bool = True, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Half a wave of the sine, at the middles of its M parts."""
    k, _ = _places(M, sym)
    parts = len(k) if sym or len(k) == 1 else len(k) + 1
    return _made("cosine", np.sin(math.pi * (k + 0.5) / max(parts, 1)), dtype, requires_grad)


@public(within="signal.windows", method=False)
@placed
def exponential(
    M: int,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    dtype: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """`exp(-|k - center| / tau)`."""
    if sym and center is not None:
        raise ValueError(f"exponential needs sym=False for a center of its own, got center={center}")
    k, _ = _places(M, sym)
    middle = _middle(len(k), sym) if center is None else center
    return _made(
        "exponential",
        np.exp(-np.abs(k - middle) / _positive("exponential", "tau", tau)),
        dtype,
        requires_grad,
    )


@public(within="signal.windows", method=False)
@placed
def gaussian(
    M: int, *, std: float = 1.0, sym: bool = True, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`exp(-((k - middle) / std)^2 / 2)`."""
    k, _ = _places(M, sym)
    distance = (k - _middle(len(k), sym)) / _positive("gaussian", "std", std)
    return _made("gaussian", np.exp(-(distance**2) / 2), dtype, requires_grad)


def _middle(count: int, sym: bool) -> float:
    return (count - 1 if sym or count == 1 else count) / 2


@public(within="signal.windows", method=False)
@placed
def kaiser(
    M: int, *, beta: float = 12.0, sym: bool = True, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """`I0(beta sqrt(1 - x^2)) / I0(beta)` for x from -1 to 1, with the Bessel function I0."""
    if not beta >= 0:
        raise ValueError(f"kaiser needs beta of 0 or more, got {beta}")
    k, period = _places(M, sym)
    x = 2 * k / period - 1 if len(k) > 1 else 0 * k
    return _made("kaiser", np.i0(beta * np.sqrt(1 - x * x)) / np.i0(beta), dtype, requires_grad)


@public(method=False)
def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`signal.windows.bartlett`, periodic unless told otherwise."""
    return bartlett(window_length, sym=not periodic, **options)


@public(method=False)
def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`signal.windows.blackman`, periodic unless told otherwise."""
    return blackman(window_length, sym=not periodic, **options)


@public(method=False)
def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`signal.windows.hann`, periodic unless told otherwise."""
    return hann(window_length, sym=not periodic, **options)


@public(method=False)
def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, **options: Any
) -> Tensor:
    """`alpha - beta cos(2 pi k / period)`, periodic unless told otherwise."""
    return general_cosine(window_length, a=[alpha, beta], sym=not periodic, **options)


@public(method=False)
def kaiser_window(window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any) -> Tensor:
    """`signal.windows.kaiser`, periodic unless told otherwise."""
    return kaiser(window_length, beta=beta, sym=not periodic, **options)


WORDS["signal"] = SimpleNamespace(windows=SimpleNamespace(**MODULES["signal.windows"]))
