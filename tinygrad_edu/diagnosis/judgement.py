"""One submission judged: array by array in the order of the way back, the first mistake blamed, its followers not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.diagnosis.diagnosis import ArrayVerdict, ArrayWord, Diagnosis, Explanation
from tinygrad_edu.diagnosis.kinks import also_correct
from tinygrad_edu.diagnosis.mistakes.shapes import Shaped, shapes
from tinygrad_edu.diagnosis.partial import close, cut_off, pattern
from tinygrad_edu.diagnosis.pool import Pool, given_that
from tinygrad_edu.diagnosis.question import Question
from tinygrad_edu.diagnosis.replay import Array
from tinygrad_edu.diagnosis.submission import Repair, as_numbers, readings, tolerance
from tinygrad_edu.diagnosis.telling import tell_apart
from tinygrad_edu.diagnosis.wording import of_fit, of_shape, of_shaped
from tinygrad_edu.graph import Variable

NO_KNOWN = "No known mistake explains this."
CLOSE = "Every number is within one unit of its last digit, though: was something rounded in between?"
TOO_LITTLE = (
    "Too little is given to name a mistake: at these digits too many would fit. "
    "Hand in more numbers or more decimals."
)
ALL_ZERO = "All of it is zero, and the gradient is not."
SOME_UNITS = 20
FEWEST = 4  # numbers; any constant explains one


class Judgement:
    """What is to be said of these arrays, by tensor; `called` names a tensor."""

    def __init__(
        self,
        pool: Pool,
        called: Callable[[Variable], str],
        arrays: Mapping[Variable, Any],
        digits: Mapping[Variable, int],
    ) -> None:
        self.pool, self.called = pool, called
        self.true = pool.scene.tape.grads
        self.tolerances: dict[Variable, float] = {}
        self.shapes: dict[Variable, tuple[int, ...]] = {}  # as handed in
        self.repairs: dict[Variable, Repair] = {}
        self.unreadable: dict[Variable, Array] = {}
        self.shaped: dict[Variable, Shaped] = {}  # of a wrong shape, for a known reason
        for x in pool.asked:
            if x in arrays:
                self._read(x, arrays[x], digits.get(x))
        self.numbers = {x: repair.array for x, repair in self.repairs.items()}
        self.words: dict[Variable, ArrayWord] = {}
        self.notes = {x: repair.note for x, repair in self.repairs.items() if repair.note}

    def _read(self, x: Variable, value: Any, digits: int | None) -> None:
        array = as_numbers("diagnose", self.called(x), value)
        self.shapes[x] = array.shape
        self.tolerances[x] = tolerance(array, digits, float(np.abs(self.true[x]).max()))
        found = list(readings(array, x.raw.shape, bias=x.raw.ndim == 1 or 1 in x.raw.shape))
        fitting = [r for r in found if self._fits(r, x)]
        if fitting and fitting[0].summed == 1:
            self.repairs[x] = fitting[0]
        elif array.shape != x.raw.shape and (shaped := self._shaped(x, array)):
            self.shaped[x] = shaped
        elif found:
            self.repairs[x] = (fitting or found)[0]
            self.tolerances[x] *= self.repairs[x].summed
        else:
            self.unreadable[x] = array

    def _fits(self, repair: Repair, x: Variable) -> bool:
        return bool((np.abs(repair.array - self.true[x]) <= self.tolerances[x] * repair.summed).all())

    def _shaped(self, x: Variable, array: Array) -> Shaped | None:
        """A known mistake that gives this shape and these numbers, perhaps times a constant."""
        small = np.abs(array).max(initial=0) <= SOME_UNITS * self.tolerances[x]  # no evidence for a constant
        factors = [1.0] if small else [1.0, *(c.value for c in self.pool.constants)]
        alike = (found for found in shapes(self.pool.scene, x) if found.array.shape == array.shape)
        for found in alike:
            if min(np.abs(c * found.array - array).max() for c in factors) <= self.tolerances[x]:
                return found
        return None

    def diagnosis(self) -> Diagnosis:
        """The verdict."""
        if not self.numbers:
            return self._shapes([])
        question = Question(self.pool, self.numbers, self.tolerances)
        wrong = [x for x in question.asked if not question.part(x).right]
        self.words = {**dict.fromkeys(question.asked, "right"), **dict.fromkeys(wrong, "wrong")}
        if not wrong or self._placement(question, wrong) or also_correct(question):
            return self._right(question)
        found = self._joint(question, wrong) or self._one_by_one(wrong)
        return self._shapes(found.explanations) if self._misshapen() else found

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
        if self._misshapen():
            return self._shapes([])
        small = (
            np.abs(question.evidence.true) <= question.evidence.tolerance
        ).all() and question.evidence.true.any()
        note = (
            ("At these digits the gradient is all zeros, and so would be most wrong ones.",) if small else ()
        )
        return Diagnosis("right", self._arrays(), notes=note)

    # Wrong.

    def _harmful(self) -> list[Variable]:
        return [x for x, repair in self.repairs.items() if repair.note and not repair.harmless]

    def _misshapen(self) -> bool:
        return bool(self._harmful() or self.unreadable or self.shaped)

    def _shapes(self, others: list[Explanation]) -> Diagnosis:
        """Some shapes are wrong; `others` are what there is to say of arrays in the right shape.

        How an array of another shape is to be read is said only if its numbers bear it out.
        """
        explained = {e.array for e in others}
        harmful = self._harmful()
        borne_out = {
            x: None for x in harmful if self.words.get(x, "wrong") != "wrong" or self.called(x) in explained
        }
        found = [of_shape(self.called(x), x, self.repairs[x]) for x in borne_out]
        found += [
            of_shaped(self.pool.scene.names, self.called(x), shaped) for x, shaped in self.shaped.items()
        ]
        self.words |= dict.fromkeys([*harmful, *self.shaped, *self.unreadable], "wrong")
        unlike = {x: None for x in harmful if x not in borne_out}
        self.notes = {x: note for x, note in self.notes.items() if x not in unlike}
        reasons = [
            f"{self.called(x)} needs shape {x.raw.shape}, but what was handed in has {self.shapes[x]}."
            for x in [*unlike, *self.unreadable]
        ]
        explanations = [*found, *others]
        return Diagnosis(
            "mistake" if explanations else "unknown", self._arrays(), explanations, reason=" ".join(reasons)
        )

    def _joint(self, question: Question, wrong: list[Variable]) -> Diagnosis | None:
        """One mistake that explains all arrays; None if there is none."""
        fits, tried = question.fits()
        if not fits:
            return None
        explanations = [
            of_fit(self.pool.scene.names, self.called(wrong[0]), fit, question.evidence) for fit in fits
        ]
        e = question.evidence
        if not e.suffices(tried) or e.numbers.size < FEWEST:
            reason = ALL_ZERO if e.blank else TOO_LITTLE
            return Diagnosis("unknown", self._arrays(), reason=reason, possible=explanations)
        self.words |= dict.fromkeys(wrong[1:], "consistent-with-earlier")
        apart = tell_apart(question, fits) if len(fits) > 1 else ""
        return Diagnosis("mistake" if len(fits) == 1 else "tie", self._arrays(), explanations, apart)

    def _one_by_one(self, wrong: list[Variable]) -> Diagnosis:
        """No one mistake explains all: the first wrong array, then the others given the student's own."""
        own: dict[Variable, Array] = {}
        found: list[Diagnosis] = []
        for x in wrong:
            if own and self._follows(x, own):
                self.words[x] = "consistent-with-earlier"
            else:
                found.append(self._alone(x))
            if x.operation is not None:
                own[x] = self.numbers[x]
        verdicts = {d.verdict for d in found}
        return Diagnosis(
            "tie" if "tie" in verdicts else "mistake" if "mistake" in verdicts else "unknown",
            self._arrays(),
            [e for d in found for e in d.explanations],
            next((d.tell_apart for d in found if d.tell_apart), ""),
            found[0].reason,
            possible=[e for d in found for e in d.possible],
        )

    def _alone(self, x: Variable) -> Diagnosis:
        """One wrong array; what explains it must leave right what is right."""
        kept = {y: a for y, a in self.numbers.items() if y is x or self.words[y] == "right"}
        question = Question(self.pool, kept, self.tolerances)
        evidence = question.part(x)
        before = dict(self.words)
        joint = self._joint(question, [x]) if len(kept) < len(self.numbers) else None
        self.words = before
        if joint is not None:
            return joint
        name = self.called(x)
        part = pattern(evidence, x.raw.shape)
        if part:
            return self._found(
                x, "partly-wrong", 0, f"It equals the true gradient except in one place: {part}"
            )
        if cut_off(evidence) and evidence.numbers.size >= FEWEST:
            return self._found(
                x,
                "misrounded",
                40,
                f"It equals the true gradient of {name}, cut off where it should be rounded",
            )
        reason = ALL_ZERO if evidence.blank else NO_KNOWN + (f" {CLOSE}" if close(evidence) else "")
        reason += " (Not all were tried: time was up.)" if self.pool.untried else ""
        return Diagnosis("unknown", {}, reason=reason)

    def _found(self, x: Variable, name: str, number: int, sentence: str) -> Diagnosis:
        own = self.called(x)
        return Diagnosis(
            "mistake", {}, [Explanation(name, number, (), own, "", own, sentence, "", "", 0.0, x)]
        )

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
