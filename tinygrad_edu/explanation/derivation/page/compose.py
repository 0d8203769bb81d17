"""Steps put on a page in four parts: given numbers, forward, backward, result."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.explanation.derivation.backward_steps import Working
from tinygrad_edu.explanation.derivation.gradient_formulas import MAX_USES, close
from tinygrad_edu.explanation.derivation.page.blocks import (
    Block,
    Formula,
    Heading,
    Line,
    Math,
    Numbers,
    Sentence,
    Sign,
    Words,
)
from tinygrad_edu.explanation.derivation.page.equations import EQUALS, Equations
from tinygrad_edu.explanation.derivation.page.text_boxes import box, flat
from tinygrad_edu.explanation.derivation.shown_numbers import shape_text, summary
from tinygrad_edu.explanation.derivation.steps import Derivation, Step
from tinygrad_edu.ops import contractions
from tinygrad_edu.ops.elementwise import multiply
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import Expression, number_in, symbols_in
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.symbolic.writers.written_products import EACH, OUTER, kind_of_product, notation_of

NEARLY = Sign("≈")
PRODUCT_SIGNS = defaultdict(lambda: "·", {EACH: "⊙", OUTER: "⊗"})
MOST_STEPS = 400  # on a page; further steps are left out
ROUNDING = 1e-13  # the size, relative to the gradient, of what rounding leaves of a zero


def compose(working: Working, digits: int | None) -> Derivation:
    """The derivation on a page; `digits` as for `explain`."""
    page = _Page(working, digits)
    return Derivation(
        title="Derivation of " + ", ".join(text(step.gradient_symbol) for step in page.last),
        blocks=(*page.given(), *page.forward(), *page.backward(), *page.result()),
        steps=tuple(working.steps),
        gradients={step.symbol.name: step.gradient for step in page.last},
        formulas=tuple(page.formulas()),
    )


class _Page:
    """The parts of the page, which look at the same steps; `last` are the steps of the gradients that are asked for."""

    def __init__(self, working: Working, digits: int | None) -> None:
        self.work, self.digits = working, digits
        self.values = working.table.values
        self.equations = Equations(working.outline.names)
        last = {working.written[node] for node in working.outline.wrt}
        self.last = [step for step in working.steps if step.symbol in last]

    def numbers(self, array: np.ndarray) -> Numbers:
        return Numbers(np.asarray(array), self.digits)

    def equals(self, array: np.ndarray) -> Line:
        """`= [numbers]`, and words on the part of a large array that is left out."""
        words = summary(array, self.digits)
        return (EQUALS, self.numbers(array), *((Words(f" ({words})"),) if words else ()))

    def _is_same(self, formula: Expression, array: np.ndarray) -> bool:
        """True if the formula is a single number, and written as the number `array` is."""
        (written,) = box(self.numbers(array)) if array.ndim == 0 else ("",)
        return text(formula) == written

    def given(self) -> list[Block]:
        """The leaves and their numbers."""
        lines = [(symbol, *self.equals(self.values[symbol])) for symbol in self._symbols_given()]
        return [Heading(("Given",)), *(Formula((line,)) for line in lines)] if lines else []

    def _symbols_given(self) -> list[Expression]:
        lines = {self.work.written[node] for node in self.work.formulas}
        found = dict.fromkeys(s for formula in self.work.formulas.values() for s in symbols_in(formula))
        return [s for s in found if s not in lines]

    def forward(self) -> list[Block]:
        """Every line of the forward pass with its numbers."""
        blocks: list[Block] = [Heading(("Forward",))]
        outline = self.work.outline
        results = [node for node in reversed(outline.computation.results) if node in outline.lines]
        for node in _shown(results, blocks):
            symbol, array = self.work.written[node], outline.computation.array(node)
            formula = self.work.formulas[node]
            main, *parts = self.equations.lines((symbol,), formula)
            line: Line = main
            if not self._is_same(formula, array):
                line = (*line, *self.equals(array))
            if not close(evaluate(formula, self.values), np.asarray(array, dtype=float)):
                line = (*line, Words(" (computed before numbers were overwritten)"))
            blocks.append(Formula((line, *parts)))
        return blocks

    def backward(self) -> list[Block]:
        """Every step."""
        blocks: list[Block] = [Heading(("Backward",))]
        for step in _shown(self.work.steps, blocks):
            blocks += self._step(step)
        if self.work.table.facts:
            blocks.append(Sentence(("Used above: " + "; ".join(self.work.table.facts) + ".",)))
        return blocks

    def _step(self, step: Step) -> list[Block]:
        shape = shape_text(step.symbol.shape)
        title: Line = (Math((step.symbol,)), f", {shape}")
        if step.formula is not None and len(self.equations.lines((step.symbol,), step.formula)) == 1:
            title = (Math((step.symbol, EQUALS, step.formula)), f", {shape}")
        lines: list[Line] = []
        if step.local is not None and step.upstream_of is not None:
            slope = Expression(step.upstream_of.name, step.symbol.shape, by=(step.symbol.name,))
            each = (Words(" for each number"),) if step.gradient.size > 1 else ()
            lines.append((slope, EQUALS, step.local, *each))
        lines += self._forms(step)
        numbers = self._numbers_of(step)
        if not (len(numbers) == 2 and step.forms and self._is_same(step.forms[-1], step.gradient)):
            lines.append((*_again(lines, step), *numbers))
        return [Heading(title, 2), Formula(tuple(lines)), *(Sentence((r + ".",)) for r in step.remarks)]

    def _forms(self, step: Step) -> list[Line]:
        left = _left(step)
        if not step.forms:
            causes = self._causes(step)
            return [(*left, EQUALS, Words(f"(no formula: {'; '.join(causes)})"))] if causes else []
        lines = self.equations.lines(left, step.forms[0])
        for form in step.forms[1:]:
            lines += self.equations.lines(_again(lines, step), form)
        return lines + (
            self.equations.lines(_again(lines, step), step.nearly, NEARLY) if step.nearly is not None else []
        )

    @staticmethod
    def _causes(step: Step) -> list[str]:
        """Why a gradient has no formula."""
        rules = dict.fromkeys(f"rule of {u.operation}" for u in step.uses if u.formula is None)
        return [*rules, step.unwritten] if step.unwritten else [*rules]

    def _numbers_of(self, step: Step) -> Line:
        """`[upstream] ⊙ [local] = [product]`, or the sum over several uses."""
        result = self.equals(step.gradient)
        if 1 < len(step.uses) <= MAX_USES:
            terms: list[Any] = []
            for use in step.uses:
                minus = bool(terms) and not use.value.ndim and use.value < 0
                value = self.numbers(_seen(-use.value if minus else use.value, step.gradient))
                terms += [Sign("−" if minus else "+"), value, Words(" via "), use.via]
            return (EQUALS, *terms[1:], *result)
        if step.local_value is not None and step.upstream_value is not None:
            single = min(step.upstream_value.size, step.local_value.size) == 1
            sign = Sign("·" if single else "⊙")
            return (EQUALS, self.numbers(step.upstream_value), sign, self.numbers(step.local_value), *result)
        return self._product(step) or result

    def _product(self, step: Step) -> Line | None:
        """`= [matrix] · [column] = [column]`: the two sides of a product, and the product."""
        form = step.forms[0] if step.forms else None
        if form is None or form.operation not in (contractions.matmul, multiply):
            return None
        x, y = form.inputs
        if number_in(x) is not None or number_in(y) is not None:
            return None
        left, right = (evaluate(part, self.values) for part in (x, y))
        sign = PRODUCT_SIGNS[kind_of_product(form, notation_of(form).form)]
        gradient = step.gradient
        if sign == "·" and right.ndim == 1 and left.ndim > 1:
            right, gradient = (x.reshape(-1, 1) if x.ndim == 1 else x for x in (right, gradient))
        return (EQUALS, self.numbers(left), Sign(sign), self.numbers(right), *self.equals(gradient))

    # The result.

    def _chain(self) -> list[Step]:
        """The last steps and those of the gradients that their formulas need, on the way back."""
        chosen = set(self.last)
        needed: set[Expression] = set()
        for step in reversed(self.work.steps):
            if step in chosen or step.called in needed:
                chosen.add(step)
                needed |= {s for form in step.forms[-1:] for s in symbols_in(form)}
        return [step for step in self.work.steps if step in chosen]

    def result(self) -> list[Block]:
        """The formulas of the chain, and the gradients that are asked for."""
        blocks: list[Block] = [Heading(("Result",))]
        lines = []
        for step in _shown(self._chain(), blocks):
            if not step.forms:
                lines.append((*_left(step), EQUALS, Words("(no formula)")))
                continue
            main, *parts = self.equations.lines(_left(step), step.forms[-1])
            lines += [(*main, NEARLY, step.nearly) if step.nearly is not None else main, *parts]
        blocks.append(Formula(tuple(lines)))
        for step in self.last:
            said = step.short is None and step.forms and self._is_same(step.forms[-1], step.gradient)
            if not said:
                blocks.append(Formula(((step.gradient_symbol, *self.equals(step.gradient)),)))
        return blocks

    def formulas(self) -> list[str]:
        """The formulas of the chain as lines of text."""
        lines = []
        for step in self._chain():
            left = step.gradient_symbol if step in self.last else step.called
            if step.forms:
                lines.append(
                    "\n    ".join(
                        "".join(map(flat, x)) for x in self.equations.lines((left,), step.forms[-1])
                    )
                )
            else:
                lines.append(f"{text(left)} = (no formula)")
        return lines


def _seen(share: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """The numbers of a share, without what is left of zeros by rounding."""
    return np.where(np.abs(share) <= ROUNDING * np.abs(gradient).max(initial=0), 0, share)


def _again(lines: Sequence[Line], step: Step) -> Line:
    """The left side of a further line: left out below a line that it continues, but not below a named part."""
    return () if lines and not isinstance(lines[-1][0], Words) else (step.gradient_symbol,)


def _left(step: Step) -> Line:
    """`∂L/∂x`, or `δ = ∂L/∂x`."""
    return (step.gradient_symbol,) if step.short is None else (step.short, EQUALS, step.gradient_symbol)


def _shown(items: Sequence[Any], blocks: list[Block]) -> Sequence[Any]:
    if len(items) <= MOST_STEPS:
        return items
    blocks.append(
        Sentence((f"{len(items) - MOST_STEPS:,} of {len(items):,} are left out here; see .steps.",))
    )
    return [*items[: MOST_STEPS // 2], *items[-MOST_STEPS // 2 :]]
