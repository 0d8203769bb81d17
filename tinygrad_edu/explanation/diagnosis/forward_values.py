"""Values handed in on the way forward: the first that does not follow from the student's own earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import ArrayVerdict, Explanation
from tinygrad_edu.explanation.diagnosis.evidence import Evidence
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.mistakes.constants import Constant, named
from tinygrad_edu.explanation.diagnosis.submission import as_numbers, tolerance
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.text_writer import program

CORNERS = 8
DEPTH = 6  # operations of a formula, one inside the other


class Forward:
    """The student's values of some tensors, judged in the order in which they are computed."""

    def __init__(
        self, scene: Scene, values: Mapping[Variable, Any], digits: Mapping[Variable, int | None]
    ) -> None:
        self.scene = scene
        self.own: dict[Variable, Array] = {}
        self.reach: dict[Variable, float] = {}
        self.verdicts: dict[str, ArrayVerdict] = {}
        self.explanations: list[Explanation] = []
        for x in sorted(values, key=lambda x: x.serial):
            self._judge(x, values[x], digits.get(x))

    @property
    def right(self) -> bool:
        """Whether all follow."""
        return not self.explanations

    def _judge(self, x: Variable, value: Any, digits: int | None) -> None:
        name = self.scene.names.label(x)
        array = as_numbers("diagnose", name, value)
        if array.shape != x.raw.shape:
            raise ValueError(f"diagnose needs the value of {name} in shape {x.raw.shape}, got {array.shape}")
        reach = tolerance(array, digits, float(np.abs(x.raw).max(initial=0)))
        word = "right" if (np.abs(array - x.raw) <= reach).all() else "wrong"
        if word == "wrong" and self.own and self._follows(x, array, reach):
            word = "right" if self.right else "consistent-with-earlier"
        if word == "wrong":
            self.explanations.append(self._explained(x, name, array, reach))
        self.verdicts[name] = ArrayVerdict(name, word, "", x.raw, name)  # type: ignore[arg-type]
        self.own[x], self.reach[x] = array, reach

    def _follows(self, x: Variable, array: Array, reach: float) -> bool:
        """Whether it is what comes of the student's own values, and of how they were rounded."""
        centre = self._again({})[x]
        rng = np.random.default_rng(0)
        spread = np.zeros(x.raw.shape)
        for _ in range(CORNERS):
            noise = {y: self.reach[y] * rng.choice([-1.0, 1.0], a.shape) for y, a in self.own.items()}
            spread = np.maximum(spread, np.abs(self._again(noise)[x] - centre))
        return bool((np.abs(array - centre) <= reach + 2 * spread).all())

    def _again(self, noise: Mapping[Variable, Array]) -> dict[Variable, Array]:
        own = {y: a + noise.get(y, 0) for y, a in self.own.items()}
        with np.errstate(all="ignore"):
            copies = rerun(self.scene.tape.loss, {}, overwrite=own)
        return {y: copy.raw for y, copy in copies.items()}

    def _explained(self, x: Variable, name: str, array: Array, reach: float) -> Explanation:
        e = Evidence(array.ravel().astype(float), x.raw.ravel(), np.full(array.size, reach))
        constants = [c for c in named(self.scene) if c.number in (1, 2, 3, 5, 28)]
        found = [c for _, c in e.times(e.true[None], constants)]
        usual = sorted({c.value for c in constants})
        if found and e.suffices(len(usual)):
            return self._constant(x, name, found[0])
        formula = program(self._written(x)) if x.operation else "its value"
        return self._say("inconsistent-value", 39, x, f"It is not {formula}")

    def _written(self, x: Variable, depth: int = DEPTH) -> Expression:
        """How it is computed from what has a name."""
        assert x.operation is not None
        inputs = tuple(self._symbol(y, depth - 1) if hasattr(y, "shape") else y for y in x.inputs)
        return Expression(shape=x.raw.shape, operation=x.operation, inputs=inputs, settings=dict(x.settings))

    def _symbol(self, x: Any, depth: int) -> Expression:
        name = self.scene.names.find(x) if isinstance(x, Variable) else ""
        inner = isinstance(x, Variable) and x.operation is not None and depth > 0 and not name
        return self._written(x, depth) if inner else symbol(name or "…", x.shape)

    def _constant(self, x: Variable, name: str, c: Constant) -> Explanation:
        return self._say(c.id, c.number, x, f"It equals {c.name} times the true value of {name}: {c.why}")

    def _say(self, mistake: str, number: int, x: Variable, sentence: str) -> Explanation:
        names, place = self.scene.names, line_of(x.call_site) if x.call_site else ""
        return Explanation(
            mistake, number, (), names.node(x), place, names.label(x), sentence, "", "", 0.0, x
        )
