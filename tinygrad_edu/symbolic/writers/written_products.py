"""Sums and products as formulas write them: how tightly they bind, and which sign a product has."""

from __future__ import annotations

import math

from tinygrad_edu.symbolic.expression import Expression, number_in
from tinygrad_edu.symbolic.writers.written_shapes import elements
from tinygrad_edu.text.notation import Notation, function

SUM, PRODUCT, PREFIX, POWER, ATOM = 1, 2, 3, 4, 5  # how tightly the parts of a piece bind

# For each notation with a sign in the middle: how tightly it binds, and how tightly its left and right side must.
INFIX = {
    "sum": (SUM, SUM, SUM),
    "difference": (SUM, SUM, PRODUCT),
    "product": (PRODUCT, PRODUCT, PRODUCT),
    "matrix_product": (PRODUCT, PRODUCT, PREFIX),
}
NUMBER, SINGLE, EACH, OUTER, MATRICES = "number", "single", "each", "outer", "matrices"  # kinds of product

OPPOSITE = {"sum": "difference", "difference": "sum"}  # x + −2 y is x − 2 y


def notation_of(node: Expression) -> Notation:
    """The notation of its operation: name and brackets, if no other is known."""
    assert node.operation is not None
    return node.operation.readings.notation or function(node.operation.name)


def kind_of_product(node: Expression, form: str) -> str:
    """The kind of a product: with a plain number, of single numbers, number by number, outer, or of matrices."""
    if form == "matrix_product":
        return MATRICES
    x, y = node.inputs
    if number_in(x) is not None and number_in(y) is None:
        return NUMBER
    sizes = [elements(part) for part in (x, y)]
    if min(sizes) == 1:
        return SINGLE
    return OUTER if math.prod(node.shape) > max(sizes) else EACH
