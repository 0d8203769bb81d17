"""Arithmetic by name: sums and products with factors, divisions that round, powers, and angles in degrees."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, exponentials, step_functions
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype, kind_of, kinds_of, refuse_kinds
from tinygrad_edu.tensor.functions.public import public


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
    return other & bool(alpha) if kinds == {"b"} else elementwise.multiply(other, alpha)


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


@public(in_place=True)
def square(input: Data) -> Data:
    """`input * input`; of booleans whole numbers."""
    return input**2 if kind_of(input) == "b" else elementwise.multiply(input, input)


@public()
def positive(input: Data) -> Data:
    """`+input`, which is `input`."""
    refuse_kinds("positive", "b", input)
    return input


@public(in_place=True)
def reciprocal(input: Data) -> Data:
    """`1 / input`."""
    return 1 / input


@public(in_place=True)
def rsqrt(input: Data) -> Data:
    """`1 / sqrt(input)`."""
    return 1 / elementwise.sqrt(input)


@public("special.exp2", in_place=True)
def exp2(input: Data) -> Data:
    """`2 ** input`, as floats."""
    return 2.0**input


@public(in_place=True, numbers="none")
def ldexp(input: Data, other: Data) -> Data:
    """`input * 2 ** other`."""
    if kind_of(input) == "f" != kind_of(other):
        other = other.astype(input.dtype)
    return input * 2.0**other


@public(numbers="none")
def logaddexp2(input: Data, other: Data) -> Data:
    """`log2(2 ** input + 2 ** other)`, without overflow."""
    refuse_kinds("logaddexp2", "iub", input, other)
    return exponentials.logaddexp(input * math.log(2), other * math.log(2)) / math.log(2)


@public(in_place=True, numbers="none")
def lerp(input: Data, end: Data, weight: Any) -> Data:
    """`input + weight * (end - input)`: from `input` at weight 0 to `end` at weight 1, both exactly."""
    check_one_dtype("lerp", input, end, weight)
    refuse_kinds("lerp", "iub", input)
    near = elementwise.less(elementwise.absolute(weight), 0.5)
    start = elementwise.where(near, input, end)
    return start + elementwise.where(near, weight, weight - 1) * (end - input)


@public(in_place=True)
def addcmul(input: Data, tensor1: Data, tensor2: Data, *, value: float = 1) -> Data:
    """`input + value * tensor1 * tensor2`."""
    if kinds_of(input, tensor1, tensor2) == {"b"}:
        refuse_kinds("addcmul", "b", input)
    return input + _scaled("addcmul", input, tensor1, value) * tensor2


@public(in_place=True)
def addcdiv(input: Data, tensor1: Data, tensor2: Data, *, value: float = 1) -> Data:
    """`input + value * tensor1 / tensor2`."""
    if "f" not in kinds_of(tensor1, tensor2):
        refuse_kinds("addcdiv", "iub", tensor1)
    return input + _scaled("addcdiv", input, tensor1, value) / tensor2


@public(in_place=True)
def deg2rad(input: Data) -> Data:
    """Angles in degrees as angles in radians."""
    return input * (math.pi / 180)


@public(in_place=True)
def rad2deg(input: Data) -> Data:
    """Angles in radians as angles in degrees."""
    return input * (180 / math.pi)
