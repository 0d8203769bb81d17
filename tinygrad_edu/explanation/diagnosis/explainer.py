"""Explanations of wrong arrays: one mistake for all of them, or else a mistake of its own for each group of arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.checked_lines import as_share, contradicted
from tinygrad_edu.explanation.diagnosis.diagnosis import Diagnosis, Explanation
from tinygrad_edu.explanation.diagnosis.evidence import Fit, cut_off, follows, reordered, wrong_part
from tinygrad_edu.explanation.diagnosis.explanation_text import of_array, of_fit, tell_apart
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable, given_gradients
from tinygrad_edu.explanation.diagnosis.located import located, next_to_check
from tinygrad_edu.explanation.diagnosis.matching import Matching
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import ROUNDING_OR_ORDER
from tinygrad_edu.reading.nodes import Array

NO_KNOWN = "No known mistake explains this."
CLOSE = "Every number is within one unit of its last digit, though: was something rounded in between?"
TOO_LITTLE = (
    "Too little is given to name a mistake: at these digits too many would fit. "
    "Hand in more numbers or more decimals."
)
ALL_ZERO = "All of it is zero, and the gradient is not."
ROUNDED_AWAY = "If it was rounded, hand in more decimals."
ZEROS = "Every wrong number is a zero, though: if that was rounded, hand in more decimals."
OUT_OF_TIME = "(Not all were tried: time was up.)"
MIN_NUMBERS = 4  # any constant explains one
SMALL = 0.05  # smaller numbers are zero to one decimal

Label = Callable[[Variable], str]


@dataclass(frozen=True, eq=False)
class Explainer:
    """The arrays that can be read, of which some are wrong, and everything that may explain them."""

    table: HypothesisTable
    label: Label
    numbers: Mapping[Variable, Array]
    tolerances: Mapping[Variable, Array]
    _matchings: dict[frozenset[Variable], Matching] = field(default_factory=dict, init=False)

    @cached_property
    def right(self) -> list[Variable]:
        """The tensors whose arrays are right."""
        wrong = set(self.matching(list(self.numbers)).wrong)
        return [x for x in self.numbers if x not in wrong]

    def matching(self, of: Sequence[Variable]) -> Matching:
        """The evidence of some of the arrays."""
        key = frozenset(of)
        if key not in self._matchings:
            self._matchings[key] = Matching(self.table, {x: self.numbers[x] for x in of}, self.tolerances)
        return self._matchings[key]

    def joint(self, matching: Matching, only: str = "") -> Diagnosis | None:
        """One mistake that explains all arrays of `matching`; None if there is none. It was made in `only`."""
        fits, tried = matching.fits
        if not fits:
            return None
        e, first = matching.evidence, matching.wrong[0]
        if matching.blank or not e.suffices(tried) or e.numbers.size < MIN_NUMBERS:
            possible = self._explained(first, matching.guesses() or fits, matching, only)
            return Diagnosis("unknown", {}, reason=_too_little(matching), possible=possible)
        explanations = self._explained(first, fits, matching, only)
        apart = tell_apart(matching, fits) if len(fits) > 1 else ""
        return Diagnosis("mistake" if len(fits) == 1 else "tie", {}, explanations, apart)

    def _explained(
        self, x: Variable, fits: list[Fit], matching: Matching, only: str = ""
    ) -> list[Explanation]:
        names = self.table.facts.names
        own = {"each": names.letter(x, "W")} if len(matching.wrt) == 1 else {}
        found = [of_fit(names, self.label(x), fit, matching.seen, **own) for fit in fits]
        facts = self.table.facts
        found = [replace(e, fix="") if contradicted(facts, e.fix) else e for e in found]
        found = [replace(e, wrote=as_share(facts, e.wrote), fix=as_share(facts, e.fix)) for e in found]
        return [replace(e, sentence=f"{e.sentence}, in {only} only") for e in found] if only else found

    def group(self, wrong: list[Variable]) -> tuple[list[Variable], Diagnosis]:
        """The first wrong array with those that one mistake explains as well, and the diagnosis of the group."""
        first, *later = wrong
        group, found = [first], self._one_mistake([first])
        if found is None or not found.explanations:
            return group, self._in_part(first) or found or self._unknown(first)
        for x in later:
            if self.table.time_is_up():
                break
            if (together := self._one_mistake([*group, x])) and bool(together.explanations):
                group, found = [*group, x], together
        return group, found

    def after(self, group: list[Variable], rest: list[Variable]) -> Explainer | None:
        """The explainer of a second mistake, in the `rest`, beside that of this group; None if it has several."""
        fits, _ = self.matching(self.right + group).fits
        first = fits[0].hypothesis if len(fits) == 1 and fits[0].factor is None else None
        if first is None or first.known is not None or first.mistake.partial or self.table.rounded:
            return None
        return Explainer(self.table.after(first, rest), self.label, self.numbers, self.tolerances)

    def _one_mistake(self, wrong: list[Variable]) -> Diagnosis | None:
        """One mistake in these arrays that leaves right what is right, or that was made in these arrays only."""
        found = self.joint(self.matching(self.right + wrong))
        if not self.right or (found is not None and found.explanations):
            return found
        alone = self.joint(self.matching(wrong), self.table.facts.names.gradients(wrong))
        return alone if alone is not None and alone.explanations else found

    def _in_part(self, x: Variable) -> Diagnosis | None:
        """The verdict on an array that is right but for a part, the order, or the rounding; None if it is not."""
        evidence = self.matching([x]).evidence
        if part := wrong_part(evidence, x.raw.shape):
            return self._found(x, "partly-wrong", 0, f"the true gradient except in one place: {part}")
        if evidence.numbers.size < MIN_NUMBERS:
            return None
        if order := reordered(evidence, x.raw.shape):
            return self._found(x, "exchanged", ROUNDING_OR_ORDER, f"the true gradient with {order}")
        if cut_off(evidence):
            did = "the true gradient, cut off where it should be rounded"
            return self._found(x, "misrounded", ROUNDING_OR_ORDER, did)
        return None

    def _found(self, x: Variable, mistake: str, number: int, did: str) -> Diagnosis:
        return Diagnosis("mistake", {}, [of_array(mistake, number, self.label(x), x, f"It equals {did}")])

    def _unknown(self, x: Variable) -> Diagnosis:
        """What can be said of an array that nothing explains: what may fit by chance, and where to look."""
        matching = self.matching([x])
        possible = self._explained(x, matching.guesses(), matching)
        evidence = matching.evidence
        reasons = [_too_little(matching) if possible or matching.blank else NO_KNOWN]
        reasons += [CLOSE] if evidence.nearly_right else []
        reasons += [ZEROS] if not evidence.numbers[evidence.wrong].any() and not matching.blank else []
        reasons += located(self.table.facts, x, evidence, self.right)
        reasons += next_to_check(self.table.facts, x) if len(self.numbers) == 1 else []
        reasons += [OUT_OF_TIME] if self.table.untried else []
        return Diagnosis("unknown", {}, reason=" ".join(reasons), possible=possible)

    def follows(self, x: Variable, own: Mapping[Variable, Array]) -> bool:
        """True if `x` is right, given the student's own inner gradients and how they were rounded."""
        return follows(
            self.numbers[x], self.tolerances[x], own, self.tolerances,
            lambda gradients: given_gradients(self.table.facts, gradients).tape.grads[x],
        )  # fmt: skip


def _too_little(matching: Matching) -> str:
    if not matching.blank:
        return TOO_LITTLE
    true = [matching.part(x).true for x in matching.wrong]
    return f"{ALL_ZERO} {ROUNDED_AWAY}" if all((np.abs(each) < SMALL).all() for each in true) else ALL_ZERO
