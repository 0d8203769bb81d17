"""Exponentials and logarithms of other bases, and the forms of them that keep their digits; one row each."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.ops.elementwise import Elementwise, sigmoid

# fmt: off

# y = f(x)
expm1 = Elementwise(np.expm1, math.expm1, lambda g, y, _x: g * (y + 1), public="expm1 special.expm1")
log1p = Elementwise(np.log1p, math.log1p, lambda g, _y, x: g / (1 + x), public="log1p special.log1p",
                    advice="log1p needs numbers above -1.")
log2  = Elementwise(np.log2,  math.log2,  lambda g, _y, x: g / (x * math.log(2)),
                    advice="A logarithm needs numbers above 0.")
log10 = Elementwise(np.log10, math.log10, lambda g, _y, x: g / (x * math.log(10)),
                    advice="A logarithm needs numbers above 0.")

# z = f(x, y)
logaddexp = Elementwise(np.logaddexp, None,
                        lambda g, _z, x, y: g * sigmoid(x - y), lambda g, _z, x, y: g * sigmoid(y - x),
                        kinds="f", numbers="none", in_place=False,
                        javascript="x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)))")
# fmt: on
