"""`JacobianPuzzle`: the Jacobian of an operation as a puzzle, with hints in levels and a picture of what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.autograd.functional import jacobian
from tinygrad_edu.exercise.answers import CLOSE, Answer, close, coarse, read, shaped, unread
from tinygrad_edu.exercise.difference_picture import difference_picture
from tinygrad_edu.exercise.grade_report import Graded, Result
from tinygrad_edu.exercise.sandbox import Outcome, Run, is_program, ran_on
from tinygrad_edu.exercise.value_mistakes import ValueMistake, proven
from tinygrad_edu.explanation.derivation.page.blocks import (
    Block,
    Code,
    Formula,
    Heading,
    Numbers,
    Sentence,
    Sign,
)
from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation, check_level
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.symbolic.expression import symbol
from tinygrad_edu.tensor.tensor import Tensor

Wrong = Callable[..., Array]  # of the arrays of the puzzle


@dataclass(frozen=True, repr=False)
class PuzzleResult(Result):
    """The result of a puzzle: `picture` is an SVG with a heat map of |yours - true|, empty if nothing can be shown."""

    picture: str = field(default="", repr=False, kw_only=True)

    def save_picture(self, path: str | Path) -> Path:
        """Write the picture to an `.svg` file. Raises `ValueError` if there is none."""
        if not self.picture:
            raise ValueError("save_picture needs an answer that can be compared, and there is none")
        Path(path).write_text(self.picture, "utf-8")
        return Path(path)

    def _repr_html_(self) -> str:
        return super()._repr_html_() + self.picture


@dataclass(frozen=True, eq=False)
class JacobianPuzzle:
    """The Jacobian of `function(*data)` with respect to its first array, to be found by hand.

    Row i of it has the derivatives of the i-th number of the result, column j those with respect to the j-th number of
    the input, both counted row by row. `formula` is the Jacobian in NumPy, `hints` go from a direction to the formula,
    and `mistakes` are wrong Jacobians with a sentence on each.
    """

    title: str
    text: str
    function: Callable[..., Tensor]
    data: Mapping[str, Array]
    hints: tuple[str, ...]
    formula: str
    mistakes: Mapping[str, Wrong]
    digits: int = 4

    @property
    def points(self) -> dict[str, float]:
        """The points of the one array that is asked."""
        return {"J": 1.0}

    @cached_property
    def true(self) -> Array:
        """The right Jacobian, by the engine."""
        first, *others = (Tensor(x) for x in self.data.values())
        whole = jacobian(lambda x: self.function(x, *others), first)
        return np.asarray(whole.numpy()).reshape(-1, first.raw.size)

    def solution(self) -> dict[str, Array]:
        """The right answer, rounded."""
        return {"J": np.round(self.true, self.digits) + 0.0}

    def hint(self, level: int = 1) -> str:
        """The hint of a level, from 1, a direction, to the formula. Raises `ValueError` for another level."""
        if not 1 <= level <= len(self.hints):
            raise ValueError(f"hint needs a level from 1 to {len(self.hints)}, got {level}")
        return self.hints[level - 1]

    def check(self, answers: Any, level: int = 2) -> PuzzleResult:
        """Points, reasons and the picture for `answers`: the Jacobian, or a mapping `{"J": array}`.

        Or a function of the arrays of the puzzle that returns either, or the `Submission` of a file: it runs apart
        from this process, on the numbers of the puzzle. `level` is that of `Exercise.check`; at level 0 there is no
        picture.
        """
        check_level("check", level)
        ran = ran_on(answers, [self.data]) if is_program(answers) else Outcome((Run(answers),))
        (first,) = ran.runs
        given = first.answers if isinstance(first.answers, Mapping) else {"J": first.answers}
        found, notes = read(given, {"J": "J"})
        notes += [ran.note] if ran.note else []
        answer = Answer(None, first.reason) if first.reason else self._in_shape(found["J"])
        picture = ""
        if level and answer.array is not None and answer.array.shape == self.true.shape:
            picture = difference_picture(answer.array, self.true, "J", self._tolerance)
        arrays = {"J": self._graded(answer)}
        return PuzzleResult(self.title, arrays, tuple(notes), level, picture=picture)

    @property
    def _tolerance(self) -> float:
        return 0.51 * 10.0**-self.digits

    def _in_shape(self, answer: Answer) -> Answer:
        """The answer as a matrix, if it has the shape (*result, *input), as of `torch.autograd.functional.jacobian`."""
        first, *others = (Tensor(x) for x in self.data.values())
        whole = (*self.function(first, *others).shape, *first.shape)
        if answer.array is not None and answer.array.shape == whole:
            return answer._replace(array=answer.array.reshape(self.true.shape))
        return answer

    def _graded(self, answer: Answer) -> Graded:
        true = self.true
        full = Graded("J", "J", "right", 1.0, 1.0, true=true)
        if answer.array is None:
            return full.but(*unread(answer))
        if answer.array.shape == true.shape and (np.abs(answer.array - true) <= self._tolerance).all():
            return full
        base = true if answer.array.shape == true.shape else np.zeros(answer.array.shape)
        known = proven(answer.array, base, list(self._mistakes(answer.array)), self._tolerance)
        if known:
            named = tuple(
                Explanation(m.id, 0, node="J", array="J", sentence=f"It equals {m.did}") for m in known
            )
            return full.but("partly", 0.5, explanations=named)
        if answer.array.shape != true.shape:
            return full.but("unreadable", 0.0, shaped(answer.array, true))
        if close(answer.array, true, self.digits):
            return full.but("right", problem=CLOSE)
        if problem := coarse(answer.array, true, self.digits):
            return full.but("partly", 0.5, problem)
        return full.but("wrong", 0.0, finding="No known mistake explains this.")

    def _mistakes(self, array: Array) -> Iterator[ValueMistake]:
        """The wrong Jacobians of the shape of `array`."""
        arrays = list(self.data.values())
        everything: dict[str, Wrong] = {
            "the Jacobian with the sign lost": lambda *_: -self.true,
            "the Jacobian transposed: row i belongs to the i-th number of the result": lambda *_: self.true.T,
            **self.mistakes,
        }
        for did, wrong in everything.items():
            value = wrong(*arrays)
            if value.shape == array.shape:
                yield ValueMistake("wrong-jacobian", did, value)

    def sheet(self, solution: bool = False) -> Page:
        """The puzzle to be printed, with the formula and its numbers if asked."""
        blocks: list[Block] = [Sentence((" ".join(part.split()),)) for part in self.text.split("\n\n")]
        blocks.append(Heading(("Given",)))
        for name, array in self.data.items():
            blocks.append(Formula(((symbol(name, array.shape), Sign("="), Numbers(array)),)))
        rows, columns = self.true.shape
        blocks += [Heading(("Asked",)), Sentence((f"J, {rows}×{columns}, to {self.digits} decimals.",))]
        listed = json.dumps({name: array.tolist() for name, array in self.data.items()})
        blocks += [Sentence(("The data, to be copied:",)), Code(listed)]
        if solution:
            blocks += [
                Heading(("Solution",)),
                *(Sentence((hint,)) for hint in self.hints),
                Code(self.formula),
            ]
            blocks.append(
                Formula(((symbol("J", (rows, columns)), Sign("="), Numbers(self.true, self.digits)),))
            )
        return Page(self.title, tuple(blocks))

    def save(self, path: str | Path, solution: bool = False) -> Path:
        """Write the sheet to `path`, as its ending says."""
        return self.sheet(solution).save(path)

    def __repr__(self) -> str:
        return f"<puzzle {self.title!r}: J to {self.digits} decimals>"

    def _repr_markdown_(self) -> str:
        return self.sheet().markdown
