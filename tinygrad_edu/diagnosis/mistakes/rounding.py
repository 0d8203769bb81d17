"""Right, but rounded too early: the same computation with what is noted down between the lines rounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinygrad_edu.diagnosis.mistakes.row import Hypothesis, Mistake
from tinygrad_edu.diagnosis.replay import Array, Correction, Grads, Tape
from tinygrad_edu.diagnosis.rerun import rerun
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.sites import SLOPES, Activation, Head
from tinygrad_edu.graph import Variable

EARLY = Mistake(
    "rounded-early",
    40,
    "the true gradient but for rounding: {which} rounded to {digits} decimals before going on",
    "round(..., {digits}) in between",
    "all digits kept until the end",
)
DECIMALS = (1, 2, 3, 4, 5)
VALUES, GRADIENTS = "values", "gradients"


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Values rounded on the way forward, gradients on the way back, or both; these before or after the averaging."""
    averaged = [1.0, *sorted({1 / scene.count, 1 / scene.count / scene.classes} - {1.0})]
    for digits in DECIMALS:
        for which in ((VALUES,), (GRADIENTS,), (VALUES, GRADIENTS)):
            for unit in averaged if GRADIENTS in which else averaged[:1]:
                for only_first in (False, True) if GRADIENTS in which and unit != 1 else (False,):
                    words = {"digits": str(digits), "which": " and ".join(which)}
                    found = _Rounded(scene, digits, which, unit, only_first).differences()
                    yield Hypothesis(EARLY, scene.tape.loss, {}, words, found)


class _Rounded:
    """One way to round. A gradient is rounded in multiples of `unit`, the 1/N that may be multiplied in later."""

    def __init__(
        self, scene: Scene, digits: int, which: tuple[str, ...], unit: float, only_first: bool
    ) -> None:
        self.scene, self.digits, self.which = scene, digits, which
        self.unit, self.only_first = unit, only_first
        self.heads = scene.heads
        noted = [site.z for site in scene.activations] + [site.a for site in scene.activations]
        noted += (
            [layer.x for layer in scene.layers] + [h.z for h in self.heads] + [h.node for h in self.heads]
        )
        self.noted = {x for x in noted if x.operation is not None and x is not scene.tape.loss}
        ends = {h.z for h in self.heads if h.kind == "squared"}
        self.last = {h.z for h in self.heads} | {s.z for s in scene.activations if s.a in ends}
        self.skipped = {s.a for s in scene.activations if s.a in ends}  # nobody notes dL/dp down
        self.copies = rerun(scene.tape.loss, {}, after=self._after)

    def _after(self, node: Variable, value: Array) -> Array:
        return np.round(value, self.digits) if VALUES in self.which and node in self.noted else value

    def differences(self) -> Grads:
        """What comes of it, less the true gradients."""
        with np.errstate(all="ignore"):  # the log of a probability that was rounded to 0
            tape = Tape(self.copies[self.scene.tape.loss])
            walked = tape.walk(
                {self.copies[x]: self._at(x) for x in self.noted if self.copies[x] in tape.grads}
            )
        pairs = ((x, self.copies.get(x), g) for x, g in self.scene.tape.grads.items())
        return {x: walked[copy] - g for x, copy, g in pairs if copy is not None and copy in walked}

    def _at(self, x: Variable) -> Correction:
        head = next((h for h in self.heads if h.z is x and h.kind != "squared"), None)
        sites = [s for s in self.scene.activations if s.z is x and len(self.scene.tape.uses(x)) == 1]
        unit = self.unit if x in self.last or not self.only_first else 1.0
        rounds = GRADIENTS in self.which and x not in self.skipped

        def correction(grads: Grads, g: Array) -> Array:
            if head is not None:
                g = self._begun(head)
            elif sites:
                g = self._through(sites[0], grads)
            return np.round(g / unit, self.digits) * unit if rounds else g

        return correction

    def _begun(self, head: Head) -> Array:
        """p - y, with p as it was noted down."""
        p = head.function(self.copies[head.z].raw)
        return np.asarray(head.scale * (self._after(head.z, p) - head.y))

    def _through(self, site: Activation, grads: Grads) -> Array:
        """The derivative by the formula, from the activation as it was noted down."""
        z, a = self.copies[site.z], self.copies[site.a]
        return np.asarray(grads[a] * SLOPES[site.name](z.raw, a.raw))
