"""`Exercise`: a network with numbers, the gradients and values asked for, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.derivation.page import Page
from tinygrad_edu.diagnosis.diagnosis import check_level
from tinygrad_edu.exercise import audit as audits
from tinygrad_edu.exercise import bugs, functions, grading, random_networks, setup
from tinygrad_edu.exercise import sheet as sheets
from tinygrad_edu.exercise.asked import find, of_data
from tinygrad_edu.exercise.audit import Audit
from tinygrad_edu.exercise.bugs import PlantedBug
from tinygrad_edu.exercise.gradients import Gradients
from tinygrad_edu.exercise.result import Graded, Result
from tinygrad_edu.exercise.setup import Array, Function
from tinygrad_edu.notation import short
from tinygrad_edu.tensor import Tensor


class Exercise:
    """Gradients and values to be found by hand, graded by the engine: no answer is ever typed in by the teacher.

    `loss_fn(**tensors)` returns the loss, or `(loss, {"z1": z1, ...})` to give names to intermediates; `data` holds
    an array for each of its arguments. `ask`: "W1" (or "dW1") asks for the gradient of a parameter, "dz1" for that of
    a named intermediate, "z1" for its value, and "L" for that of the loss.
    `parameters`: what else is learned, so that mistakes in it are known too; tensors with `requires_grad=True` are.
    `digits`: decimals that count. `points`: for each array, or a mapping; `partial`: the share of them for an array
    with one known mistake. What is right given an earlier mistake has full points. `as_function`: the sheet asks for a
    function that returns the arrays.
    `given`: other arrays that lie around and may be used by mistake, by name; `lr`: the learning rate, if there is one.
    Raises `TypeError` or `ValueError` if these are anything else.
    """

    def __init__(
        self,
        loss_fn: Function,
        data: Mapping[str, Any],
        ask: Sequence[str],
        *,
        title: str = "Backpropagation by hand",
        text: str = "",
        digits: int = 4,
        points: float | Mapping[str, float] = 1,
        partial: float = 0.5,
        parameters: Sequence[str] = (),
        given: Mapping[str, Any] | None = None,
        lr: float | None = None,
        as_function: bool = False,
    ) -> None:
        self.title, self.text, self.loss_fn, self.as_function = title, text, loss_fn, as_function
        self.data, learned = setup.arrays_of(data)
        self.ask = _names("ask", ask)
        self.digits = _digits(digits)
        self.points = _points(points, self.ask)
        self.partial = _share(partial)
        learned += [*_names("parameters", parameters, self.data), *of_data(self.ask, self.data)]
        self.learned = list(dict.fromkeys(learned))
        self._setup = setup.run(loss_fn, self.data, self.learned)
        self._options: dict[str, Any] = {"given": given, "lr": lr}
        self._asked = find(self._setup, self.ask)

    @classmethod
    def random(
        cls,
        seed: int,
        *,
        layers: int | Sequence[int] = 2,
        activation: str = "sigmoid",
        loss: str = "cross_entropy",
        examples: int | None = None,
        **options: Any,
    ) -> Exercise:
        """An exercise with numbers from a seed, the same for the same seed, all its parameters asked.

        `layers`: how many, or the sizes from inputs to outputs as [3, 6, 5]; `activation` "sigmoid", "tanh" or "relu";
        `loss` "cross_entropy", "bce" or "mse"; `examples` N. `options` are those of `Exercise`.
        Sizes and numbers are chosen so that mistakes can be told apart, if that is possible.
        Raises `ValueError` for other arguments.
        """
        plan = random_networks.Plan(seed, layers, activation, loss, examples)
        words = {"title": f"Backpropagation by hand, no. {seed}", "text": plan.text}
        chosen: dict[str, Any] = {**words, "ask": plan.parameters, "parameters": plan.parameters, **options}
        return audits.best(lambda: cls(plan.function, plan.numbers(), **chosen))

    @property
    def loss(self) -> Tensor:
        """The loss, with its graph."""
        return self._setup.loss

    @cached_property
    def gradients(self) -> Gradients:
        """The gradients that are asked, and every mistake that can be made in them, found once for all submissions."""
        return Gradients(self.loss, self.asked, self.digits, **self._options)

    @property
    def asked(self) -> dict[str, Tensor]:
        """The tensors whose gradients are asked."""
        return self._asked.gradients

    @property
    def values(self) -> dict[str, Tensor]:
        """The tensors whose values are asked."""
        return self._asked.values

    def label(self, name: str) -> str:
        """What the sheet calls an array that is asked: `dW1` for the gradient of W1, `z1` for a value."""
        return self._asked.label(name)

    @property
    def keys(self) -> dict[str, str]:
        """Which array is meant by a key of the answers: W1 and dW1 are the same."""
        return self._asked.keys()

    def full(self, name: str, true: Array) -> Graded:
        """Full points for an array that is asked, to begin with."""
        return Graded(name, self.label(name), "right", self.points[name], self.points[name], true=true)

    def with_numbers(self, data: Mapping[str, Any]) -> Exercise:
        """The same exercise with other numbers."""
        words: dict[str, Any] = {"title": self.title, "text": self.text, "as_function": self.as_function}
        return Exercise(
            self.loss_fn, data, self.ask, digits=self.digits, points=self.points, partial=self.partial,
            parameters=self.learned, **words, **self._options,
        )  # fmt: skip

    def solution(self) -> dict[str, Array]:
        """The right answers, rounded to the digits asked for."""
        true = {name: self.gradients.true(name) for name in self.asked}
        true |= {name: x.raw for name, x in self.values.items()}
        return {name: np.round(true[name], self.digits) + 0.0 for name in self.ask}

    def check(self, answers: Any, level: int = 2) -> Result:
        """Points and reasons for `answers`, a mapping from names to arrays; keys such as `dW1` and `dL/dW1` do too.

        Or a function `answers(**arrays)` that returns such a mapping: it is run on the numbers of the sheet and on
        others, with one example more, and has to be right on all.
        `level`: how much the student is told: 0 the points, 1 which arrays are wrong, 2 at which node, 3 which mistake,
        4 the right numbers. What is missing or cannot be read gets a reason and no points; the rest is graded.
        Raises nothing on account of `answers`, and `ValueError` for another level.
        """
        check_level("check", level)
        grade = functions.grade_function if callable(answers) else grading.grade
        return grade(self, answers, level)

    def sheet(self, solution: bool = False) -> Page:
        """The exercise to be printed, with the worked solution if asked: `.text`, `.markdown`, `.latex`, `.html`."""
        return sheets.sheet(self, solution)

    def save(self, path: str | Path, solution: bool = False) -> Path:
        """Write the sheet to `path`, as its ending says: `.html`, `.tex`, `.md` or `.txt`."""
        return self.sheet(solution).save(path)

    def audit(self) -> Audit:
        """Which mistakes cannot be told apart with these sizes, numbers and digits, and what to change."""
        return audits.audit(self)

    def planted_bug(self, seed: int) -> PlantedBug:
        """Wrong gradients by one mistake, to be named: the same for the same seed.

        Raises `ValueError` if no mistake can be named here.
        """
        return bugs.plant(self, seed)

    def check_bug(self, guess: Any, seed: int) -> tuple[bool, str]:
        """Whether `guess`, a letter, name or number, is the bug of this seed; and a sentence on it."""
        return self.planted_bug(seed).check(guess)

    def _repr_markdown_(self) -> str:
        return self.sheet().markdown

    def __repr__(self) -> str:
        return f"<exercise {self.title!r}: {', '.join(map(self.label, self.ask))} to {self.digits} decimals>"


def _names(what: str, names: Any, known: Mapping[str, Any] | None = None) -> list[str]:
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"Exercise needs {what} as a list of names, got {short(names)}; write {what}=['W1']")
    found = list(dict.fromkeys(names))
    if what == "ask" and not found:
        raise ValueError("Exercise needs ask with at least one name, got none; write ask=['W1']")
    missing = [name for name in found if known is not None and name not in known]
    if missing:
        raise ValueError(f"Exercise needs {what} out of {', '.join(known or ())}, got {missing[0]!r}")
    return found


def _digits(digits: Any) -> int:
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 12:
        raise ValueError(f"Exercise needs digits from 0 to 12 (decimals), got {short(digits)}")
    return digits


def _points(points: Any, ask: Sequence[str]) -> dict[str, float]:
    given = points if isinstance(points, Mapping) else dict.fromkeys(ask, points)
    wrong = [name for name in given if name not in ask]
    bad = [p for p in given.values() if isinstance(p, bool) or not isinstance(p, int | float) or not p >= 0]
    if wrong or bad:
        raise ValueError(
            f"Exercise needs points of 0 or more for {', '.join(ask)}, got {short((wrong or bad)[0])}"
        )
    return {name: float(given.get(name, 1)) for name in ask}


def _share(partial: Any) -> float:
    if isinstance(partial, bool) or not isinstance(partial, int | float) or not 0 <= partial <= 1:
        raise ValueError(f"Exercise needs partial as a share from 0 to 1, got {short(partial)}")
    return float(partial)
