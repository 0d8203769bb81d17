"""Functions recognized in the formulas that define them: 1 / (1 + exp(−z)) is σ(z), exp(z) / Σ exp(z) is softmax(z)."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import reduce, softmax
from tinygrad_edu.symbolic.expression import Expression, number_in, same
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
    return p.parted(lambda base: not any(base is other for other in bases))[0]


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
    terms = sorted(terms_of(base), key=lambda term: len(term.factors)) if is_sum(base) else []
    if len(terms) != 2 or not terms[0].is_one or not terms[1].number.is_(1) or len(terms[1].factors) != 1:
        return None
    ((factor, power),) = terms[1].factors
    return factor if power == 1 and factor.operation is ops.exp else None


def _softmax(p: Product, base: Expression) -> Product | None:
    """exp(u) / Σ exp(u) along one dimension."""
    if base.operation is not reduce.sum or not base.settings["keepdim"]:
        return None
    dims, inner = base.settings["dims"], base.inputs[0]
    above = next((b for b, power in p.factors if power == 1 and same(b, inner)), None)
    if above is None or above.operation is not ops.exp or dims is None or len(dims) != 1:
        return None
    result = _without(p, base, above)
    z, dim = without_shift(above.inputs[0], dims[0]), dims[0]
    equal = number_in(z) is not None  # one number everywhere
    share = Expression(shape=(), operation=ops.divide, inputs=(1, z.shape[dim])) if equal else None
    result.times(softmax.softmax(z, dim=dim) if share is None else share, 1)
    return result


def without_shift(u: Expression, dim: int) -> Expression:
    """`u` without a term that is the same all along `dim`: softmax of z − max(z) is softmax of z."""
    if u.operation not in (ops.add, ops.subtract):
        return u
    kept, shift = u.inputs
    shift = bare(shift)
    at = dim - u.ndim + getattr(shift, "ndim", 0)
    even = not isinstance(shift, Expression) or at < 0 or shift.shape[at] == 1
    return kept if even and isinstance(kept, Expression) and kept.shape == u.shape else u
