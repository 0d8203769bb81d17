"""The right computation, rounded too early: with the numbers noted down between the lines rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, scaled
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import Activation, Head
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import ROUNDING_OR_ORDER, Hypothesis, Mistake
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

EARLY = Mistake(
    "rounded-early",
    ROUNDING_OR_ORDER,
    "the true gradient but for rounding: {which} rounded to {digits} before going on",
    "round(..., {n}) in between",
    "all digits kept until the end",
)
DECIMALS = (1, 2, 3, 4, 5)
LEAN = 1e-12  # relative: more than the difference of two ways to compute a number
VALUES, GRADIENTS = "values", "gradients"


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Values rounded on the way forward, or gradients on the way back, before or after the averaging, or both."""
    averaged = [1.0, *sorted({1 / facts.count, 1 / facts.count / facts.classes} - {1.0})]
    forward = cache(partial(_Forward, facts))
    for digits in DECIMALS:
        for which in ((VALUES,), (GRADIENTS,), (VALUES, GRADIENTS)):
            for unit in averaged if GRADIENTS in which else averaged[:1]:
                for only_first in (False, True) if GRADIENTS in which and unit != 1 else (False,):
                    words = {
                        "n": str(digits),
                        "digits": f"{digits} decimal{'s' * (digits > 1)}",
                        "which": " and ".join(which),
                    }
                    for found in _both_ways(_Rounded(facts, forward, digits, which, unit, only_first)):
                        yield Hypothesis(EARLY, facts.tape.loss, {}, words, found)


def _both_ways(rounded: _Rounded) -> Iterator[Grads]:
    """The differences with halves rounded to even, as NumPy does, and away from zero, as at school."""
    yield rounded.differences()
    if rounded.halves:
        rounded.lean = LEAN
        yield rounded.differences()


class _Forward:
    """The values of the graph, those that one notes down rounded to `digits` decimals; with None, none is.

    `halves` is True if a half was rounded, which `lean` rounds away from zero.
    """

    def __init__(self, facts: GraphFacts, digits: int | None, lean: float) -> None:
        self.digits, self.lean, self.halves = digits, lean, False
        noted = [site.z for site in facts.activations] + [site.a for site in facts.activations]
        noted += [layer.x for layer in facts.layers] + [x for h in facts.heads for x in (h.z, h.node)]
        self.noted = {x for x in noted if x.operation is not None and x is not facts.tape.loss}
        self.copies = rerun(facts.tape.loss, {}, after=self.after)
        self.tape = Tape(self.copies[facts.tape.loss])

    def after(self, node: Variable, value: Array) -> Array:
        """A value as it is noted down."""
        if self.digits is None or node not in self.noted:
            return value
        rounded, halves = _rounded(value, self.digits, self.lean)
        self.halves |= halves
        return rounded


def _rounded(value: Array, digits: int, lean: float) -> tuple[Array, bool]:
    """The rounded value, and True if any of it was a half."""
    up, down = (np.round(value * (1 + by), digits) for by in (LEAN, -LEAN))
    return np.round(value * (1 + lean), digits), not np.array_equal(up, down, equal_nan=True)


class _Rounded:
    """One way to round: gradients in multiples of `unit`, the 1/N that is multiplied in after the last gradient.

    With `only_first` the unit is multiplied in after the first gradient, at the output. `forward` gives the values
    that are rounded to so many decimals.
    """

    def __init__(
        self,
        facts: GraphFacts,
        forward: Callable[[int | None, float], _Forward],
        digits: int,
        which: tuple[str, ...],
        unit: float,
        only_first: bool,
    ) -> None:
        self.facts, self.forward, self.digits, self.which = facts, forward, digits, which
        self.unit, self.only_first = unit, only_first
        self.lean, self.halves = 0.0, False
        self.later = 1.0 if only_first else unit
        self.heads = facts.heads
        ends = {h.z for h in self.heads if h.kind == "squared"}
        self.last = {h.z for h in self.heads} | {s.z for s in facts.activations if s.a in ends}
        self.skipped = {s.a for s in facts.activations if s.a in ends}  # nobody notes dL/dp down

    def _round(self, value: Array) -> Array:
        rounded, halves = _rounded(value, self.digits, self.lean)
        self.halves |= halves
        return rounded

    def differences(self) -> Grads:
        """The gradients of the rounded computation, less the true ones."""
        how = (self.digits, self.lean) if VALUES in self.which else (None, 0.0)
        self.values = self.forward(*how)
        copies, loss = self.values.copies, self.facts.tape.loss
        wrong: dict[Variable, Correction] = {copies[x]: self._at(x) for x in self.values.noted}
        wrong[copies[loss]] = scaled(1 / self.later)
        with np.errstate(all="ignore"):  # the log of a probability that was rounded to 0
            walked = self.values.tape.walk(wrong)
        self.halves |= self.values.halves
        pairs = ((x, copies.get(x), g) for x, g in self.facts.tape.grads.items())
        return {
            x: walked[copy] * self.later - g for x, copy, g in pairs if copy is not None and copy in walked
        }

    def _at(self, x: Variable) -> Correction:
        head = next((h for h in self.heads if h.z is x and h.kind != "squared"), None)
        sites = [s for s in self.facts.activations if s.z is x and len(self.facts.tape.uses(x)) == 1]
        unit = self.unit if x in self.last and self.only_first else 1.0
        rounds = GRADIENTS in self.which and x not in self.skipped

        def correction(grads: Grads, g: Array) -> Array:
            if head is not None:
                g = self._begun(head)
            elif sites:
                g = self._through(sites[0], grads)
            return self._round(g / unit) * unit if rounds else g

        return correction

    def _begun(self, head: Head) -> Array:
        """The error p - y, with p as it was noted down."""
        p = head.function(self.values.copies[head.z].raw)
        return np.asarray(head.scale * head.weights / self.later * (self.values.after(head.z, p) - head.y))

    def _through(self, site: Activation, grads: Grads) -> Array:
        """The derivative by the formula, from the activation as it was noted down."""
        z, a = self.values.copies[site.z], self.values.copies[site.a]
        return np.asarray(grads[a] * site.slope_at(z.raw, a.raw))
