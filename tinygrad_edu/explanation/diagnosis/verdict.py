"""The verdict on one submission: array by array in the order of the way back; the first mistake is to blame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import (
    ArrayVerdict,
    ArrayWord,
    Diagnosis,
    Explanation,
    Verdict,
)
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, Fit, cut_off, exchanged, wrong_part
from tinygrad_edu.explanation.diagnosis.explanation_text import (
    of_array,
    of_fit,
    of_repair,
    of_shaped,
    tell_apart,
)
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable, given_gradients
from tinygrad_edu.explanation.diagnosis.matching import Matching
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import ROUNDING_OR_ORDER
from tinygrad_edu.explanation.diagnosis.subgradients import also_correct
from tinygrad_edu.explanation.diagnosis.submission import Submission
from tinygrad_edu.reading.nodes import Array

NO_KNOWN = "No known mistake explains this."
CLOSE = "Every number is within one unit of its last digit, though: was something rounded in between?"
TOO_LITTLE = (
    "Too little is given to name a mistake: at these digits too many would fit. "
    "Hand in more numbers or more decimals."
)
SMALL = "At these digits the gradient is all zeros, and so would be most wrong ones."
ALL_ZERO = "All of it is zero, and the gradient is not."
OUT_OF_TIME = "(Not all were tried: time was up.)"
TAKEN_BACK = "up to a constant that a later line takes back"
NOTHING = Diagnosis("right", {})
MIN_NUMBERS = 4  # any constant explains one
ROUNDINGS = 8  # random ones of the student's own gradients, to see how far they carry

Label = Callable[[Variable], str]


def judge(table: HypothesisTable, label: Label, submission: Submission) -> Diagnosis:
    """The diagnosis of a submission; `label` gives the name of a tensor in it."""
    return _Judge(table, label, submission).diagnosis()


class _Judge:
    """The arrays of a submission, with the word and the note on each as they are found."""

    def __init__(self, table: HypothesisTable, label: Label, submission: Submission) -> None:
        self.table, self.label, self.submission = table, label, submission
        self.numbers, self.tolerances = submission.numbers, submission.tolerances
        self.notes = submission.notes
        self.words: dict[Variable, ArrayWord] = {}

    def diagnosis(self) -> Diagnosis:
        """The verdict."""
        if not self.numbers:
            return self._with_shapes(NOTHING)
        matching = self._matching(self.numbers)
        wrong = matching.wrong
        self.words = {**dict.fromkeys(matching.wrt, "right"), **dict.fromkeys(wrong, "wrong")}
        if not wrong or self._taken_back(matching) or also_correct(matching):
            return self._right(matching)
        found = self._joint(matching) or self._of_right_shape() or self._one_by_one(wrong)
        return self._with_shapes(found) if self.submission.misshapen else found

    def _matching(self, numbers: Mapping[Variable, Array]) -> Matching:
        return Matching(self.table, numbers, self.tolerances)

    # Right.

    def _taken_back(self, matching: Matching) -> bool:
        """True if only inner gradients are wrong, by a constant that a later line took back."""
        wrong, constants = matching.wrong, self.table.constants
        later = [x for x in matching.wrt if x.operation is None]
        parts = [matching.part(x) for x in wrong if x.operation is not None]
        if not later or len(parts) < len(wrong) or not all(p.times(p.true[None], constants) for p in parts):
            return False
        self.notes |= dict.fromkeys(wrong, TAKEN_BACK)
        return True

    def _right(self, matching: Matching) -> Diagnosis:
        self.words = dict.fromkeys(matching.wrt, "right")
        if self.submission.misshapen:
            return self._with_shapes(NOTHING)
        e = matching.evidence
        small = e.true.any() and (np.abs(e.true) <= e.tolerance).all()
        return Diagnosis("right", self._arrays(), notes=(SMALL,) if small else ())

    # Wrong.

    def _with_shapes(self, others: Diagnosis) -> Diagnosis:
        """The verdict on arrays of a wrong shape, added to that on the others.

        How an array of another shape is to be read is said only if its numbers bear it out.
        """
        submission, label, names = self.submission, self.label, self.table.facts.names
        explained = {e.array for e in others.explanations}
        words = {x: self.words.get(x, "wrong") for x in submission.harmful}
        borne_out = [x for x, word in words.items() if word != "wrong" or label(x) in explained]
        unlike = [x for x in words if x not in set(borne_out)]
        found = [of_repair(label(x), x, submission.repairs[x]) for x in borne_out]
        found += [of_shaped(names, label(x), shaped) for x, shaped in submission.shaped.items()]
        self.words |= dict.fromkeys(submission.misshapen, "wrong")
        self.notes = {x: note for x, note in self.notes.items() if x not in set(unlike)}
        reasons = [
            f"{label(x)} needs shape {x.raw.shape}, but what was handed in has {submission.shapes[x]}."
            for x in [*unlike, *submission.unreadable]
        ]
        explanations = [*found, *others.explanations]
        named: Verdict = "tie" if others.verdict == "tie" else "mistake"
        return replace(
            others,
            verdict=named if explanations else "unknown",
            arrays=self._arrays(),
            explanations=explanations,
            reason="\n".join(reasons),
        )

    def _of_right_shape(self) -> Diagnosis | None:
        """One mistake that explains all arrays but those of another shape."""
        harmful = set(self.submission.harmful)
        rest = {x: array for x, array in self.numbers.items() if x not in harmful}
        wrong = [x for x in rest if self.words[x] == "wrong"]
        return self._joint(self._matching(rest)) if harmful and wrong else None

    def _joint(self, matching: Matching) -> Diagnosis | None:
        """One mistake that explains all arrays; None if there is none."""
        fits, tried = matching.fits()
        if not fits:
            return None
        e, (first, *later) = matching.evidence, matching.wrong
        if not e.suffices(tried) or e.numbers.size < MIN_NUMBERS:
            possible = self._explained(first, matching.guesses() or fits, e)
            return Diagnosis("unknown", self._arrays(), reason=_too_little(e), possible=possible)
        explanations = self._explained(first, fits, e)
        self.words |= dict.fromkeys(later, "consistent-with-earlier")
        apart = tell_apart(matching, fits) if len(fits) > 1 else ""
        return Diagnosis("mistake" if len(fits) == 1 else "tie", self._arrays(), explanations, apart)

    def _explained(self, x: Variable, fits: list[Fit], evidence: Evidence) -> list[Explanation]:
        names = self.table.facts.names
        alone = evidence.numbers.size == x.raw.size
        own = {"each": names.letter(x, "W")} if alone else {}
        return [of_fit(names, self.label(x), fit, evidence, **own) for fit in fits]

    def _one_by_one(self, wrong: list[Variable]) -> Diagnosis:
        """The verdict where no one mistake explains all: array by array, given the student's own inner gradients."""
        own: dict[Variable, Array] = {}
        found: dict[str, Diagnosis] = {}
        for x in wrong:
            if own and self._follows(x, own):
                self.words[x] = "consistent-with-earlier"
            else:
                found[self.label(x)] = self._alone(x)
            if x.operation is not None:
                own[x] = self.numbers[x]
        verdicts = {d.verdict for d in found.values()}
        return Diagnosis(
            "tie" if "tie" in verdicts else "mistake" if "mistake" in verdicts else "unknown",
            self._arrays(),
            [e for d in found.values() for e in d.explanations],
            next((d.tell_apart for d in found.values() if d.tell_apart), ""),
            _in_one({name: d.reason for name, d in found.items()}),
            possible=[e for d in found.values() for e in d.possible],
        )

    def _alone(self, x: Variable) -> Diagnosis:
        """The verdict on one wrong array; an explanation of it must leave right what is right."""
        kept = {y: a for y, a in self.numbers.items() if y is x or self.words[y] == "right"}
        matching = self._matching(kept)
        joint = self._joint(matching) if len(kept) < len(self.numbers) else None
        return joint or self._in_part(x, matching.part(x)) or self._unknown(x, matching)

    def _in_part(self, x: Variable, evidence: Evidence) -> Diagnosis | None:
        """The verdict on an array that is right but for a part, the order, or the rounding; None if it is not."""
        if part := wrong_part(evidence, x.raw.shape):
            return self._found(x, "partly-wrong", 0, f"the true gradient except in one place: {part}")
        if evidence.numbers.size < MIN_NUMBERS:
            return None
        if pair := exchanged(evidence, x.raw.shape):
            return self._found(x, "exchanged", ROUNDING_OR_ORDER, f"the true gradient with {pair} exchanged")
        if cut_off(evidence):
            did = "the true gradient, cut off where it should be rounded"
            return self._found(x, "misrounded", ROUNDING_OR_ORDER, did)
        return None

    def _unknown(self, x: Variable, matching: Matching) -> Diagnosis:
        evidence = matching.part(x)
        possible = self._explained(x, matching.guesses(), matching.evidence)
        reason = _too_little(evidence) if possible or evidence.blank else NO_KNOWN
        reason += f" {CLOSE}" if evidence.nearly_right else ""
        reason += f" {OUT_OF_TIME}" if self.table.untried else ""
        return Diagnosis("unknown", {}, reason=reason, possible=possible)

    def _found(self, x: Variable, mistake: str, number: int, did: str) -> Diagnosis:
        return Diagnosis("mistake", {}, [of_array(mistake, number, self.label(x), x, f"It equals {did}")])

    def _follows(self, x: Variable, own: Mapping[Variable, Array]) -> bool:
        """True if `x` is right, given the student's own inner gradients and how they were rounded."""
        rng = np.random.default_rng(0)
        right = given_gradients(self.table.facts, own).tape.grads[x]
        spread = np.zeros(right.shape)
        for _ in range(ROUNDINGS):
            moved = {y: a + self.tolerances[y] * rng.choice([-1.0, 1.0], a.shape) for y, a in own.items()}
            other = given_gradients(self.table.facts, moved).tape.grads[x]
            spread = np.maximum(spread, np.abs(other - right))
        return bool((np.abs(self.numbers[x] - right) <= 2 * spread + self.tolerances[x]).all())

    def _arrays(self) -> dict[str, ArrayVerdict]:
        true, order = self.table.facts.tape.grads, [x for x in self.table.wrt if x in self.words]
        return {
            name: ArrayVerdict(name, self.words[x], self.notes.get(x, ""), true[x])
            for name, x in zip(map(self.label, order), order)
        }


def _too_little(evidence: Evidence) -> str:
    return ALL_ZERO if evidence.blank else TOO_LITTLE


def _in_one(reasons: Mapping[str, str]) -> str:
    """One reason for all arrays, or a line for each that has one."""
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "\n".join(f"{name}: {reason}" for name, reason in reasons.items() if reason)
