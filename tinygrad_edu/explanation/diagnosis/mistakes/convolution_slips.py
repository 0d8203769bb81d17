"""Wrong rules of a convolution: the kernel turned round, a reshape in place of a transpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Rule, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.convolution import convolve, convolve_back, convolve_kernels
from tinygrad_edu.reading.nodes import Array


def _turned(w: Array) -> Array:
    return np.flip(w, tuple(range(2, w.ndim)))


def _reshaped(g: Array) -> Array:
    """Deltas put in a row for each kernel without exchanging examples and kernels first."""
    return g.reshape(g.shape[1], g.shape[0], *g.shape[2:]).swapaxes(0, 1)


def _inputs(g: Array, _y: Array, x: Array, w: Array, *_b: Array, **how: Any) -> Array:
    return convolve_back(g, w, shape=x.shape[2:], **how)


def _weights(g: Array, _y: Array, x: Array, w: Array, *_b: Array, **how: Any) -> Array:
    return convolve_kernels(g, x, size=w.shape[2:], **how)


def _transposed(g: Array, y: Array, x: Array, w: Array, *b: Array, **how: Any) -> Array:
    return _weights(g, y, x, w, *b, **how).reshape(len(w), -1).T.reshape(w.shape)


# fmt: off
TURNED = Mistake(
    "kernel-flipped", 42, "the true gradient with {w} turned round, at {at}", "",
    "each window of d{x} += d{z} times the kernel as it is")
RESHAPED = Mistake(
    "reshaped-for-transposed", 9, "the true gradient with a reshape where a transpose belongs, at {at}",
    "d{w} = (windows.T @ d{z}).reshape({w}.shape)", "d{w} = (windows.T @ d{z}).T.reshape({w}.shape)")
DELTAS = Mistake(
    "reshaped-for-transposed", 9, "the true gradient with d{z} reshaped to a row for each kernel where examples and "
    "kernels must be exchanged first, at {at}", "d{z}.reshape(len({w}), -1)",
    "d{z}.swapaxes(0, 1).reshape(len({w}), -1)")
TABLE: list[tuple[Mistake, dict[int, Rule]]] = [  # rules by the position of the input
    (TURNED, {0: lambda g, y, x, w, *b, **how: _inputs(g, y, x, _turned(w), *b, **how)}),
    (RESHAPED, {1: _transposed}),
    (DELTAS, {1: lambda g, y, x, w, *b, **how: _weights(_reshaped(g), y, x, w, *b, **how)}),
    (DELTAS, {2: lambda g, *_, **__: _reshaped(g).sum(axis=(0, *range(2, g.ndim)))}),
    (DELTAS, {1: lambda g, y, x, w, *b, **how: _weights(_reshaped(g), y, x, w, *b, **how),
              2: lambda g, *_, **__: _reshaped(g).sum(axis=(0, *range(2, g.ndim)))}),
]
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong rule at every convolution."""
    for node in facts.tape.nodes:
        if node in facts.tape.grads and node.operation is convolve:
            inputs = dict(node.edges())
            for mistake, rules in TABLE:
                if rules.keys() <= inputs.keys():
                    wrong = {inputs[i]: instead(node, i, rule) for i, rule in rules.items()}
                    yield Hypothesis(mistake, node, wrong, _words(facts, node))


def _words(facts: GraphFacts, node: Variable) -> dict[str, str]:
    x, w = node.inputs[:2]
    letter = facts.names.letter
    return {"x": letter(x, "x"), "w": letter(w, "W"), "z": letter(node, "z"), "at": facts.names.node(node)}
