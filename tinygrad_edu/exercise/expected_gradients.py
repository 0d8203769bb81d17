"""The gradients that an exercise asks for, and every mistake that can be made on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis import Diagnosis, Suspects
from tinygrad_edu.explanation.diagnosis.written_numbers import decimals_of
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun
from tinygrad_edu.tensor.tensor import Tensor


class Gradients:
    """The gradients of `tensors`, by name, rounded to `digits` decimals.

    `options` are those of `Suspects`.
    """

    def __init__(self, loss: Tensor, tensors: Mapping[str, Tensor], digits: int, **options: Any) -> None:
        self.loss, self.tensors, self.digits, self.options = loss, dict(tensors), digits, options
        self.suspects = Suspects(loss, list(self.tensors.values()), **options)

    def true(self, name: str) -> Array:
        """The right gradient."""
        return self.suspects.facts.tape.grads[self.tensors[name]]

    @property
    def finite(self) -> bool:
        """True if all gradients are finite."""
        return all(np.isfinite(self.true(name)).all() for name in self.tensors)

    def label(self, name: str) -> str:
        """The name of the gradient in a diagnosis."""
        return self.suspects.label(self.tensors[name])

    def judged(self, arrays: Mapping[str, Array]) -> Diagnosis:
        """The diagnosis of these answers; if it finds nothing, that to the decimals that each answer has."""
        answers = {self.tensors[name]: array for name, array in arrays.items()}
        with np.errstate(all="ignore"):
            first = self.suspects.judge(answers, self.digits)
            digits = {x: min(decimals_of(array) or self.digits, self.digits) for x, array in answers.items()}
            if first.verdict != "unknown" or set(digits.values()) == {self.digits}:
                return first
            second = self.suspects.judge(answers, digits)
        return first if second.verdict == "unknown" else second

    def given_values(self, values: Mapping[Variable, Array]) -> Gradients:
        """The gradients, had these tensors of the graph come out with these values, which somebody rounded.

        The last decimal of a gradient cannot be told then.
        """
        with np.errstate(all="ignore"):
            copies = rerun(self.loss, {}, overwrite=values)
            tensors = {name: copies[x] for name, x in self.tensors.items()}
            return Gradients(copies[self.loss], tensors, max(self.digits - 1, 0), **self.options)
