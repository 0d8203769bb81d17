"""The gradients an exercise asks for, and every mistake that can be made on the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis import Diagnosis, Suspects
from tinygrad_edu.explanation.diagnosis.submission import decimals_of
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun
from tinygrad_edu.tensor.tensor import Tensor


class Gradients:
    """`asked` tensors of a loss by name, whose gradients are rounded to `digits` decimals.

    `options` are those of `Suspects`.
    """

    def __init__(self, loss: Tensor, asked: Mapping[str, Tensor], digits: int, **options: Any) -> None:
        self.loss, self.asked, self.digits, self.options = loss, dict(asked), digits, options
        self.suspects = Suspects(loss, list(self.asked.values()), **options)

    def true(self, name: str) -> Array:
        """The gradient itself."""
        return self.suspects.scene.tape.grads[self.asked[name]]

    @property
    def finite(self) -> bool:
        """Whether all are."""
        return all(np.isfinite(self.true(name)).all() for name in self.asked)

    def called(self, name: str) -> str:
        """What a diagnosis calls it."""
        return self.suspects.called(self.asked[name])

    def judged(self, arrays: Mapping[str, Array]) -> Diagnosis:
        """What is to be said of these answers; if nothing is found, as to the decimals that each of them has."""
        answers = {self.asked[name]: array for name, array in arrays.items()}
        with np.errstate(all="ignore"):
            first = self.suspects.judge(answers, self.digits)
            digits = {x: min(decimals_of(array) or self.digits, self.digits) for x, array in answers.items()}
            if first.verdict != "unknown" or set(digits.values()) == {self.digits}:
                return first
            second = self.suspects.judge(answers, digits)
        return first if second.verdict == "unknown" else second

    def given(self, values: Mapping[Variable, Array]) -> Gradients:
        """The same, had these tensors of the graph come out with these values, which somebody rounded.

        The last decimal of a gradient cannot be told then.
        """
        with np.errstate(all="ignore"):
            copies = rerun(self.loss, {}, overwrite=values)
            asked = {name: copies[x] for name, x in self.asked.items()}
            return Gradients(copies[self.loss], asked, max(self.digits - 1, 0), **self.options)
