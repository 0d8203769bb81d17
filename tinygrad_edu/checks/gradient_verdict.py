"""The result of a gradient test: whether it agrees, what kind of point or mistake was found, and the sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from typing import Any


@dataclass(frozen=True)
class GradientVerdict:
    """The verdict on the gradients of a function; true if nothing is wrong, and it prints as a sentence.

    `kind`: "agrees", or what was met where it agrees: "kink", "jump", "pole", "edge" of the domain, "outside the
    domain", "rounding"; or "random" and "wrong". `mistake` says of a wrong gradient in which way: "sign", "factor",
    "lost factor", "extra factor", "transposed", "swapped", "misplaced", "missing path", "not summed", "overwritten
    gradient" (= for +=), "overwritten input", "ignores upstream", "stale", "float kernel", "shape", "unknown" ...;
    `operation` is the one whose rule is wrong, where that could be found out. `index`, `found`, `expected` and
    `relative`: the worst number of the input at place `input`.
    """

    kind: str
    text: str
    mistake: str = ""
    operation: str = ""
    input: int = 0
    index: tuple[int, ...] = ()
    found: float = nan
    expected: float = nan
    relative: float = 0.0
    agreeing: int = 0
    count: int = 0
    step: Any = field(
        default=None, repr=False, compare=False
    )  # the operation with the wrong rule, on its numbers

    def __bool__(self) -> bool:
        return self.kind not in ("wrong", "random")

    def __str__(self) -> str:
        return self.text
