"""Right, but rounded too early: the same computation with every intermediate rounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinygrad_edu.diagnosis.mistakes.row import Hypothesis, Mistake
from tinygrad_edu.diagnosis.replay import Grads, Tape
from tinygrad_edu.diagnosis.rerun import rerun
from tinygrad_edu.diagnosis.scene import Scene

EARLY = Mistake(
    "rounded-early",
    40,
    "the true gradient but for rounding: {which} rounded to {digits} decimals before going on",
    "round(..., {digits}) in between",
    "keep all digits until the end",
)
DECIMALS = (1, 2, 3, 4, 5, 6)


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Values rounded on the way forward, gradients rounded on the way back, or both."""
    for digits in DECIMALS:
        for forward, back in ((True, True), (True, False), (False, True)):
            which = " and ".join(["values"] * forward + ["gradients"] * back)
            yield Hypothesis(
                EARLY,
                scene.tape.loss,
                {},
                {"digits": str(digits), "which": which},
                _rounded(scene.tape, digits, forward, back),
            )


def _rounded(tape: Tape, digits: int, forward: bool, back: bool) -> Grads:
    if not forward:
        walked = tape.walk({x: lambda grads, g: np.round(g, digits) for x in tape.nodes})
        return {x: walked[x] - g for x, g in tape.grads.items()}
    copies = rerun(tape.loss, {}, after=lambda y: np.round(y, digits))
    with np.errstate(all="ignore"):  # log of a probability rounded to 0
        again = Tape(copies[tape.loss])
        walked = again.walk({x: lambda grads, g: np.round(g, digits) for x in again.nodes} if back else {})
    return {x: walked[copies[x]] - g for x, g in tape.grads.items() if copies.get(x) in walked}
