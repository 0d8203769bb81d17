"""Notations: the forms in which formulas write operations. Every writer of `symbolic/writers` knows all of them."""

from __future__ import annotations

from typing import NamedTuple


class Notation(NamedTuple):
    """A form of writing, and the sign or the name in it."""

    form: str
    sign: str = ""
    unsaid: tuple[str, ...] = ()  # settings that are seen from the shape of the result


SUM, DIFFERENCE = Notation("sum"), Notation("difference")
PRODUCT, QUOTIENT, MATRIX_PRODUCT = Notation("product"), Notation("quotient"), Notation("matrix_product")
MINUS, POWER, EXPONENTIAL = Notation("minus"), Notation("power"), Notation("exponential")
ROOT, BARS = Notation("root"), Notation("bars")
TOTAL = Notation("total")  # Σ x
REPLACED = Notation("replaced")  # x[0 ← 5], x but 5 in place of x[0]
SCATTERED = Notation("scattered")  # zeros(5)[0:3 ← x]
ELEMENTS, TRANSPOSE, RESHAPED, REPEATED = (
    Notation(x) for x in ("elements", "transpose", "reshaped", "repeated")
)
UNWRITTEN = Notation("unwritten")  # only the input is written


def function(name: str, *unsaid: str) -> Notation:
    """`σ(x)`, `max(x, y)`, `cumsum(x, dim=0)`, without the settings `unsaid`."""
    return Notation("function", name, unsaid)


def along(name: str) -> Notation:
    """`max(x)`, `max(x, dim=1)`: a function of all numbers, or of those along dimensions."""
    return Notation("along", name)


def comparison(sign: str) -> Notation:
    """`[x > y]`: 1 where the comparison holds, else 0."""
    return Notation("comparison", sign)
