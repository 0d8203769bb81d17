"""Operations on truth values and on the bits of whole numbers, divisors of whole numbers, and what is no number."""

from __future__ import annotations

import math
import operator

import numpy as np

from tinygrad_edu.engine.readings import Example
from tinygrad_edu.ops.elementwise import Elementwise


def _masks(n: int) -> Example:
    masks = np.arange(n * n).reshape(n, n)
    return [masks % 2 == 0, masks % 3 == 0], {}


def _mask(n: int) -> Example:
    return _masks(n)[0][:1], {}


def _whole(n: int) -> Example:
    return [np.arange(n * n).reshape(n, n) + 4, np.arange(n * n).reshape(n, n) % 3 + 2], {}


# fmt: off

# z = f(x, y)
bitwise_and = Elementwise(np.bitwise_and, operator.and_, None, None, kinds="iub", numbers="one",
                          numpy="x & y", example=_masks)
bitwise_or  = Elementwise(np.bitwise_or,  operator.or_,  None, None, kinds="iub", numbers="one",
                          numpy="x | y", example=_masks)
bitwise_xor = Elementwise(np.bitwise_xor, operator.xor,  None, None, kinds="iub", numbers="one",
                          numpy="x ^ y", example=_masks)
left_shift  = Elementwise(np.left_shift,  operator.lshift, None, None, kinds="iu", numbers="one",
                          public="bitwise_left_shift", numpy="x << y", example=_whole)
right_shift = Elementwise(np.right_shift, operator.rshift, None, None, kinds="iu", numbers="one",
                          public="bitwise_right_shift", numpy="x >> y", example=_whole)
gcd         = Elementwise(np.gcd, math.gcd, None, None, kinds="iu", numbers="none", example=_whole)
lcm         = Elementwise(np.lcm, math.lcm, None, None, kinds="iu", numbers="none", example=_whole)
logical_and = Elementwise(np.logical_and, lambda x, y: bool(x and y),   None, None, numbers="none",
                          javascript="x && y ? 1 : 0")
logical_or  = Elementwise(np.logical_or,  lambda x, y: bool(x or y),    None, None, numbers="none",
                          javascript="x || y ? 1 : 0")
logical_xor = Elementwise(np.logical_xor, lambda x, y: bool(x) != bool(y), None, None, numbers="none",
                          javascript="!x === !y ? 0 : 1")

# y = f(x)
invert      = Elementwise(np.invert,      None, None, kinds="iub", public="bitwise_not",
                          numpy="~x", javascript="1 - x", example=_mask)
logical_not = Elementwise(np.logical_not, operator.not_, None, javascript="x ? 0 : 1")
isnan       = Elementwise(np.isnan,       math.isnan,    None, in_place=False, javascript="x === x ? 0 : 1")
isinf       = Elementwise(np.isinf,       math.isinf,    None, in_place=False,
                          javascript="Math.abs(x) === Infinity ? 1 : 0")
isfinite    = Elementwise(np.isfinite,    math.isfinite, None, in_place=False, javascript="isFinite(x) ? 1 : 0")
# fmt: on
