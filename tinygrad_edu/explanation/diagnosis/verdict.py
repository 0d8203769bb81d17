"""The verdict on one submission: array by array in the order of the way back; the first mistake is to blame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import ArrayVerdict, ArrayWord, Diagnosis, Verdict
from tinygrad_edu.explanation.diagnosis.evidence import Evidence
from tinygrad_edu.explanation.diagnosis.explainer import Explainer, Label
from tinygrad_edu.explanation.diagnosis.explanation_text import of_repair, of_wrong_shape
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable
from tinygrad_edu.explanation.diagnosis.matching import Matching
from tinygrad_edu.explanation.diagnosis.subgradients import also_correct
from tinygrad_edu.explanation.diagnosis.submission import Submission
from tinygrad_edu.reading.nodes import Array

SMALL = (
    "At these digits the gradient is all zeros, so this agrees with it; but so do zeros that were never computed, and "
    "most wrong answers. More digits tell them apart."
)
ZEROS = "at these digits all zeros, as is an array that was never computed"
UNDECIDED = (
    "All of it is zero, and so is the gradient to {decimals} decimals: right if it was rounded to so few, wrong if "
    "nothing was computed. Hand in more decimals."
)
TAKEN_BACK = "up to a constant that a later line takes back"
NOTHING = Diagnosis("right", {})


def judge(table: HypothesisTable, label: Label, submission: Submission) -> Diagnosis:
    """The diagnosis of a submission; `label` gives the name of a tensor in it.

    What is explained by nothing as it was most likely rounded is read again in the widest way.
    """
    first = _Judge(table, label, submission).diagnosis()
    widened = submission.widened if first.verdict == "unknown" and not table.time_is_up() else None
    if widened is None:
        return first
    second = _Judge(table, label, widened).diagnosis()
    return second if second.explanations else first


class _Judge:
    """The arrays of a submission, with the word and the note on each as they are found."""

    def __init__(self, table: HypothesisTable, label: Label, submission: Submission) -> None:
        self.table, self.label, self.submission = table, label, submission
        self.explainer = Explainer(table, label, submission.numbers, submission.tolerances)
        self.notes = submission.notes
        self.words: dict[Variable, ArrayWord] = {}

    def diagnosis(self) -> Diagnosis:
        """The verdict."""
        if not self.explainer.numbers:
            return self._with_shapes(NOTHING)
        if self.submission.undecided:
            self.words = dict.fromkeys(self.explainer.numbers, "undecided")
            reason = UNDECIDED.format(decimals=self.submission.decimals)
            return Diagnosis("unknown", self._arrays(), reason=reason)
        matching = self.explainer.matching(list(self.explainer.numbers))
        wrong = matching.wrong
        self.words = {**dict.fromkeys(matching.wrt, "right"), **dict.fromkeys(wrong, "wrong")}
        if not wrong or self._taken_back(matching) or also_correct(matching):
            return self._right(matching)
        found = self._joint(matching) or self._of_right_shape() or self._one_by_one(wrong)
        return self._with_shapes(found) if self.submission.misshapen else found

    # Right.

    def _taken_back(self, matching: Matching) -> bool:
        """True if all inner gradients, and no others, are wrong, by one constant that a later line took back."""
        wrong, constants = matching.wrong, self.table.constants
        later = [x for x in matching.wrt if x.operation is None]
        parts = [matching.part(x) for x in matching.wrt if x.operation is not None]
        if not later or len(parts) != len(wrong):
            return False
        fitting = [{c.value for _, c in part.times(part.true[None], constants)} for part in parts]
        if not set.intersection(*fitting):
            return False
        self.notes |= dict.fromkeys(wrong, TAKEN_BACK)
        return True

    def _right(self, matching: Matching) -> Diagnosis:
        self.words = dict.fromkeys(matching.wrt, "right")
        if self.submission.misshapen:
            return self._with_shapes(NOTHING)
        small = [x for x in matching.wrt if _rounds_to_zeros(matching.part(x))]
        if len(small) == len(matching.wrt):
            return Diagnosis("right", self._arrays(), notes=(SMALL,))
        self.notes = {**dict.fromkeys(small, ZEROS), **self.notes}
        return Diagnosis("right", self._arrays())

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
        found += [of_wrong_shape(names, label(x), shaped) for x, shaped in submission.wrong_shapes.items()]
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
        rest = [x for x in self.explainer.numbers if x not in harmful]
        wrong = [x for x in rest if self.words[x] == "wrong"]
        return self._joint(self.explainer.matching(rest)) if harmful and wrong else None

    def _joint(self, matching: Matching) -> Diagnosis | None:
        """One mistake that explains all arrays of `matching`; None if there is none."""
        found = self.explainer.joint(matching)
        if found is None:
            return None
        if found.explanations:
            self.words |= dict.fromkeys(matching.wrong[1:], "consistent-with-earlier")
        return replace(found, arrays=self._arrays())

    def _one_by_one(self, wrong: list[Variable]) -> Diagnosis:
        """The verdict where no one mistake explains all: array by array, given the student's own inner gradients."""
        own: dict[Variable, Array] = {}
        found: dict[str, Diagnosis] = {}
        rest, beside = list(wrong), None  # `beside`: the explainer of a mistake beside those that were found
        while rest:
            x, group, later = rest[0], rest[:1], rest[1:]
            if own and self.explainer.follows(x, own):
                self.words[x] = "consistent-with-earlier"
            else:
                group, one = self.explainer.group(rest)
                if not one.explanations and beside is not None and not self.table.time_is_up():
                    group, one = _second(beside.group(rest), (group, one))
                found[self.label(x)] = one
                later = [y for y in rest if y not in set(group)]
                if one.verdict == "mistake" and later:
                    beside = (beside or self.explainer).after(group, later)
                self.words |= dict.fromkeys(group[1:], "consistent-with-earlier")
            own |= {y: self.explainer.numbers[y] for y in group if y.operation is not None}
            rest = later
        verdicts = {d.verdict for d in found.values()}
        return Diagnosis(
            "tie" if "tie" in verdicts else "mistake" if "mistake" in verdicts else "unknown",
            self._arrays(),
            [e for d in found.values() for e in d.explanations],
            next((d.tell_apart for d in found.values() if d.tell_apart), ""),
            _in_one({name: d.reason for name, d in found.items()}),
            possible=[e for d in found.values() for e in d.possible],
        )

    def _arrays(self) -> dict[str, ArrayVerdict]:
        true, order = self.table.facts.tape.grads, [x for x in self.table.wrt if x in self.words]
        return {
            name: ArrayVerdict(name, self.words[x], self.notes.get(x, ""), true=true[x])
            for name, x in zip(map(self.label, order), order)
        }


def _rounds_to_zeros(e: Evidence) -> bool:
    return bool(e.true.any() and (np.abs(e.true) <= e.tolerance).all())


def _second(
    found: tuple[list[Variable], Diagnosis], otherwise: tuple[list[Variable], Diagnosis]
) -> tuple[list[Variable], Diagnosis]:
    """The explanation by a second mistake, if there is one."""
    group, one = found
    if not one.explanations:
        return otherwise
    again = [replace(e, sentence=f"Given that, i{e.sentence[1:]}") for e in one.explanations]
    return group, replace(one, explanations=again)


def _in_one(reasons: Mapping[str, str]) -> str:
    """One reason for all arrays, or a line for each that has one."""
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "\n".join(f"{name}: {reason}" for name, reason in reasons.items() if reason)
