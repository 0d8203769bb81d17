"""One submission judged: array by array in the order of the way back, the first mistake blamed, its followers not."""

from __future__ import annotations

from collections.abc import Mapping
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
from tinygrad_edu.explanation.diagnosis.disambiguation import tell_apart
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, Fit
from tinygrad_edu.explanation.diagnosis.explanation_text import of_fit, of_shape, of_shaped
from tinygrad_edu.explanation.diagnosis.hypotheses import given_that
from tinygrad_edu.explanation.diagnosis.matching import Question
from tinygrad_edu.explanation.diagnosis.partial_errors import close, cut_off, exchanged, pattern
from tinygrad_edu.explanation.diagnosis.reshaping import Reading
from tinygrad_edu.explanation.diagnosis.subgradients import also_correct
from tinygrad_edu.reading.nodes import Array

NO_KNOWN = "No known mistake explains this."
CLOSE = "Every number is within one unit of its last digit, though: was something rounded in between?"
TOO_LITTLE = (
    "Too little is given to name a mistake: at these digits too many would fit. "
    "Hand in more numbers or more decimals."
)
SMALL = "At these digits the gradient is all zeros, and so would be most wrong ones."
ALL_ZERO = "All of it is zero, and the gradient is not."
NOTHING = Diagnosis("right", {})
FEWEST = 4  # numbers; any constant explains one


