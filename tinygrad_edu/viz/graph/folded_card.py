"""The card of a folded module or of equal parts: its inputs, its outputs, and a few words on what is inside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tinygrad_edu.engine.node import Node
from tinygrad_edu.reading.nodes import nodes_in
from tinygrad_edu.symbolic.expression import symbol
from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing.number_cells import number
from tinygrad_edu.viz.drawing.operation_text import pill
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.drawable import drawn_inputs, is_learned, stored_gradients
from tinygrad_edu.viz.graph.folding import Bundle, Foldable

MAX_SIGNS = 8  # operations of a part that are listed


class FoldedModule:
    """A bundle with its tensors: `outputs` are used outside, `inputs` come from outside, each once.

    `count` is how often the operations `once` are done; `path` names a module, or lists these operations;
    `repetitions` are the tensors of each time.
    """

    def __init__(self, bundle: Bundle, foldable: Foldable, used: set[Any], roots: set[Any]) -> None:
        tensors = [foldable.tensors[i] for i in bundle.members]
        self.tensors = tensors
        self.results = [tensor for tensor in tensors if tensor.operation is not None]
        self.outputs = [x for x in self.results if x in roots or x in used] or self.results[-1:]
        inside = set(tensors)
        inputs = dict.fromkeys(x for y in self.results for x in drawn_inputs(y))
        self.inputs = [x for x in inputs if x not in inside]
        self.count = len(bundle.parts or bundle.scopes)
        self.once = self.results[: len(self.results) // self.count]
        self.repeats = ""
        each = bundle.parts or [foldable.members[scope] for scope in bundle.scopes]
        self.repetitions = [[foldable.tensors[i] for i in part] for part in each]
        if bundle.parts:
            parts = self.repetitions
            signs = [_sign(alike) for alike in zip(*parts, strict=True)]
            self.parent = foldable.around(bundle.members)
            self.kind = signs[0] if len(signs) == 1 else f"{signs[0]} … {signs[-1]}"
            self.path = " ".join(signs[:MAX_SIGNS] + ["…"] * (len(signs) > MAX_SIGNS))
            self.repeats = (
                f"{self.count} times {'in turn' if _in_turn(parts) else 'side by side'}: {self.path}"
            )
            return
        scopes = [foldable.scopes[i] for i in bundle.scopes]
        self.parent, self.kind = scopes[0].parent, scopes[0].kind
        paths = [clean(scope.path or scope.kind) for scope in scopes]
        self.path = paths[0] if len(set(paths)) == 1 else f"{paths[0]} … {paths[-1]}"

    @property
    def sign(self) -> str:
        """`Linear`, or `Block ×12`."""
        return f"{self.kind} ×{self.count}" if self.count > 1 else self.kind

    def described(self) -> tuple[str, ...]:
        """`2 parameters, 40 numbers`, and how many operations; after backward() how large the gradient is."""
        parameters = [x for x in self.tensors if x.operation is None and is_learned(x)]
        size = sum(x.raw.size for x in parameters)
        lines = [f"{counted(len(parameters), 'parameter')}, {counted(size, 'number')}"] if parameters else []
        words = self.repeats or counted(len(self.results), "operation")
        gradients = stored_gradients(parameters)
        if parameters and not any(g is None for g in gradients):
            words += f", gradient norm {number(_norm(gradients))}"
        return (*lines, words)


def _sign(alike: Sequence[Any]) -> str:
    """The sign of an operation that is done in every part, with the plain numbers that all parts share."""
    first = alike[0]
    inputs = [
        x
        if all(not isinstance(y.inputs[k], Node) and y.inputs[k] == x for y in alike)
        else symbol("x", np.shape(getattr(x, "raw", 0.0)))
        for k, x in enumerate(first.inputs)
    ]
    return pill(first.operation, inputs, getattr(first, "settings", {}))


def _in_turn(parts: Sequence[Sequence[Any]]) -> bool:
    """True if each of `parts` uses a result of the part before."""
    return all(any(x in set(before) for y in part for x in nodes_in(y)) for before, part in pairwise(parts))


class Pile:
    """Leaves that only the same folded cards use, as one card."""

    def __init__(self, leaves: Sequence[Any], learned: frozenset[Any]) -> None:
        self.leaves = leaves
        self.learned = is_learned(leaves[0]) or leaves[0] in learned

    def name(self) -> str:
        """`48 parameters`."""
        return counted(len(self.leaves), "parameter" if self.learned else "input")


def used_outside(tensors: Sequence[Any], bundles: Sequence[Bundle]) -> set[Any]:
    """The inputs of tensors that are not in the same bundle."""
    bundle_of = {i: n for n, bundle in enumerate(bundles) for i in bundle.members}
    home = {tensor: bundle_of.get(i) for i, tensor in enumerate(tensors)}
    return {
        x
        for tensor in tensors
        for x in nodes_in(tensor)
        if home[tensor] is None or home.get(x) != home[tensor]
    }


def _norm(gradients: Sequence[np.ndarray | None]) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.sqrt(sum(float(np.vdot(g, g)) for g in gradients if g is not None)))
