"""Which numbers of a step can be computed by hand from the numbers on the screen: the quiz asks for no others."""

from __future__ import annotations

from collections.abc import Iterable

from tinygrad_edu.ops import contractions
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.symbolic.expression import Expression, inside_out, symbols_in
from tinygrad_edu.symbolic.writers.written_products import notation_of
from tinygrad_edu.symbolic.writers.written_shapes import elements

MAX_PRODUCTS = 6  # that are added up to one number
NONE, FROM_ALL, FROM_SAME_PLACE = "", "all", "place"
_MOVED = {"repeated", "reshaped", "transpose", "unwritten", "elements", "replaced"}
_REDUCED = {"total", "along"}


def answerable(formulas: Iterable[Expression | None]) -> str:
    """Where the numbers stand that each number of these formulas is computed from.

    NONE: too many; FROM_ALL: in all places of the arrays; FROM_SAME_PLACE: in its own place, or in single numbers.
    """
    found = {_numbers_for(formula) for formula in formulas} or {NONE}
    return next(kind for kind in (NONE, FROM_ALL, FROM_SAME_PLACE) if kind in found)


def _numbers_for(formula: Expression | None) -> str:
    if formula is None:
        return NONE
    nodes = [node for node in inside_out(formula) if node.operation is not None]
    in_place = all(x.shape == formula.shape or elements(x) == 1 for x in symbols_in(formula))
    if in_place and all(isinstance(x.operation, Elementwise) or _is_single_number(x) for x in nodes):
        return FROM_SAME_PLACE
    products: dict[Expression, int] = {}
    for node in inside_out(formula):
        most = max((products.get(x, 1) for x in node.inputs if isinstance(x, Expression)), default=1)
        products[node] = most * _added_up(node)
    return FROM_ALL if products[formula] <= MAX_PRODUCTS else NONE


def _is_single_number(node: Expression) -> bool:
    """True for one number in every place."""
    return node.operation is expand and elements(node.inputs[0]) == 1


def _added_up(node: Expression) -> int:
    """How many numbers of an input come into one number of `node`, at most."""
    sizes = [elements(x) for x in node.inputs]
    if node.operation is None or isinstance(node.operation, Elementwise) or notation_of(node).form in _MOVED:
        return 1
    x = node.inputs[0]
    if node.operation in (contractions.matmul, contractions.linear):
        return int(x.shape[-1])
    if notation_of(node).form in _REDUCED:
        return max(sizes) // max(elements(node), 1)
    dim = node.settings.get("dim")
    in_lines = isinstance(dim, int) and isinstance(x, Expression) and x.shape == node.shape
    return int(x.shape[dim]) if in_lines else max(sizes)
