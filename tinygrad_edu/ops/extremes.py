"""The greater and the smaller of two numbers, nan left out, and numbers kept between bounds; one row each."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import array_kernels, float_kernels
from tinygrad_edu.ops.elementwise import (
    Elementwise,
    greater,
    greater_equal,
    less,
    less_equal,
    where,
)
from tinygrad_edu.ops.logic import isnan


def _greater_or_alone(x: Data, y: Data) -> Data:
    """True where fmax takes x: at a tie, too, and where y is nan."""
    return where(greater_equal(x, y), True, isnan(y))


def _smaller_or_alone(x: Data, y: Data) -> Data:
    return where(less_equal(x, y), True, isnan(y))


def _clamp_rule(g: Data, _z: Data, x: Data, low: Data, high: Data) -> Data:
    return where(greater_equal(x, low), where(less_equal(x, high), g, 0), 0)


def _low_rule(g: Data, _z: Data, x: Data, low: Data, high: Data) -> Data:
    return where(less(low, high), where(less(x, low), g, 0), 0)


def _high_rule(g: Data, _z: Data, x: Data, low: Data, high: Data) -> Data:
    return where(greater(x, high), g, where(less(high, low), g, 0))


# fmt: off

# z = f(x, y); of a bound and a number that are equal the number takes the gradient.
fmax      = Elementwise(np.fmax, None, lambda g, _z, x, y: where(_greater_or_alone(x, y), g, 0),
                        lambda g, _z, x, y: where(_greater_or_alone(x, y), 0, g), numbers="none", in_place=False,
                        javascript="x >= y || y !== y ? x : y")
fmin      = Elementwise(np.fmin, None, lambda g, _z, x, y: where(_smaller_or_alone(x, y), g, 0),
                        lambda g, _z, x, y: where(_smaller_or_alone(x, y), 0, g), numbers="none", in_place=False,
                        javascript="x <= y || y !== y ? x : y")
clamp_min = Elementwise(np.maximum, float_kernels.maximum,
                        lambda g, _z, x, y: where(greater_equal(x, y), g, 0),
                        lambda g, _z, x, y: where(less(x, y), g, 0),
                        name="clamp_min", public="", javascript="Math.max(x, y)")
clamp_max = Elementwise(np.minimum, float_kernels.minimum,
                        lambda g, _z, x, y: where(less_equal(x, y), g, 0),
                        lambda g, _z, x, y: where(greater(x, y), g, 0),
                        name="clamp_max", public="", javascript="Math.min(x, y)")
clamp     = Elementwise(array_kernels.clamp, None, _clamp_rule, _low_rule, _high_rule,
                        public="", numpy="np.minimum(np.maximum(x, low), high)",
                        javascript="Math.min(Math.max(x, low), high)")
# fmt: on
