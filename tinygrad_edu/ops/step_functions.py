"""Rounding, division to whole numbers with its remainders, and signs; one row each.

A step function has the derivative 0, also where it jumps, as in PyTorch.
"""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import array_kernels
from tinygrad_edu.ops.elementwise import Elementwise, equal, flat, flat_of_two, where


def _copysign_rule(g: Data, z: Data, x: Data, _y: Data) -> Data:
    zero = equal(x, 0)
    return where(zero, 0, g * z / where(zero, 1, x))


# fmt: off

# y = f(x)
floor   = Elementwise(np.floor, None, flat, kinds="fiu")
ceil    = Elementwise(np.ceil,  None, flat, kinds="fiu")
trunc   = Elementwise(np.trunc, None, flat, kinds="fiu", public="trunc fix")
round   = Elementwise(array_kernels.rounded, None, flat, kinds="fiu", public="", name="round",  # noqa: A001
                      numpy="np.round(x)", javascript="Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)")
signbit = Elementwise(np.signbit, None, None, in_place=False, javascript="x < 0 || Object.is(x, -0)")

# z = f(x, y)
copysign     = Elementwise(np.copysign,   math.copysign,  _copysign_rule, flat_of_two, numbers="second",
                           javascript="y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)")
nextafter    = Elementwise(np.nextafter,  math.nextafter, lambda g, _z, x, y: where(equal(x, y), 0, g), flat_of_two,
                           kinds="f", numbers="none")
floor_divide = Elementwise(array_kernels.floor_divide, None, flat_of_two, flat_of_two,
                           kinds="fiu", numbers="one", numpy="x // y", javascript="Math.floor(x / y)")
trunc_divide = Elementwise(array_kernels.trunc_divide, None, flat_of_two, flat_of_two,
                           kinds="fiu", public="", numpy="np.trunc(x / y)", javascript="Math.trunc(x / y)")
remainder    = Elementwise(array_kernels.remainder, None,
                           lambda g, _z, _x, _y: g, lambda g, _z, x, y: -g * floor_divide(x, y),
                           kinds="fiu", numbers="one", numpy="x % y", javascript="x - y * Math.floor(x / y)")
fmod         = Elementwise(array_kernels.fmod, None,
                           lambda g, _z, _x, _y: g, lambda g, _z, x, y: -g * trunc_divide(x, y),
                           kinds="fiu", numbers="second", numpy="np.fmod(x, y)", javascript="x % y")
# fmt: on
