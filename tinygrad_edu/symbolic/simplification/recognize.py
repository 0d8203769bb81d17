"""Functions recognized in the formulas that define them: 1 / (1 + exp(−z)) is σ(z), exp(z) / Σ exp(z) is softmax(z)."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import reduce, softmax
from tinygrad_edu.symbolic.expression import Expression, same
from tinygrad_edu.symbolic.simplification.products import Product, bare, is_sum, terms_of


def recognized(p: Product) -> Product:
    """`p` with the quotients that define a function replaced by that function."""
    for base, power in p.factors:
        if power == -1:
            found = _sigmoid(p, base) or _softmax(p, base)
            if found is not None:
                return found
    return p


def _without(p: Product, *bases: Expression) -> Product:
    return Product(p.number, [(b, power) for b, power in p.factors if not any(b is base for base in bases)])


def _sigmoid(p: Product, base: Expression) -> Product | None:
    """1 / (1 + exp(w)) = σ(−w), and exp(w) / (1 + exp(w)) = σ(w)."""
    exponential = _one_plus_exp(base)
    if exponential is None:
        return None
    w = exponential.inputs[0]
    above = next((b for b, power in p.factors if power == 1 and same(b, exponential)), None)
    result = _without(p, base) if above is None else _without(p, base, above)
    if above is not None:
        result.times(ops.sigmoid(w), 1)
    elif isinstance(w, Expression) and w.operation is ops.negative:
        result.times(ops.sigmoid(w.inputs[0]), 1)
    else:
        result.times(1 - ops.sigmoid(w), 1)
    return result


def _one_plus_exp(base: Expression) -> Any:
    """exp(w), if `base` is 1 + exp(w)."""
    if not is_sum(base):
        return None
    terms = terms_of(base)
    constants = [term for term in terms if not term.factors]
    others = [term for term in terms if term.factors]
    if (
        len(constants) != 1
        or len(others) != 1
        or not constants[0].number.is_(1)
        or not others[0].number.is_(1)
    ):
        return None
    ((factor, power), *more) = others[0].factors
    return factor if not more and power == 1 and factor.operation is ops.exp else None


def _softmax(p: Product, base: Expression) -> Product | None:
    """exp(u) / Σ exp(u) along one dimension."""
    if base.operation is not reduce.sum or not base.settings["keepdim"]:
        return None
    dims, inner = base.settings["dims"], base.inputs[0]
    above = next((b for b, power in p.factors if power == 1 and same(b, inner)), None)
    if above is None or above.operation is not ops.exp or dims is None or len(dims) != 1:
        return None
    result = _without(p, base, above)
    result.times(softmax.softmax(without_shift(above.inputs[0], dims[0]), dim=dims[0]), 1)
    return result


def without_shift(u: Expression, dim: int) -> Expression:
    """`u` without a term that is the same all along `dim`, which softmax does not feel: z − max(z) is z."""
    if u.operation not in (ops.add, ops.subtract):
        return u
    kept, shift = u.inputs
    shift = bare(shift)
    at = dim - u.ndim + getattr(shift, "ndim", 0)
    even = not isinstance(shift, Expression) or at < 0 or shift.shape[at] == 1
    return kept if even and isinstance(kept, Expression) and kept.shape == u.shape else u
