"""The gradient of one line as formulas: by the chain rule, then shorter or more explicit, never less true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tinygrad_edu.explanation.derivation.steps import GradientForms
from tinygrad_edu.explanation.derivation.symbol_table import SymbolTable
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.symbolic.differentiate import gradients
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import (
    Expression,
    filled,
    inside_out,
    number_in,
    replaced,
    same,
    size,
    symbols_in,
)
from tinygrad_edu.symbolic.simplification.products import shaped
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.writer import MAX_SIGNS as LONGEST

MAX_USES = 12  # of a tensor whose gradient is written as a formula
MAX_SIGNS = 40  # of a formula into which others are put
_DIFFERS = (
    "at these numbers it is not what the engine computed (overwritten since, at a pole, or lost to rounding)"
)
_ROUNDING = 1e-14  # the size, relative to the largest gradient, of what rounding leaves of a zero
_UNSEEN = 1e-6  # the largest constant that no digit shows; also the relative error that it may make


class Around(NamedTuple):
    """The line that uses a tensor: its formula simplified, the symbol that stands for it, and its gradient."""

    formula: Expression
    symbol: Expression
    gradient: Expression


class Forms:
    """The formulas of all gradients so far, which are put into those of later gradients."""

    def __init__(self, table: SymbolTable, largest: float) -> None:
        self.table = table
        self._rounding = _ROUNDING * largest
        # The formula of each gradient; None for a gradient that keeps its symbol.
        self._known: dict[Expression, Expression | None] = {}

    def know(self, symbol: Expression, forms: Sequence[Expression], *, is_short: bool) -> None:
        """Note the `forms` of the gradient `symbol`, to be put in later; a short name stays in formulas."""
        self._known[symbol] = forms[-1] if forms and not is_short else None

    def work_out(
        self,
        shares: Sequence[Expression | None],
        own: Expression,
        gradient: np.ndarray,
        *,
        factor: bool,
        explicit: bool,
        around: Around | None,
    ) -> GradientForms:
        """The forms of the sum of `shares`, which is the gradient of `own`."""
        parts = [share for share in shares if share is not None]
        if not parts or len(parts) < len(shares) or len(parts) > MAX_USES:
            return GradientForms()
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        first = self._shortest(total, own, around)
        forms = [first]
        put_in = self._put_in(first)
        if put_in is not None and (explicit or size(put_in) <= size(first)):
            forms.append(put_in)
        if size(first) > LONGEST:
            return GradientForms(unwritten=f"it takes more than {LONGEST:,} signs")
        if not all(close(evaluate(form, self.table.values), gradient, self._rounding) for form in forms):
            return GradientForms(unwritten=_DIFFERS)
        upstream = self._upstream(total)
        local = self._local(total, upstream) if factor else None
        return GradientForms(
            forms=tuple(forms),
            upstream=upstream,
            upstream_value=None if upstream is None else self.table.values[upstream],
            local=local,
            local_value=None if local is None else evaluate(local, self.table.values),
            nearly=self._nearly(forms[-1], gradient),
        )

    def _simple(self, x: Expression) -> Expression:
        return simplify(x, self.table.known)

    def _shortest(self, total: Expression, own: Expression, around: Around | None) -> Expression:
        """The shorter formula of two: by the rules of all operations in turn, or of the line as it is simplified.

        A line that holds 1 / (1 + exp(−z)) is simplified to σ(z), which has a short derivative.
        """
        first = self._simple(total)
        if around is None:
            return first
        (other,) = gradients(around.formula, around.gradient, [own])
        if other is None:
            return first
        other = self._simple(replaced(other, {around.formula: around.symbol}))
        return other if size(other) < size(first) else first

    def _put_in(self, form: Expression) -> Expression | None:
        formulas = {s: f for s in symbols_in(form) if (f := self._known.get(s)) is not None}
        if not formulas:
            return None
        result = self._simple(replaced(form, formulas))
        return None if size(result) > max(MAX_SIGNS, size(form)) or same(result, form) else result

    def _upstream(self, total: Expression) -> Expression | None:
        found = [s for s in symbols_in(total) if s in self._known]
        return found[0] if len(found) == 1 else None

    def _local(self, total: Expression, upstream: Expression | None) -> Expression | None:
        if upstream is None:
            return None
        local = self._simple(replaced(total, {upstream: filled(1, upstream.shape)}))
        return None if number_in(local) == 1 else local

    def _nearly(self, form: Expression, gradient: np.ndarray) -> Expression | None:
        """`form` without the 1e-10 of a logarithm, if that is shorter and no digit shows it."""
        unseen = {node: shaped(x, node.shape) for node in inside_out(form) if (x := _seen(node)) is not None}
        if not unseen:
            return None
        nearly = self._simple(replaced(form, unseen))
        seems = size(nearly) < size(form) and close(evaluate(nearly, self.table.values), gradient)
        return nearly if seems else None


def close(found: np.ndarray, gradient: np.ndarray, rounding: float = 0) -> bool:
    """True if two ways to compute a gradient differ by rounding only, which may leave `rounding` of a zero."""
    scale = float(np.abs(gradient[np.isfinite(gradient)]).max(initial=0))
    tolerance = _UNSEEN if gradient.dtype == np.float64 else 1e-3
    with np.errstate(all="ignore"):
        return bool(
            np.allclose(found, gradient, rtol=tolerance, atol=tolerance * scale + rounding, equal_nan=True)
        )


def _seen(node: Expression) -> Expression | None:
    """x, if `node` is x + 1e-10."""
    if node.operation not in (ops.add, ops.subtract):
        return None
    x, tiny = node.inputs
    number = number_in(tiny)
    return x if number is not None and 0 < abs(number) <= _UNSEEN and isinstance(x, Expression) else None
