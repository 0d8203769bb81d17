"""`assert_close`, as `torch.testing`: equal numbers up to the rounding of their dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.tensor.tensor import Tensor, tensor

TOLERANCES = {
    "float16": (1e-3, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
}  # relative, absolute


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,  # noqa: ARG001 - there is one
    check_dtype: bool = True,
    check_layout: bool = True,  # noqa: ARG001 - there is one
    check_stride: bool = False,  # noqa: ARG001 - of NumPy's own
    msg: str | Callable[[str], str] | None = None,
) -> None:
    """Raise `AssertionError` unless |actual - expected| <= atol + rtol |expected| everywhere, shapes and dtypes alike.

    Structures are compared part by part. The tolerances are those of the dtype unless both are given.
    """
    if (rtol is None) != (atol is None):
        raise ValueError(f"assert_close needs rtol and atol, or none of them, got {rtol} and {atol}")
    for path, x, y in _pairs(actual, expected, ""):
        if not allow_subclasses and type(x) is not type(y):
            raise TypeError(f"assert_close needs values of one class{path}, got {type(x)} and {type(y)}")
        complaint = _difference(x, y, rtol, atol, equal_nan, check_dtype)
        if complaint:
            text = f"{complaint}{path}"
            raise AssertionError(msg(text) if callable(msg) else msg or text)


def _pairs(x: Any, y: Any, path: str) -> list[tuple[str, Any, Any]]:
    """The parts of two structures that belong together, each with its place."""
    if isinstance(x, Mapping) and isinstance(y, Mapping):
        if x.keys() != y.keys():
            raise AssertionError(f"The keys differ{path}: {sorted(map(str, x.keys() ^ y.keys()))}")
        return [pair for key in x for pair in _pairs(x[key], y[key], f"{path} at {key!r}")]
    if isinstance(x, Sequence) and isinstance(y, Sequence) and not isinstance(x, str):
        if len(x) != len(y):
            raise AssertionError(f"The lengths differ{path}: {len(x)} and {len(y)}")
        return [pair for i, (a, b) in enumerate(zip(x, y)) for pair in _pairs(a, b, f"{path} at [{i}]")]
    return [(path, x, y)]


def _difference(
    x: Any, y: Any, rtol: float | None, atol: float | None, equal_nan: bool, check_dtype: bool
) -> str | None:
    """What differs between two Tensors, arrays or numbers; None if they are close."""
    a, b = _array(x), _array(y)
    if a.shape != b.shape:
        return f"The shapes differ: {a.shape} and {b.shape}"
    if check_dtype and a.dtype != b.dtype and isinstance(x, Tensor | np.ndarray):
        return f"The dtypes differ: {a.dtype} and {b.dtype}"
    own = [TOLERANCES.get(each.dtype.name, (0.0, 0.0)) for each in (a, b)]
    relative = max(r for r, _ in own) if rtol is None else rtol
    absolute = max(s for _, s in own) if atol is None else atol
    a, b = a.astype(float), b.astype(float)
    far = ~np.isclose(a, b, relative, absolute, equal_nan)
    if not far.any():
        return None
    with np.errstate(invalid="ignore"):
        greatest = np.nanmax(np.abs(a - b)[far], initial=0.0)
    return (
        f"{int(far.sum())} of {far.size} numbers are not close, the greatest difference is {greatest:g} "
        f"(allowed: {absolute:g} + {relative:g} |expected|)"
    )


def _array(x: Any) -> np.ndarray:
    return (x if isinstance(x, Tensor) else tensor(x)).numpy(force=True)
