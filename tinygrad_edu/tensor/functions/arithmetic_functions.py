"""Arithmetic by name: sums and products with factors, powers, rounding, and numbers kept between bounds."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, logic, step_functions, transcendental
from tinygrad_edu.tensor.arguments import no_booleans, only_floats
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype, kind_of, kinds_of, one_width
from tinygrad_edu.tensor.functions.public import public, row

_row = functools.partial(row, in_place=True)
_row("reciprocal", "1 / x", lambda x: 1 / x)
_row("rsqrt", "1 / sqrt(x)", lambda x: 1 / elementwise.sqrt(x))
_row("square", "x * x; of booleans whole numbers", lambda x: x**2 if kind_of(x) == "b" else x * x)
_row("exp2 special.exp2", "2 ** x, as floats", lambda x: 2.0**x)
_row("deg2rad", "Angles in degrees as angles in radians", lambda x: x * (math.pi / 180))
_row("rad2deg", "Angles in radians as angles in degrees", lambda x: x * (180 / math.pi))


@public(in_place=True, numbers="one")
def add(input: Data, other: Any, *, alpha: float = 1) -> Data:
    """`input + alpha * other`."""
    return input + _scaled("add", input, other, alpha)


@public("subtract", in_place=True, numbers="one")
def sub(input: Data, other: Any, *, alpha: float = 1) -> Data:
    """`input - alpha * other`."""
    return input - _scaled("sub", input, other, alpha)


@public(method=False)
def rsub(input: Data, other: Any, *, alpha: float = 1) -> Data:
    """`other - alpha * input`."""
    return other - _scaled("rsub", other, input, alpha)


def _scaled(call: str, input: Data, other: Any, alpha: Any) -> Any:
    """`alpha * other`, in the dtype that the sum has without `alpha`."""
    if alpha.__class__ is int and alpha == 1:
        return other
    kinds = kinds_of(input, other)
    if isinstance(alpha, bool) and kinds != {"b"}:
        raise TypeError(f"{call} needs alpha as a number beside numbers, got {alpha}")
    if isinstance(alpha, float) and "f" not in kinds:
        raise TypeError(f"{call} of whole numbers needs a whole alpha, got {alpha}; use x.double()")
    if kinds == {"b"}:
        return other & bool(alpha)
    if isinstance(alpha, float) and hasattr(input, "dtype") and kind_of(other) in "biu":
        alpha = np.asarray(alpha, input.dtype)  # whole numbers times a plain float have the default dtype
        other = other.astype(input.dtype) if isinstance(other, np.ndarray) else other
    return elementwise.multiply(other, alpha)


@public("divide", in_place=True, numbers="one")
def div(input: Data, other: Any, *, rounding_mode: str | None = None) -> Data:
    """`input / other`; with `rounding_mode="floor"` rounded down, with "trunc" to the side of 0."""
    if rounding_mode is None:
        return input / other
    if rounding_mode == "floor":
        return step_functions.floor_divide(input, other)
    if rounding_mode != "trunc":
        raise ValueError(f"div needs rounding_mode None, 'trunc' or 'floor', got {rounding_mode!r}")
    return step_functions.trunc_divide(input, other)


@public(in_place=True, numbers="one")
def pow(input: Data, exponent: Any) -> Data:
    """`input ** exponent`. Rule, domain and kinks: `help(tinygrad_edu.OPERATIONS["power"])`."""
    return elementwise.power(input, exponent)


@public(in_place=True, numbers="one")
def float_power(input: Data, exponent: Any) -> Data:
    """`input ** exponent` in float64, whatever the dtypes are."""
    base, power = (x.double() if hasattr(x, "double") else float(x) for x in (input, exponent))
    return elementwise.power(base, power)


@public()
def positive(input: Data) -> Data:
    """`+input`, which is `input`."""
    no_booleans("positive", input)
    return input


@public(in_place=True, numbers="none")
def ldexp(input: Data, other: Data) -> Data:
    """`input * 2 ** other`."""
    if kind_of(input) == "f" != kind_of(other):
        other = other.astype(input.dtype)
    return input * 2.0**other


@public(numbers="none")
def logaddexp2(input: Data, other: Data) -> Data:
    """`log2(2 ** input + 2 ** other)`, without overflow."""
    if "f" not in kinds_of(input, other):
        only_floats("logaddexp2", input)
    return transcendental.logaddexp(input * math.log(2), other * math.log(2)) / math.log(2)


@public(in_place=True, numbers="none")
def lerp(input: Data, end: Data, weight: Any) -> Data:
    """`input + weight * (end - input)`: from `input` at weight 0 to `end` at weight 1, both exactly."""
    check_one_dtype("lerp", input, end, weight)
    only_floats("lerp", input)
    near = elementwise.less(elementwise.absolute(weight), 0.5)
    start = elementwise.where(near, input, end)
    return start + elementwise.where(near, weight, weight - 1) * (end - input)


@public(in_place=True)
def addcmul(input: Data, tensor1: Data, tensor2: Data, *, value: float = 1) -> Data:
    """`input + value * tensor1 * tensor2`."""
    if kinds_of(input, tensor1, tensor2) == {"b"}:
        no_booleans("addcmul", input)
    return input + _scaled("addcmul", input, tensor1, value) * tensor2


@public(in_place=True)
def addcdiv(input: Data, tensor1: Data, tensor2: Data, *, value: float = 1) -> Data:
    """`input + value * tensor1 / tensor2`."""
    if "f" not in kinds_of(tensor1, tensor2):
        only_floats("addcdiv", tensor1)
    return input + _scaled("addcdiv", input, tensor1, value) / tensor2


@public("special.round", in_place=True)
def round(input: Data, *, decimals: int = 0) -> Data:
    """The nearest number with so many decimals; of two equally near ones the even. Its derivative is 0."""
    if decimals == 0:
        return step_functions.round(input)
    only_floats("round with decimals", input)
    scale = float(f"1e{abs(decimals)}")
    if decimals < 0:
        return step_functions.round(input / scale) * scale
    return step_functions.round(input * scale) / scale


@public(in_place=True)
def frac(input: Data) -> Data:
    """What stands behind the point, with the sign of the number."""
    only_floats("frac", input)
    return input - step_functions.trunc(input)


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
    greatest = float(np.finfo(input.dtype).max)
    result = elementwise.where(logic.isnan(input), 0.0 if nan is None else nan, input)
    for infinity, number in ((math.inf, posinf), (-math.inf, neginf)):
        bound = math.copysign(greatest, infinity) if number is None else number
        result = elementwise.where(elementwise.equal(input, infinity), bound, result)
    return result


@public(in_place=True, numbers="none")
def heaviside(input: Data, values: Data) -> Data:
    """The step function: 0 below 0, `values` at 0, 1 above."""
    check_one_dtype("heaviside", input, values)
    input, values = one_width(input, values)
    return elementwise.where(elementwise.equal(input, 0), values, elementwise.greater(input, 0))
