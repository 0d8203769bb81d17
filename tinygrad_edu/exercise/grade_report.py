"""The report of a grade: points and reasons, for students, teachers and autograders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from tinygrad_edu.explanation.diagnosis import Diagnosis
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation, check_level, html_card, lettered
from tinygrad_edu.text.numbers import number

Word = Literal["right", "follows", "partly", "wrong", "missing", "unreadable"]
WORDS = {
    "right": "right",
    "follows": "right, given an earlier mistake",
    "partly": "wrong",
    "wrong": "wrong",
    "missing": "missing",
    "unreadable": "cannot be read",
}
UNREAD = ("missing", "unreadable")  # nothing in it can be graded
MAX_COLUMNS = 110  # of a matrix in text


@dataclass(frozen=True)
class Graded:
    """One array, `label` on the sheet: its `verdict`, `points` of `possible`, and the reasons.

    The verdict is "right", "follows" (right, given an earlier mistake), "partly" (one known mistake), "wrong",
    "missing" or "unreadable"; `problem` says what is wrong with its form, `finding` with its numbers.
    """

    name: str
    label: str
    verdict: Word
    points: float
    possible: float
    problem: str = ""
    true: np.ndarray | None = field(default=None, repr=False, compare=False)
    explanations: tuple[Explanation, ...] = field(default=(), repr=False)
    finding: str = ""
    tell_apart: str = ""

    def but(self, verdict: Word, share: float = 1.0, problem: str = "", **others: Any) -> Graded:
        """The array with another verdict, and this share of the points."""
        return replace(self, verdict=verdict, points=self.possible * share, problem=problem, **others)

    def reason(self, level: int = 3) -> str:
        """The reason for the points, as far as the level goes."""
        lines = [f"{WORDS[self.verdict]}{': ' + self.problem if self.problem else ''}."]
        if level >= 2:
            lines += self._findings(level)
        if level >= 4 and self.verdict != "right" and self.true is not None:
            lines.append(_numbers(self.label, self.true))
        return "\n".join(lines)

    def _findings(self, level: int) -> list[str]:
        texts = [text for text in dict.fromkeys(e.text(min(level, 3)) for e in self.explanations) if text]
        if level < 3:
            return texts
        if len(texts) > 1:
            texts = ["These explain it equally well:", *lettered(texts)]
            texts += [self.tell_apart] if self.tell_apart else []
        return [*([self.finding] if self.finding else []), *texts]


@dataclass(frozen=True)
class Result:
    """The result of `check`. A prompt and `to_dict()` say as much as `level` allows.

    `diagnosis` is that of the gradients.
    """

    title: str
    arrays: dict[str, Graded]
    notes: tuple[str, ...] = ()
    level: int = 2
    diagnosis: Diagnosis | None = field(default=None, repr=False, compare=False)

    @property
    def points(self) -> float:
        """All points together."""
        return sum(array.points for array in self.arrays.values())

    @property
    def possible(self) -> float:
        """The most points that there are."""
        return sum(array.possible for array in self.arrays.values())

    @property
    def right(self) -> bool:
        """True if everything is right."""
        return all(array.verdict == "right" for array in self.arrays.values())

    def text(self, level: int | None = None) -> str:
        """The points, and below them a line or more for each array."""
        level = self._level("text", level)
        lines = [f"{self.title}: {number(self.points)} of {number(self.possible)} points."]
        lines += [line_of(alike, level, points=level > 0) for alike in grouped(self._shown(level))]
        return "\n".join([*lines, *(f"Note: {note}." for note in self.notes)])

    def to_dict(self, level: int | None = None) -> dict[str, Any]:
        """The report for programs; nothing in it says more than `text(level)`."""
        level = self._level("to_dict", level)
        found = {"title": self.title, "points": self.points, "possible": self.possible, "right": self.right}
        if level:
            found["arrays"] = {name: _as_dict(array, level) for name, array in self.arrays.items()}
        return found | {"notes": list(self.notes), "text": self.text(level)}

    def to_json(self, level: int | None = None) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(level), ensure_ascii=False, indent=2)

    def to_gradescope(self, level: int | None = None) -> dict[str, Any]:
        """The contents of results.json for a Gradescope autograder: a test for each array that was asked."""
        level = self._level("to_gradescope", level)
        report: dict[str, Any] = {"score": self.points, "output": self.text(level)}
        if level:
            report["tests"] = [
                {
                    "name": array.label,
                    "score": array.points,
                    "max_score": array.possible,
                    "status": "passed" if array.verdict in ("right", "follows") else "failed",
                    "output": array.reason(level),
                }
                for array in self.arrays.values()
            ]
        return report

    def _level(self, call: str, level: int | None) -> int:
        chosen = self.level if level is None else level
        check_level(call, chosen)
        return chosen

    def _shown(self, level: int) -> list[Graded]:
        return [a for a in self.arrays.values() if level or a.verdict in UNREAD]

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return html_card(self.text(), self.right)


def grouped(arrays: Iterable[Graded]) -> list[list[Graded]]:
    """The arrays, those that are missing or cannot be read together with others of the same reason."""
    groups: dict[tuple[str, ...], list[Graded]] = {}
    for array in arrays:
        key = (array.verdict, array.problem) if array.verdict in UNREAD else (array.name,)
        groups.setdefault(key, []).append(array)
    return list(groups.values())


def line_of(alike: list[Graded], level: int, *, points: bool) -> str:
    """A line for an array, or for several with the same reason; at level 4, the right numbers of all."""
    names = ", ".join(array.name for array in alike)
    worth = [number(sum(numbers)) for numbers in zip(*((a.points, a.possible) for a in alike), strict=True)]
    of = f" ({worth[0]} of {worth[1]})" if points else ""
    first, *others = (array.reason(max(level, 1)).partition("\n") for array in alike)
    return "\n".join([f"{names}{of}: {''.join(first)}", *(numbers for *_, numbers in others if numbers)])


def _as_dict(array: Graded, level: int) -> dict[str, Any]:
    found: dict[str, Any] = {"points": array.points, "possible": array.possible, "verdict": array.verdict}
    if level >= 3:
        found["mistakes"] = [e.mistake for e in array.explanations]
    return found | {"reason": array.reason(level)}


def _numbers(label: str, array: np.ndarray) -> str:
    start = f"{label} = "
    if array.size == 1:
        return start + number(array)
    return start + np.array2string(
        array, MAX_COLUMNS, precision=6, separator=", ", prefix=start, floatmode="fixed"
    )
