"""Exponentials and logarithms that keep their digits, trigonometric and hyperbolic functions and their inverses."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import array_kernels
from tinygrad_edu.ops.elementwise import Elementwise, absolute, between, equal, less, sigmoid, sqrt, where


def _sin_rule(g: Data, _y: Data, x: Data) -> Data:
    return g * cos(x)


def _sinh_rule(g: Data, _y: Data, x: Data) -> Data:
    return g * cosh(x)


_SINC = (130, 88, 54, 28, 10)  # (2k + 3)(2k) of its series


def _sinc_rule(g: Data, y: Data, x: Data) -> Data:
    near = less(absolute(x), 0.1)  # where the difference cos(πx) - y would cancel
    far, square = where(near, 1.0, x), math.pi**2 * x * x
    series: Data = 1.0
    for divisor in _SINC:
        series = 1 - square * series / divisor
    return g * where(near, (-(math.pi**2) / 3) * x * series, (cos(math.pi * far) - y) / far)


def _square(x: Data, y: Data) -> Data:
    """x² + y², and 1 at the origin, where the angle has no slope and 0 is taken."""
    square = x * x + y * y
    return where(equal(square, 0), 1, square)


# fmt: off

# y = f(x); written with y wherever that is shorter.
expm1 = Elementwise(np.expm1, math.expm1, lambda g, y, _x: g * (y + 1), public="expm1 special.expm1")
log1p = Elementwise(np.log1p, math.log1p, lambda g, _y, x: g / (1 + x), public="log1p special.log1p",
                    advice="log1p needs numbers above -1.")
log2  = Elementwise(np.log2,  math.log2,  lambda g, _y, x: g / (x * math.log(2)),
                    advice="A logarithm needs numbers above 0.")
log10 = Elementwise(np.log10, math.log10, lambda g, _y, x: g / (x * math.log(10)),
                    advice="A logarithm needs numbers above 0.")

sin   = Elementwise(np.sin,     math.sin,            _sin_rule)
cos   = Elementwise(np.cos,     math.cos,            lambda g, _y, x: -g * sin(x))
tan   = Elementwise(np.tan,     math.tan,            lambda g, y, _x: g * (1 + y * y))
asin  = Elementwise(np.arcsin,  math.asin,           lambda g, _y, x: g / sqrt(1 - x * x),
                    name="asin", public="asin arcsin", example=between(-0.5, 0.5), javascript="Math.asin(x)",
                    advice="asin needs numbers from -1 to 1.")
acos  = Elementwise(np.arccos,  math.acos,           lambda g, _y, x: -g / sqrt(1 - x * x),
                    name="acos", public="acos arccos", example=between(-0.5, 0.5), javascript="Math.acos(x)",
                    advice="acos needs numbers from -1 to 1.")
atan  = Elementwise(np.arctan,  math.atan,           lambda g, _y, x: g / (1 + x * x),
                    name="atan", public="atan arctan", javascript="Math.atan(x)")

sinh  = Elementwise(np.sinh,    math.sinh,           _sinh_rule)
cosh  = Elementwise(np.cosh,    math.cosh,           lambda g, _y, x: g * sinh(x))
asinh = Elementwise(np.arcsinh, math.asinh,          lambda g, _y, x: g / sqrt(x * x + 1),
                    name="asinh", public="asinh arcsinh", javascript="Math.asinh(x)")
acosh = Elementwise(np.arccosh, math.acosh,          lambda g, _y, x: g / sqrt(x * x - 1),
                    name="acosh", public="acosh arccosh", javascript="Math.acosh(x)",
                    example=between(1.5, 2.5),
                    advice="acosh needs numbers of 1 or more.")
atanh = Elementwise(np.arctanh, math.atanh,          lambda g, _y, x: g / (1 - x * x),
                    name="atanh", public="atanh arctanh", javascript="Math.atanh(x)",
                    example=between(-0.5, 0.5),
                    advice="atanh needs numbers between -1 and 1.")

sinc  = Elementwise(array_kernels.sinc, None,        _sinc_rule, public="sinc special.sinc", numpy="np.sinc(x)",
                    javascript="x ? Math.sin(Math.PI * x) / (Math.PI * x) : 1")

# z = f(x, y)
atan2 = Elementwise(np.arctan2, math.atan2,
                    lambda g, _z, x, y: g * y / _square(x, y), lambda g, _z, x, y: -g * x / _square(x, y),
                    name="atan2", public="atan2 arctan2", numbers="none", javascript="Math.atan2(x, y)")
hypot = Elementwise(np.hypot,   math.hypot, lambda g, z, x, _y: g * x / z, lambda g, z, _x, y: g * y / z,
                    kinds="f", numbers="none", javascript="Math.hypot(x, y)")
logaddexp = Elementwise(np.logaddexp, None,
                        lambda g, _z, x, y: g * sigmoid(x - y), lambda g, _z, x, y: g * sigmoid(y - x),
                        kinds="f", numbers="none", in_place=False,
                        javascript="x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)))")
# fmt: on
