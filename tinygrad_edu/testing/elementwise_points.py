"""The point at which each elementwise operation is tried: away from kinks and poles."""

from __future__ import annotations

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise

# One number for each input, away from kinks and poles; where the usual ones are not.
_UNUSUAL: dict[str, tuple[float, ...]] = {
    "absolute": (-0.7,),
    "binary_cross_entropy": (0.3, 0.8),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor"), (True, False)),
    **dict.fromkeys(("bessel_y0", "bessel_y1", "digamma", "lgamma"), (1.3,)),
    **dict.fromkeys(("igamma", "igammac"), (1.3, 0.7)),
    "invert": (True,),
    **dict.fromkeys(("modified_bessel_k0", "modified_bessel_k1"), (1.3,)),
    "power": (0.6, -1.2),
    **dict.fromkeys(("scaled_modified_bessel_k0", "scaled_modified_bessel_k1"), (1.3,)),
    "where": (1, 0.3, -1.2),
    **dict.fromkeys(("xlog1py", "xlogy"), (0.3, 1.2)),
    "zeta": (3.3, 1.2),
    "acosh": (1.6,),
    **dict.fromkeys(("ceil", "floor", "trunc"), (0.4,)),
    "floor_divide": (10.0, 4.0),  # a quotient between 2 and 3, also if both are moved by 0.25
    **dict.fromkeys(("fmod", "remainder", "trunc_divide"), (-10.0, 4.0)),
    "gcd": (12, 18),
    "lcm": (4, 6),
    **dict.fromkeys(("left_shift", "right_shift"), (5, 2)),
    "round": (0.1,),
}
POINTS: dict[str, tuple[float, ...]] = {
    name: _UNUSUAL.get(name, (0.3, -1.2)[: len(op.rules)])
    for name, op in OPERATIONS.items()
    if isinstance(op, Elementwise)
}
