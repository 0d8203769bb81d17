"""Comparisons of tensors as wholes and within a tolerance, and which numbers are infinite or among others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, logic
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype, kind_of
from tinygrad_edu.tensor.functions.public import public, row

row("isposinf", "True for infinity", lambda x: elementwise.equal(x, math.inf))
row("isneginf", "True for negative infinity", lambda x: elementwise.equal(x, -math.inf))


@public(numbers="none")
def equal(input: Data, other: Data) -> bool:
    """True if both have the same shape and the same numbers; nan equals nothing."""
    return input.shape == other.shape and bool((input == other).all())


@public(numbers="none")
def isclose(
    input: Data, other: Data, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Data:
    """True where two numbers agree within `atol + rtol * |other|`; two nan do if `equal_nan`."""
    if rtol < 0 or atol < 0:
        raise ValueError(f"isclose needs rtol and atol of 0 or more, got {rtol} and {atol}")
    check_one_dtype("isclose", input, other)
    if kind_of(input) != "f":
        input, other = input.double(), other.double()
    with np.errstate(invalid="ignore"):  # infinity - infinity
        distance = elementwise.absolute(input - other)
    near = logic.isfinite(distance) & (distance <= atol + rtol * elementwise.absolute(other))
    both_nan = logic.isnan(input) & logic.isnan(other) & equal_nan
    return (input == other) | near | both_nan


@public()
def allclose(
    input: Data, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """True if all numbers agree within `atol + rtol * |other|`."""
    if not hasattr(other, "raw"):
        other = input.around(np.asarray(other, input.dtype))
    return bool(isclose(input, other, rtol, atol, equal_nan).all())


@public(method=False, numbers="one")
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Data:
    """True for each of `elements` that is among the `test_elements`, with `invert` for each that is not."""
    each = elements.unsqueeze(-1) if hasattr(elements, "raw") else elements
    others = test_elements.flatten() if hasattr(test_elements, "raw") else test_elements
    found = (each == others).any(-1)
    return ~found if invert else found
