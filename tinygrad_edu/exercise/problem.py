"""`Problem`: an exercise before anybody answers: numbers, the gradients and values asked for, and points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from reprlib import repr as short
from typing import Any, Self

import numpy as np

from tinygrad_edu.exercise import named_tensors
from tinygrad_edu.exercise.expected_gradients import Gradients
from tinygrad_edu.exercise.grade_report import Graded
from tinygrad_edu.exercise.module_network import network_of, parameters_of
from tinygrad_edu.exercise.named_tensors import Function
from tinygrad_edu.exercise.targets import find, of_data
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor


class Problem:
    """A network with numbers, the gradients and values asked for, and their points; see `Exercise`."""

    def __init__(
        self,
        network: Function,
        data: Mapping[str, Any],
        ask: Sequence[str],
        *,
        loss: Callable[..., Any] | None = None,
        names: Mapping[str, str] | None = None,
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
        self.title, self.text, self.as_function = title, text, as_function
        inputs, learned = named_tensors.arrays_of(data)
        self.loss_fn = network_of(network, loss, names, inputs)
        others = {name: x for name, x in parameters_of(self.loss_fn).items() if name not in inputs}
        weights, trained = named_tensors.arrays_of(others)
        self.data = inputs | weights
        self.ask = _names("ask", ask)
        self.digits = _digits(digits)
        self.points = _points(points, self.ask)
        self.partial = _share(partial)
        learned += [*trained, *_names("parameters", parameters, self.data), *of_data(self.ask, self.data)]
        self.learned = list(dict.fromkeys(learned))
        if not self.learned:  # a name in ask that is not there is told first
            floats = [name for name, array in self.data.items() if array.dtype.kind == "f"]
            find(named_tensors.run(self.loss_fn, self.data, floats), self.ask)
        self._named = named_tensors.run(self.loss_fn, self.data, self.learned)
        self._targets = find(self._named, self.ask)
        self._options: dict[str, Any] = {"given": given, "lr": lr}

    @property
    def loss(self) -> Tensor:
        """The loss, with its graph."""
        return self._named.loss

    @cached_property
    def gradients(self) -> Gradients:
        """The gradients that are asked, and every mistake that can be made, found once for all submissions."""
        return Gradients(self.loss, self.asked, self.digits, **self._options)

    @property
    def asked(self) -> dict[str, Tensor]:
        """The tensors whose gradients are asked."""
        return self._targets.gradients

    @property
    def values(self) -> dict[str, Tensor]:
        """The tensors whose values are asked."""
        return self._targets.values

    def label(self, name: str) -> str:
        """The label of an array on the sheet: `dW1` for the gradient of W1, `z1` for a value."""
        return self._targets.label(name)

    @property
    def keys(self) -> dict[str, str]:
        """The name of the array that is meant by each key of the answers: W1 and dW1 are the same."""
        return self._targets.keys()

    def full(self, name: str, true: Array) -> Graded:
        """Full points for an array, before the answer is graded."""
        return Graded(name, self.label(name), "right", self.points[name], self.points[name], true=true)

    def with_numbers(self, data: Mapping[str, Any]) -> Self:
        """The same exercise with other numbers."""
        words: dict[str, Any] = {"title": self.title, "text": self.text, "as_function": self.as_function}
        return type(self)(
            self.loss_fn, data, self.ask, digits=self.digits, points=self.points, partial=self.partial,
            parameters=self.learned, **words, **self._options,
        )  # fmt: skip

    def solution(self) -> dict[str, Array]:
        """The right answers, rounded to the digits asked for."""
        true = {name: self.gradients.true(name) for name in self.asked}
        true |= {name: x.raw for name, x in self.values.items()}
        return {name: np.round(true[name], self.digits) + 0.0 for name in self.ask}

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
