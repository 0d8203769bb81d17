"""The card of a folded module: what it takes, what it gives, and in a few words what is inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing.number_cells import number
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph import traced
from tinygrad_edu.viz.graph.folding import Bundle, Foldable


class FoldedModule:
    """A bundle with its things: `outputs` are used outside, `inputs` come from outside, each once."""

    def __init__(self, bundle: Bundle, foldable: Foldable, used: set[int], roots: set[int]) -> None:
        things = [foldable.things[i] for i in bundle.members]
        inside = {id(thing) for thing in things}
        scopes = [foldable.scopes[i] for i in bundle.scopes]
        self.things = things
        self.parent = scopes[0].parent
        self.kind = scopes[0].kind
        self.count = len(scopes)
        paths = [clean(scope.path or scope.kind) for scope in scopes]
        self.path = paths[0] if len(set(paths)) == 1 else f"{paths[0]} … {paths[-1]}"
        self.results = [thing for thing in things if thing.operation is not None]
        self.outputs = [x for x in self.results if id(x) in roots or id(x) in used] or self.results[-1:]
        inputs = {
            id(x): x for y in self.results for x in y.inputs[: traced.MOST_INPUTS] if isinstance(x, Tracer)
        }
        self.inputs = [x for x in inputs.values() if id(x) not in inside]

    @property
    def sign(self) -> str:
        """`Linear`, or `Block ×12`."""
        return f"{self.kind} ×{self.count}" if self.count > 1 else self.kind

    def described(self) -> tuple[str, ...]:
        """`2 parameters, 40 numbers`, and how many operations; after backward() how large the gradient is."""
        parameters = [x for x in self.things if x.operation is None and _learns(x)]
        size = sum(traced.array_of(x).size for x in parameters)
        lines = [f"{counted(len(parameters), 'parameter')}, {counted(size, 'number')}"] if parameters else []
        words = counted(len(self.results), "operation")
        gradients = traced.gradients_of(parameters)
        if parameters and not any(g is None for g in gradients):
            words += f", gradient norm {number(_norm(gradients))}"
        return (*lines, words)


def used_outside(things: Sequence[Any], bundles: Sequence[Bundle]) -> set[int]:
    """The ids of what is an input of something that is not in the same bundle."""
    bundle_of = {i: n for n, bundle in enumerate(bundles) for i in bundle.members}
    home = {id(thing): bundle_of.get(i) for i, thing in enumerate(things)}
    return {
        id(x)
        for thing in things
        for x in thing.inputs
        if home[id(thing)] is None or home.get(id(x)) != home[id(thing)]
    }


def _learns(x: Any) -> bool:
    return bool(getattr(x, "requires_grad", False) or getattr(x, "learned", False))


def _norm(gradients: Sequence[np.ndarray | None]) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients if g is not None)))