class Judgement:
    """What is to be said of the arrays that were read."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.pool, self.called, self.true = reading.pool, reading.called, reading.true
        self.numbers, self.tolerances, self.notes = reading.numbers, reading.tolerances, reading.notes
        self.words: dict[Variable, ArrayWord] = {}

    def diagnosis(self) -> Diagnosis:
        """The verdict."""
        if not self.numbers:
            return self._shapes(NOTHING)
        question = Question(self.pool, self.numbers, self.tolerances)
        wrong = [x for x in question.asked if not question.part(x).right]
        self.words = {**dict.fromkeys(question.asked, "right"), **dict.fromkeys(wrong, "wrong")}
        if not wrong or self._placement(question, wrong) or also_correct(question):
            return self._right(question)
        found = self._joint(question, wrong) or self._of_right_shape(wrong) or self._one_by_one(wrong)
        return self._shapes(found) if self.reading.misshapen else found

    # Right.

    def _placement(self, question: Question, wrong: list[Variable]) -> bool:
        """Whether only inner gradients are wrong, by a constant that a later line took back."""
        after = [x for x in question.asked if x.operation is None]
        inner = all(x.operation is not None for x in wrong)
        parts = [question.part(x) for x in wrong]
        if not after or not inner or not all(p.times(p.true[None], self.pool.constants) for p in parts):
            return False
        self.notes |= dict.fromkeys(wrong, "up to a constant that a later line takes back")
        return True

    def _right(self, question: Question) -> Diagnosis:
        self.words = dict.fromkeys(question.asked, "right")
        if self.reading.misshapen:
            return self._shapes(NOTHING)
        e = question.evidence
        small = e.true.any() and (np.abs(e.true) <= e.tolerance).all()
        return Diagnosis("right", self._arrays(), notes=(SMALL,) if small else ())

    # Wrong.

    def _shapes(self, others: Diagnosis) -> Diagnosis:
        """Some shapes are wrong; `others` are what there is to say of arrays in the right shape.

        How an array of another shape is to be read is said only if its numbers bear it out.
        """
        reading, explained = self.reading, {e.array for e in others.explanations}
        borne_out = {
            x: None
            for x in reading.harmful
            if self.words.get(x, "wrong") != "wrong" or self.called(x) in explained
        }
        found = [of_shape(self.called(x), x, reading.repairs[x]) for x in borne_out]
        found += [of_shaped(self.pool.scene.names, self.called(x), s) for x, s in reading.shaped.items()]
        self.words |= dict.fromkeys(reading.misshapen, "wrong")
        unlike = {x: None for x in reading.harmful if x not in borne_out}
        self.notes = {x: note for x, note in self.notes.items() if x not in unlike}
        reasons = [
            f"{self.called(x)} needs shape {x.raw.shape}, but what was handed in has {reading.shapes[x]}."
            for x in [*unlike, *reading.unreadable]
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

    def _of_right_shape(self, wrong: list[Variable]) -> Diagnosis | None:
        """One mistake that explains all arrays but those of another shape."""
        harmful = set(self.reading.harmful)
        rest = {x: array for x, array in self.numbers.items() if x not in harmful}
        left = [x for x in wrong if x in rest]
        return self._joint(Question(self.pool, rest, self.tolerances), left) if harmful and left else None

    def _joint(self, question: Question, wrong: list[Variable]) -> Diagnosis | None:
        """One mistake that explains all arrays; None if there is none."""
        fits, tried = question.fits()
        if not fits:
            return None
        e = question.evidence
        if not e.suffices(tried) or e.numbers.size < FEWEST:
            possible = self._explained(wrong[0], question.guesses() or fits, e)
            return Diagnosis("unknown", self._arrays(), reason=_too_little(e), possible=possible)
        explanations = self._explained(wrong[0], fits, e)
        self.words |= dict.fromkeys(wrong[1:], "consistent-with-earlier")
        apart = tell_apart(question, fits) if len(fits) > 1 else ""
        return Diagnosis("mistake" if len(fits) == 1 else "tie", self._arrays(), explanations, apart)

    def _explained(self, x: Variable, fits: list[Fit], evidence: Evidence) -> list[Explanation]:
        names = self.pool.scene.names
        alone = evidence.numbers.size == x.raw.size
        own = {"each": names.letter(x, "W")} if alone else {}
        return [of_fit(names, self.called(x), fit, evidence, **own) for fit in fits]

    def _one_by_one(self, wrong: list[Variable]) -> Diagnosis:
        """No one mistake explains all: the first wrong array, then the others given the student's own."""
        own: dict[Variable, Array] = {}
        found: dict[str, Diagnosis] = {}
        for x in wrong:
            if own and self._follows(x, own):
                self.words[x] = "consistent-with-earlier"
            else:
                found[self.called(x)] = self._alone(x)
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
        """One wrong array; what explains it must leave right what is right."""
        kept = {y: a for y, a in self.numbers.items() if y is x or self.words[y] == "right"}
        question = Question(self.pool, kept, self.tolerances)
        evidence = question.part(x)
        joint = self._joint(question, [x]) if len(kept) < len(self.numbers) else None
        if joint is not None:
            return joint
        if part := pattern(evidence, x.raw.shape):
            return self._found(x, "partly-wrong", 0, f"the true gradient except in one place: {part}")
        if evidence.numbers.size >= FEWEST and (pair := exchanged(evidence, x.raw.shape)):
            return self._found(x, "exchanged", 40, f"the true gradient with {pair} exchanged")
        if cut_off(evidence) and evidence.numbers.size >= FEWEST:
            return self._found(x, "misrounded", 40, "the true gradient, cut off where it should be rounded")
        possible = self._explained(x, question.guesses(), question.evidence)
        reason = _too_little(evidence) if possible or evidence.blank else NO_KNOWN
        reason += f" {CLOSE}" if close(evidence) else ""
        reason += " (Not all were tried: time was up.)" if self.pool.untried else ""
        return Diagnosis("unknown", {}, reason=reason, possible=possible)

    def _found(self, x: Variable, mistake: str, number: int, what: str) -> Diagnosis:
        own = self.called(x)
        found = Explanation(mistake, number, (), own, "", own, f"It equals {what}", "", "", 0.0, x)
        return Diagnosis("mistake", {}, [found])

    def _follows(self, x: Variable, own: Mapping[Variable, Array]) -> bool:
        """Whether `x` is right, given the student's own inner gradients and how they were rounded."""
        rng = np.random.default_rng(0)
        right = given_that(self.pool.scene, own).tape.grads[x]
        spread = np.zeros(right.shape)
        for _ in range(8):
            moved = {y: a + self.tolerances[y] * rng.choice([-1.0, 1.0], a.shape) for y, a in own.items()}
            spread = np.maximum(spread, np.abs(given_that(self.pool.scene, moved).tape.grads[x] - right))
        return bool((np.abs(self.numbers[x] - right) <= 2 * spread + self.tolerances[x]).all())

    # Words.

    def _arrays(self) -> dict[str, ArrayVerdict]:
        order = [x for x in self.pool.asked if x in self.words]
        return {
            self.called(x): ArrayVerdict(self.called(x), self.words[x], self.notes.get(x, ""), self.true[x])
            for x in order
        }


def _too_little(evidence: Evidence) -> str:
    return ALL_ZERO if evidence.blank else TOO_LITTLE


def _in_one(reasons: Mapping[str, str]) -> str:
    """One reason for all arrays, or a line for each that has one."""
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "\n".join(f"{name}: {reason}" for name, reason in reasons.items() if reason)
