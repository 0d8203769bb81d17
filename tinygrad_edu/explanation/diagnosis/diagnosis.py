"""The result of a diagnosis: right, one mistake, a tie of several, or no known mistake; and its sentences."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.gradient_names import gradient_of
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.text.numbers import number

Verdict = Literal["right", "mistake", "tie", "unknown"]
ArrayWord = Literal["right", "wrong", "consistent-with-earlier", "undecided"]
LEVELS = (0, 1, 2, 3, 4)
MAX_POSSIBLE = 3  # explanations in a text


@dataclass(frozen=True)
class Explanation:
    """A mistake that reproduces every submitted number.

    `mistake` is its name, `catalogue` its number, `also` the numbers of the same act under other names; it was made
    at `node`, in the source line `place`, and first shows in `array`; `sentence` says what was done, `wrote` and `fix`
    are the wrong and the right line; `difference` is the largest between a number that the mistake gives and the
    submitted one. `guilty` is the tensor of the node.
    """

    mistake: str
    catalogue: int
    also: tuple[int, ...] = ()
    node: str = ""
    place: str = ""
    array: str = ""
    sentence: str = ""
    wrote: str = ""
    fix: str = ""
    difference: float = 0.0
    guilty: Variable | None = field(default=None, repr=False, compare=False)

    def text(self, level: int = 3) -> str:
        """The mistake in sentences; at level 2 its place only."""
        if level < 3:
            return f"Look at {self.node}." if level == 2 else ""
        wrote = f" You wrote {self.wrote};" if self.wrote else ""
        fix = f" it should be {self.fix}." if self.fix else ""
        fix = fix if wrote or not fix else f" It should be {self.fix}."
        exact = f" (max difference {self.difference:.1g})" if self.difference else ""
        return f"{self.sentence}{exact}.{wrote}{fix}"


@dataclass(frozen=True)
class ArrayVerdict:
    """The verdict on one array; `true` are the right numbers, for the worked line `symbol = true`."""

    name: str
    verdict: ArrayWord
    note: str = ""
    symbol: str = field(default="", repr=False, compare=False)  # if the array is no gradient
    true: Array = field(repr=False, compare=False, kw_only=True)


@dataclass(frozen=True)
class Diagnosis:
    """The result of `diagnose`. A prompt shows it in sentences; `text(level)` says as much as a teacher wants said.

    `verdict`: "right", "mistake" (one explanation), "tie" (several that fit alike; `tell_apart` says what would
    decide) or "unknown" (`reason` says why: never the nearest guess). `possible` are explanations that fit, but on
    so few digits that it may be chance: nobody is accused of them. `arrays` judges every array: those that follow
    from an earlier mistake are "consistent-with-earlier", zeros that may be rounded numbers "undecided".
    """

    verdict: Verdict
    arrays: dict[str, ArrayVerdict]
    explanations: list[Explanation] = field(default_factory=list)
    tell_apart: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()
    possible: list[Explanation] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """True if everything is right."""
        return self.verdict == "right"

    @property
    def _undecided(self) -> bool:
        return any(array.verdict == "undecided" for array in self.arrays.values())

    @property
    def guilty(self) -> list[Variable]:
        """The tensors at which the mistakes were made; `draw(loss, mark=diagnosis)` marks them."""
        found = [e.guilty for e in self.explanations if e.guilty is not None]
        return list(dict.fromkeys(found))

    def text(self, level: int = 3) -> str:
        """The help of a level: 0 right or wrong, 1 the wrong arrays, 2 the node, 3 the mistake, 4 the worked line."""
        check_level("text", level)
        if level == 0:
            return "right" if self.right else "undecided" if self._undecided else "wrong"
        lines = [self._line(array, level) for array in self.arrays.values()]
        if level >= 2:
            lines += self._findings(level)
        if level >= 3:
            lines += self.notes
        if level >= 4:
            wrong = [a for a in self.arrays.values() if a.verdict != "right"]
            lines += [f"{a.symbol or gradient_of(a.name)} = {_numbers(a.true)}" for a in wrong]
        return "\n".join(lines)

    def _line(self, array: ArrayVerdict, level: int) -> str:
        words = {"consistent-with-earlier": "follows from the mistake before it"}
        note = f" ({array.note})" if array.note and level >= 3 else ""
        return f"{array.name}: {words.get(array.verdict, array.verdict)}{note}."

    def _findings(self, level: int) -> list[str]:
        texts = _by_array((e.array, e.text(level)) for e in self.explanations)
        if level < 3:
            return list(dict.fromkeys(text for found in texts.values() for text in found if text))
        lines = [self.reason] if self.reason else []
        for array, found in texts.items():
            first, *rest = found if len(found) == 1 else ["These explain it equally well:", *lettered(found)]
            lines += [f"{array}: {first}" if len(texts) > 1 else first, *rest]
        lines += [self.tell_apart] if self.tell_apart else []
        return [*lines, *self._possible()]

    def _possible(self) -> list[str]:
        lines = []
        for array, found in _by_array((e.array, f"{e.sentence}.") for e in self.possible).items():
            of = f" for {array}" if len(self.arrays) > 1 else ""
            more = [f"and {len(found) - MAX_POSSIBLE} more"] if len(found) > MAX_POSSIBLE else []
            lines += [f"What would fit{of}, perhaps by chance:", *lettered(found[:MAX_POSSIBLE]), *more]
        return lines

    def to_dict(self, level: int = 3) -> dict[str, Any]:
        """The diagnosis for programs; nothing in it says more than `text(level)`."""
        check_level("to_dict", level)
        found: dict[str, Any] = {"right": self.right}
        if level >= 1:
            found["arrays"] = {name: array.verdict for name, array in self.arrays.items()}
        if level >= 2:
            found["nodes"] = list(dict.fromkeys(e.node for e in self.explanations))
        if level >= 3:
            found |= {"verdict": self.verdict, "explanations": [_as_dict(e) for e in self.explanations]}
            found |= {"possible": [_as_dict(e) for e in self.possible], "tell_apart": self.tell_apart}
            found |= {"reason": self.reason, "notes": list(self.notes)}
        if level >= 4:
            found["true"] = {a.name: a.true.tolist() for a in self.arrays.values()}
        return found | {"text": self.text(level)}

    def to_json(self, level: int = 3) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(level), ensure_ascii=False, indent=2)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return html_card(self.text(), self.right)


def _by_array(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The different texts on each array."""
    found: dict[str, dict[str, None]] = {}
    for array, text in texts:
        found.setdefault(array, {})[text] = None
    return {array: list(each) for array, each in found.items()}


def html_card(text: str, right: bool) -> str:
    """The lines of `text` beside a bar, blue if all is right; the first line is bold."""
    colour = "#0072b2" if right else "#d55e00"
    first, *rest = (html.escape(line) for line in text.splitlines())
    body = "".join(f"<div>{line}</div>" for line in rest)
    return f'<div style="border-left:4px solid {colour};padding-left:8px"><b>{first}</b>{body}</div>'


def lettered(texts: Iterable[str]) -> list[str]:
    """The texts with (a), (b) ... before them."""
    return [f"({chr(97 + i % 26)}) {text}" for i, text in enumerate(texts)]


def check_level(call: str, level: int) -> None:
    """Raise `ValueError` unless `level` is one of help."""
    if level not in LEVELS:
        raise ValueError(
            f"{call} needs a level of help from 0 (right or wrong) to 4 (the worked line): got {level}"
        )


def _as_dict(e: Explanation) -> dict[str, Any]:
    names = ("mistake", "catalogue", "node", "place", "array", "sentence", "wrote", "fix", "difference")
    return {name: getattr(e, name) for name in names} | {"also": list(e.also)}


def _numbers(array: Array) -> str:
    return number(array) if array.size == 1 else np.array2string(array, precision=6, separator=", ")
