"""An audit of an exercise: the mistakes that cannot be told apart, found by making every one; and advice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.exercise.advice import advice, on_numbers
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.exercise.wrong_answers import wrong_answers
from tinygrad_edu.explanation.diagnosis.diagnosis import lettered
from tinygrad_edu.explanation.diagnosis.explainer import ALL_ZERO
from tinygrad_edu.explanation.diagnosis.mistakes.constants import ACCUMULATED, SQUARE

P = TypeVar("P", bound=Problem)
MAX_SHOWN = 10  # ties, and lines of a list
MAX_DRAWN, MAX_AUDITED = 200, 6  # exercises


@dataclass(frozen=True)
class Tie:
    """Mistakes that give the same answers here, and a sentence on what would tell the mistakes apart."""

    mistakes: tuple[str, ...]
    sentences: tuple[str, ...]
    tell_apart: str

    @property
    def always(self) -> bool:
        """True if they give the same numbers in any exercise: a stray factor 2, and adding up twice."""
        return set(self.mistakes) == {SQUARE, ACCUMULATED}


@dataclass(frozen=True)
class Audit:
    """The result of `audit`: of `made` mistakes, `told` are named alone.

    `ties` are explained equally well, `unseen` are graded as right at these digits, `unnamed` are wrong but leave too
    little to be named. `advice` has sentences on what to change.
    """

    title: str
    made: int
    told: int
    ties: tuple[Tie, ...]
    unseen: tuple[str, ...]
    unnamed: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def good(self) -> bool:
        """True if nothing can be made better: the only ties are those of any exercise."""
        return not (self.unseen or self.unnamed or any(not tie.always for tie in self.ties))

    @property
    def text(self) -> str:
        """The report for the teacher."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        made = f"of {self.made} mistakes that can be made here"
        yield f"{self.title}: {made}, {self.told} can be told apart from all others."
        for tie in self.ties[:MAX_SHOWN]:
            yield "Explained equally well:"
            yield from (f"  {line}" for line in lettered(tie.sentences))
            yield "  " + ("These give the same numbers in any exercise." if tie.always else tie.tell_apart)
        yield from _more(len(self.ties))
        yield from _listed("Not seen, as the answers are the right ones to these decimals:", self.unseen)
        yield from _listed("Seen to be wrong, but too little is given to name them:", self.unnamed)
        yield from _listed("Advice:", self.advice)

    def to_dict(self) -> dict[str, Any]:
        """The report for programs."""
        ties = [
            {"mistakes": list(t.mistakes), "sentences": list(t.sentences), "always": t.always}
            for t in self.ties
        ]
        found: dict[str, Any] = {"title": self.title, "made": self.made, "told": self.told, "good": self.good}
        lists = {name: list(getattr(self, name)) for name in ("unseen", "unnamed", "advice")}
        return found | {"ties": ties} | lists

    def __repr__(self) -> str:
        return self.text


def audit(exercise: Problem) -> Audit:
    """Make every mistake, and count those that the diagnosis names."""
    made, told = 0, 0
    ties: dict[tuple[str, ...], Tie] = {}
    unseen: dict[str, None] = {}
    unnamed: dict[str, None] = {}
    for answer in wrong_answers(exercise):
        found = exercise.gradients.judged(answer.arrays)
        made += 1
        told += found.verdict == "mistake"
        if found.verdict == "tie":
            ids = tuple(e.mistake for e in found.explanations)
            sentences = tuple(e.sentence.removeprefix("It equals ") for e in found.explanations)
            ties.setdefault(sentences, Tie(ids, sentences, found.tell_apart))
        elif found.verdict != "mistake" and found.reason != ALL_ZERO:  # which the student is told
            (unseen if found.right else unnamed).setdefault(answer.sentence)
    with np.errstate(all="ignore"):  # where a network is saturated
        advised = tuple(advice(exercise))
    return Audit(
        exercise.title,
        made,
        told,
        tuple(ties.values()),
        tuple(unseen),
        tuple(unnamed),
        advised,
    )


def best(drawn: Callable[[], P]) -> P:
    """The first exercise in which all mistakes can be told apart, or the best of several."""
    everything = (drawn() for _ in range(MAX_DRAWN))
    fair = (exercise for exercise in everything if not any(on_numbers(exercise)))
    found: list[tuple[int, P]] = []
    for exercise in islice(fair, MAX_AUDITED):
        result = audit(exercise)
        if result.good:
            return exercise
        found.append((result.made - result.told, exercise))
    return min(found, key=lambda pair: pair[0])[1] if found else drawn()


def _listed(title: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield title
        yield from (f"  - {line}" for line in lines[:MAX_SHOWN])
        yield from _more(len(lines))


def _more(count: int) -> Iterator[str]:
    if count > MAX_SHOWN:
        yield f"  and {count - MAX_SHOWN} more"
