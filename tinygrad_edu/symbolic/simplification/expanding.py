"""Products multiplied out, and common factors put in front: −y/p · p(1 − p) + ... becomes p − y."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops import reduce
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.simplification.equality import equal
from tinygrad_edu.symbolic.simplification.products import (
    MAX_TERMS,
    LengthError,
    Product,
    collected,
    is_sum,
    product,
    product_of,
    shaped,
    terms_of,
    total,
)
from tinygrad_edu.symbolic.simplification.rationals import shared
from tinygrad_edu.symbolic.simplification.summing import sum_rewritten

_MAX_POWER = 2  # of a sum that is multiplied out


def multiplied_out(terms: list[Product]) -> list[Product]:
    """The sum of `terms` with every product of sums multiplied out. Raises `LengthError`."""
    done: list[Product] = []
    waiting = list(reversed(terms))
    while waiting:
        term = waiting.pop()
        chosen = _to_multiply(term)
        if chosen is None:
            done.append(term)
        else:
            base, power = term.factors[chosen]
            rest = Product(term.number, term.factors[:chosen] + term.factors[chosen + 1 :])
            if power > 1:
                rest.times(base, power - 1)
            waiting += [rest.joined(part) for part in reversed(_addends(base))]
        if len(done) + len(waiting) > MAX_TERMS:
            raise LengthError
    return collected(done)


def _to_multiply(term: Product) -> int | None:
    """The index of the sum to multiply out first: one with fractions, which may cancel against other factors."""
    sums = [i for i, (base, power) in enumerate(term.factors) if 0 < power <= _MAX_POWER and _adds_up(base)]
    with_fractions = [i for i in sums if _has_fractions(term.factors[i][0])]
    chosen = with_fractions or sums
    return chosen[0] if chosen else None


def _has_fractions(base: Any) -> bool:
    return any(power < 0 for term in terms_of(base) for _, power in term.factors)


def _adds_up(x: Expression) -> bool:
    """True for x + y and for Σ (x + y)."""
    return is_sum(x) or (x.operation is reduce.sum and is_sum(x.inputs[0]))


def _addends(x: Expression) -> list[Product]:
    """The terms of x + y, or Σ x and Σ y of Σ (x + y)."""
    if is_sum(x):
        return terms_of(x)
    inner = x.inputs[0]
    terms = [shaped(product(term), inner.shape) for term in terms_of(inner)]
    return [product_of(sum_rewritten(reduce.sum(term, **x.settings))) for term in terms]


def in_front(terms: list[Product]) -> Any:
    """The common factors of all terms, times the rest: `2 g (p − y) / 3`."""
    if len(terms) < 2:
        return total(terms)
    number = shared([term.number for term in terms])
    common = [(base, _least_power(base, terms)) for base, _ in terms[0].factors]
    outside = Product(number, [(base, power) for base, power in common if power])
    back = Product(number.inverse(), [(base, -power) for base, power in outside.factors])
    inside = total([term.joined(back) for term in terms])
    return product(outside.joined(product_of(inside)))


def _least_power(base: Any, terms: list[Product]) -> int:
    """The power of `base` in every term; 0 if a term is without `base`, or has it above where another has it below."""
    powers = [next((p for b, p in term.factors if equal(b, base)), 0) for term in terms]
    if min(powers) > 0:
        return min(powers)
    return max(powers) if max(powers) < 0 else 0
