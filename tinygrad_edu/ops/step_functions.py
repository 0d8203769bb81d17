"""Rounding, division to whole numbers with its remainders, and the sign and the exponent of a number; one row each.

A step function has the derivative 0, also where it jumps, as in PyTorch.
"""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import array_kernels, float_rounding
from tinygrad_edu.ops.elementwise import Elementwise, equal, flat, flat_of_two, greater, less, where


def _copysign_rule(g: Data, z: Data, x: Data, _y: Data) -> Data:
    zero = equal(x, 0)
    return where(zero, 0, g * z / where(zero, 1, x))


def _mantissa_rule(g: Data, y: Data, x: Data) -> Data:
    other = where(less(y, x), True, greater(y, x))  # False at 0, infinity and nan, which stay
    return where(other, g * y / where(other, x, 1), g)


# fmt: off

# y = f(x)
floor    = Elementwise(np.floor, float_rounding.floor, flat, kinds="fiu")
ceil     = Elementwise(np.ceil,  float_rounding.ceil,  flat, kinds="fiu")
trunc    = Elementwise(np.trunc, float_rounding.trunc, flat, kinds="fiu", public="trunc fix")
round    = Elementwise(array_kernels.rounded, float_rounding.rounded, flat, kinds="fiu", public="", name="round",  # noqa: A001
                       numpy="np.round(x)",
                       javascript="Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)")
angle    = Elementwise(array_kernels.angle, float_rounding.angle, flat, in_place=False,
                       numpy="np.arctan2(0, x + 0)", javascript="Math.atan2(0, x + 0)")
signbit  = Elementwise(np.signbit, float_rounding.signbit, None, in_place=False,
                       javascript="x < 0 || Object.is(x, -0)")
mantissa = Elementwise(array_kernels.mantissa, float_rounding.mantissa, _mantissa_rule, kinds="f", public="",
                       numpy="np.frexp(x)[0]",
                       javascript="x && isFinite(x) ? x / 2 ** (Math.floor(Math.log2(Math.abs(x))) + 1) : x")
exponent = Elementwise(array_kernels.exponent, float_rounding.exponent, None, kinds="f", public="",
                       numpy="np.frexp(x)[1]",
                       javascript="x && isFinite(x) ? Math.floor(Math.log2(Math.abs(x))) + 1 : 0")

# z = f(x, y)
copysign     = Elementwise(np.copysign,   math.copysign,  _copysign_rule, flat_of_two, numbers="second",
                           javascript="y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)")
nextafter    = Elementwise(np.nextafter,  math.nextafter, lambda g, _z, x, y: where(equal(x, y), 0, g), flat_of_two,
                           kinds="f", numbers="none")
floor_divide = Elementwise(array_kernels.floor_divide, float_rounding.floor_divide, flat_of_two, flat_of_two,
                           kinds="fiu", numbers="one", numpy="x // y", javascript="Math.floor(x / y)")
trunc_divide = Elementwise(array_kernels.trunc_divide, float_rounding.trunc_divide, flat_of_two, flat_of_two,
                           kinds="fiu", public="", numpy="np.trunc(x / y)", javascript="Math.trunc(x / y)")
remainder    = Elementwise(array_kernels.remainder,    float_rounding.remainder,
                           lambda g, _z, _x, _y: g, lambda g, _z, x, y: -g * floor_divide(x, y),
                           kinds="fiu", numbers="one", numpy="x % y", javascript="x - y * Math.floor(x / y)")
fmod         = Elementwise(array_kernels.fmod,         float_rounding.fmod,
                           lambda g, _z, _x, _y: g, lambda g, _z, x, y: -g * trunc_divide(x, y),
                           kinds="fiu", numbers="second", numpy="np.fmod(x, y)", javascript="x % y")
# fmt: on
