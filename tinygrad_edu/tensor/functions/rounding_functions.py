"""Rounding to decimals, parts of numbers, bounds, and numbers put in place of nan and infinity."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, logic, step_functions
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype, kind_of, refuse_kinds
from tinygrad_edu.tensor.functions.public import public


@public("special.round", in_place=True)
def round(input: Data, *, decimals: int = 0) -> Data:
    """The nearest number with so many decimals; of two equally near ones the even. Its derivative is 0."""
    if decimals == 0:
        return step_functions.round(input)
    refuse_kinds("round with decimals", "iub", input)
    scale = float(f"1e{abs(decimals)}")
    return (
        step_functions.round(input * scale) / scale
        if decimals > 0
        else step_functions.round(input / scale) * scale
    )


@public(in_place=True)
def frac(input: Data) -> Data:
    """What stands behind the point, with the sign of the number."""
    refuse_kinds("frac", "iub", input)
    return input - step_functions.trunc(input)


class MantissaAndExponent(NamedTuple):
    """What `frexp` returns: `mantissa * 2 ** exponent` is the number."""

    mantissa: Any
    exponent: Any


@public()
def frexp(input: Data) -> MantissaAndExponent:
    """Every number as `mantissa * 2 ** exponent`, with a mantissa from 0.5 to 1, or its opposite."""
    return MantissaAndExponent(step_functions.mantissa(input), step_functions.exponent(input))


@public("clip", in_place=True)
def clamp(input: Data, min: Any = None, max: Any = None) -> Data:
    """`input` kept between `min` and `max`; the gradient passes where it was not cut off, bounds included."""
    if min is None and max is None:
        raise ValueError("clamp needs min or max or both")
    low = input if min is None else clamp_min(input, min)
    return low if max is None else clamp_max(low, max)


@public(in_place=True)
def clamp_min(input: Data, min: Any) -> Data:
    """`input`, but at least `min`."""
    return elementwise.clamp_min(input, _bound(input, min))


@public(in_place=True)
def clamp_max(input: Data, max: Any) -> Data:
    """`input`, but at most `max`."""
    return elementwise.clamp_max(input, _bound(input, max))


def _bound(input: Data, bound: Any) -> Any:
    """`bound`, if the dtype of whole numbers can hold it; -1 is the greatest number of uint8, as in PyTorch."""
    if type(bound) is int and kind_of(input) in "iu":
        limits = np.iinfo(input.dtype)
        if not -limits.max - (input.dtype.kind == "i") <= bound <= limits.max:
            raise ValueError(f"clamp needs bounds that {input.dtype} can hold, got {bound}")
    return bound


@public(in_place=True)
def nan_to_num(
    input: Data, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Data:
    """Numbers in place of nan (0) and of infinity (the greatest and the smallest of the dtype), or those given."""
    if kind_of(input) != "f":
        return input.clone()
    limit = float(np.finfo(input.dtype).max)
    numbers = {math.inf: limit if posinf is None else posinf, -math.inf: -limit if neginf is None else neginf}
    result = elementwise.where(logic.isnan(input), 0.0 if nan is None else nan, input)
    for infinity, number in numbers.items():
        result = elementwise.where(elementwise.equal(input, infinity), number, result)
    return result


@public(in_place=True, numbers="none")
def heaviside(input: Data, values: Data) -> Data:
    """The step function: 0 below 0, `values` at 0, 1 above."""
    check_one_dtype("heaviside", input, values)
    return elementwise.where(elementwise.equal(input, 0), values, elementwise.greater(input, 0))
