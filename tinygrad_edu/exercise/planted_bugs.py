"""Planted bugs: wrong gradients, of which the mistake is to be named."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.exercise.grade_report import MAX_COLUMNS
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.exercise.wrong_answers import WrongAnswer, wrong_answers
from tinygrad_edu.reading.nodes import Array

CHOICES = 5


@dataclass(frozen=True)
class PlantedBug:
    """Wrong gradients in `arrays`, and `choices` of a mistake by letter. `check` takes a guess.

    `labels`: the names of the arrays in the text, dW1 for W1.
    """

    title: str
    digits: int
    arrays: dict[str, Array]
    choices: dict[str, str]
    answer: str  # a letter
    id: str
    number: int
    labels: dict[str, str]

    @property
    def text(self) -> str:
        """The question, without the answer."""
        lines = [f"{self.title}: find the bug.", "Somebody handed in:"]
        for name, array in self.arrays.items():
            lines.append(f"{self.labels[name]} =")
            lines += ["  " + line for line in self._rows(array)]
        lines += ["Each number is what comes of one mistake. It is:"]
        return "\n".join([*lines, *(f"  ({letter}) {words}" for letter, words in self.choices.items())])

    def _rows(self, array: Array) -> list[str]:
        with np.printoptions(suppress=True):  # no 1e-05 among numbers with decimals
            return np.array2string(
                array, MAX_COLUMNS, self.digits, separator=", ", floatmode="fixed"
            ).splitlines()

    def check(self, guess: Any) -> tuple[bool, str]:
        """True if the guess, a letter, the name of the mistake, or its number, is right; and a sentence on it."""
        right = _same(guess, (self.answer, self.id, self.choices[self.answer]), self.number)
        if right:
            return True, f"Right: it is {self.choices[self.answer]}."
        words = self.choices.get(str(guess).strip().lower().strip("()")) if isinstance(guess, str) else None
        return False, f"Wrong: it is not {words or short(guess)}."

    def __repr__(self) -> str:
        return self.text


def _same(guess: Any, names: tuple[str, ...], number: int) -> bool:
    if isinstance(guess, str):
        text = guess.strip().lower()
        return text.strip("()") in {name.lower() for name in names} or text == str(number)
    return isinstance(guess, int) and not isinstance(guess, bool) and guess == number


def plant(exercise: Problem, seed: int) -> PlantedBug:
    """A mistake that only one explanation fits, with others to choose from. Raises `ValueError` without one."""
    rng = np.random.default_rng(seed)
    everything = list(wrong_answers(exercise))
    for name in rng.permutation(list(dict.fromkeys(p.id for p in everything))):
        places = [p for p in everything if p.id == name]
        bug = places[int(rng.integers(len(places)))]
        if _alone(exercise, bug):
            return _question(exercise, bug, everything, rng)
    raise ValueError(
        f"planted_bug needs an exercise in which mistakes can be told apart, and in {exercise.title!r} none can; "
        "see audit()"
    )


def plant_several(exercise: Problem, count: int, seed: int) -> list[PlantedBug]:
    """So many bugs, no two with the same arrays, of as many kinds as there are.

    Raises `ValueError` if there are not so many.
    """
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError(f"planted_bugs needs a count of 1 or more, got {short(count)}")
    rng = np.random.default_rng(seed)
    everything = list(wrong_answers(exercise))
    found: list[WrongAnswer] = []
    for bug in _mixed(everything, rng):
        if len(found) < count and not any(_same_arrays(bug, b) for b in found) and _alone(exercise, bug):
            found.append(bug)
    if len(found) < count:
        raise ValueError(
            f"planted_bugs needs an exercise with {count} mistakes that can be told apart, and {exercise.title!r} has "
            f"{len(found)}; see audit()"
        )
    return [_question(exercise, bug, everything, rng) for bug in found]


def _mixed(everything: list[WrongAnswer], rng: np.random.Generator) -> Iterator[WrongAnswer]:
    """All wrong answers in random order: one of each kind, then a second of each kind, and so on."""
    kinds: dict[str, list[WrongAnswer]] = {}
    for i in rng.permutation(len(everything)):
        kinds.setdefault(everything[i].id, []).append(everything[i])
    for place in zip_longest(*kinds.values()):
        yield from (bug for bug in place if bug is not None)


def key(bugs: list[PlantedBug]) -> str:
    """The key for the teacher: a table of the right letter and the mistake of each sheet, numbered from 1."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(("sheet", "answer", "mistake", "sentence"))
    table.writerows((i, bug.answer, bug.id, bug.choices[bug.answer]) for i, bug in enumerate(bugs, 1))
    return file.getvalue()


def _alone(exercise: Problem, bug: WrongAnswer) -> bool:
    """True if the diagnosis names the bug and nothing else."""
    return [e.mistake for e in exercise.gradients.judged(bug.arrays).explanations] == [bug.id]


def _same_arrays(first: WrongAnswer, second: WrongAnswer) -> bool:
    return all(np.array_equal(array, second.arrays[name]) for name, array in first.arrays.items())


def _question(
    exercise: Problem, bug: WrongAnswer, everything: list[WrongAnswer], rng: np.random.Generator
) -> PlantedBug:
    unlike = (p for p in everything if p.number != bug.number and not _same_arrays(p, bug))
    others = {p.id: p for p in unlike}  # one of each kind
    chosen = [others[name] for name in rng.permutation(list(others))[: CHOICES - 1]]
    options = [p.sentence for p in [bug, *chosen]]
    order = rng.permutation(len(options))
    choices = {chr(97 + i): options[j] for i, j in enumerate(order)}
    answer = chr(97 + int(np.flatnonzero(order == 0)[0]))
    labels = {name: exercise.label(name) for name in bug.arrays}
    return PlantedBug(
        exercise.title, exercise.digits, bug.arrays, choices, answer, bug.id, bug.number, labels
    )
