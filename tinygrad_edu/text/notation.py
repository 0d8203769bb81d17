"""Notations: the forms in which formulas write operations. Every writer of `symbolic/writers` knows all of them."""

from __future__ import annotations

from typing import NamedTuple


class Notation(NamedTuple):
    """A form of writing, and the sign or the name in it."""

    form: str
    sign: str = ""


SUM, DIFFERENCE = Notation("sum"), Notation("difference")
PRODUCT, QUOTIENT, MATRIX_PRODUCT = Notation("product"), Notation("quotient"), Notation("matrix_product")
MINUS, POWER, EXPONENTIAL = Notation("minus"), Notation("power"), Notation("exponential")
ROOT, BARS = Notation("root"), Notation("bars")
TOTAL = Notation("total")  # Σ x
REPLACED = Notation("replaced")  # x[0 ← 5], x but 5 in place of x[0]
ELEMENTS, TRANSPOSE, RESHAPED, REPEATED = (
    Notation(x) for x in ("elements", "transpose", "reshaped", "repeated")
)
UNWRITTEN = Notation("unwritten")  # only the input is written


def function(name: str) -> Notation:
    """`σ(x)`, `max(x, y)`."""
    return Notation("function", name)


def of_first(name: str) -> Notation:
    """`scatter(x)`: a function of which only the first input is written."""
    return Notation("of_first", name)


def along(name: str) -> Notation:
    """`max rows(x)`: a function of all numbers, or of those along the rows or columns of a matrix."""
    return Notation("along", name)


def comparison(sign: str) -> Notation:
    """`[x > y]`: 1 where the comparison holds, else 0."""
    return Notation("comparison", sign)
