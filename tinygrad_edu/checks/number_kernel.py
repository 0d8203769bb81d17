"""An elementwise operation on plain numbers beside the same operation on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import Arrays
from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.ops.elementwise import Elementwise

TRIED = 8  # numbers
CLOSE = 1e-9


def float_kernel_mistake(function: Any, arrays: Arrays) -> GradientVerdict | None:
    """A verdict if `function` is an elementwise operation that computes numbers in another way than arrays."""
    if not isinstance(function, Elementwise) or len(arrays) != len(function.rules):
        return None
    for numbers in zip(*(x.ravel()[:TRIED].tolist() for x in np.broadcast_arrays(*arrays))):
        y = np.asarray(function.forward(*map(np.array, numbers)))
        if not _close(z := function.on_numbers(*numbers), y):
            return _wrong(function, numbers, f"gives {z:.9g} on plain numbers and {float(y):.9g} on arrays")
        for position, rule in enumerate(function.rules):
            if rule is None:
                continue
            try:
                plain, of_arrays = rule(1.5, z, *numbers), rule(np.array(1.5), y, *map(np.array, numbers))
            except (
                ArithmeticError,
                AttributeError,
                TypeError,
            ):  # where Value computes with the numbers of NumPy
                continue
            if not _close(plain, of_arrays):
                name = function.input_names[position]
                words = (
                    f"has the slope {plain / 1.5:.9g} on plain numbers and {of_arrays / 1.5:.9g} on arrays"
                )
                return _wrong(function, numbers, f"{words} by its rule for {name}")
    return None


def _close(a: Any, b: Any) -> bool:
    return bool(np.allclose(float(a), float(b), CLOSE, CLOSE, equal_nan=True))


def _wrong(function: Elementwise, numbers: tuple[float, ...], words: str) -> GradientVerdict:
    at = ", ".join(f"{x:.6g}" for x in numbers)
    return GradientVerdict("wrong", f"{function.name} at {at} {words}", "float kernel", function.name)
