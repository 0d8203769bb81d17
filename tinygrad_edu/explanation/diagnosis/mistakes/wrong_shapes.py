"""Mistakes that give an array of another shape: a missing sum, a sum along the wrong axis, the wrong product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Broadcast, Layer
from tinygrad_edu.explanation.diagnosis.mistakes.biases import deltas
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Mistake
from tinygrad_edu.reading.nodes import Array

FIX = "of shape {shape}: d{b} = {sum}"
UNSUMMED = Mistake(
    "not-summed", 31, "the deltas for {b}, not summed over the batch", "d{b} = {each}", FIX, (32,)
)
EVERYTHING = Mistake(
    "summed-over-everything", 31, "the deltas for {b} summed over everything", "d{b} = {each}.sum()", FIX
)
AXIS = Mistake(
    "bias-wrong-axis", 31, "the deltas for {b} summed along the wrong axis", "d{b} = {each}.sum(axis=1)", FIX
)
NO_SUM = Mistake(
    "not-summed",
    32,
    "the outer products of all examples, not summed",
    "d{w}[i] = outer({x}[i], d{z}[i])",
    "d{w} = {x}.T @ d{z}",
)
PRODUCT = Mistake(
    "wrong-product", 10, "{product}, which is no gradient", "d{w} = {product}", "d{w} = {x}.T @ d{z}", (9,)
)
TURNED = Mistake(
    "transposed",
    9,
    "the gradient of the loss transposed, and {w} of another shape stretched over it by the penalty",
    "d{w} = ({x}.T @ d{z}).T + penalty",
    "d{w} = {x}.T @ d{z} + penalty",
)


class Shaped(NamedTuple):
    """A mistake that shows in the shape, the array that it gives, and the words for its sentence."""

    mistake: Mistake
    array: Array
    words: dict[str, str]
    node: Variable
    penalty: Array | float = 0.0

    def times(self, c: float) -> Array:
        """The array if there is a constant too, which leaves a penalty alone."""
        return np.asarray(c * (self.array - self.penalty) + self.penalty)


def shapes(facts: GraphFacts, x: Variable) -> Iterator[Shaped]:
    """The mistakes by which the gradient of `x` may come in another shape."""
    sites = [site for site in facts.broadcasts if site.b is x]
    for site in sites:
        yield from _of_broadcast(facts, site)
    if len(sites) > 1:
        total = sum(site.unsummed(facts.tape.grads[site.node]).sum() for site in sites)
        yield Shaped(EVERYTHING, np.asarray(total), _words(facts, sites[0]), sites[0].node)
    for layer in facts.layers:
        if layer.w is x:
            yield from _of_layer(facts, layer)


def _of_broadcast(facts: GraphFacts, site: Broadcast) -> Iterator[Shaped]:
    unsummed = site.unsummed(facts.tape.grads[site.node])
    elsewhere = facts.tape.grads[site.b] - unsummed.reshape((-1, unsummed.shape[-1])).sum(axis=0).reshape(
        site.b.raw.shape
    )
    if np.abs(elsewhere).max() < 1e-9 * np.abs(unsummed).max():  # used nowhere else
        elsewhere = np.zeros_like(elsewhere)
    words = _words(facts, site)
    yield Shaped(UNSUMMED, unsummed + elsewhere, words, site.node)
    yield Shaped(
        EVERYTHING,
        np.asarray(unsummed.sum() + elsewhere if elsewhere.any() else unsummed.sum()),
        words,
        site.node,
    )
    for keep in (False, True):
        yield Shaped(AXIS, unsummed.sum(axis=-1, keepdims=keep), words, site.node)


def _words(facts: GraphFacts, site: Broadcast) -> dict[str, str]:
    b, text = facts.names.letter(site.b, "b"), deltas(facts, site)
    return {"b": b, "each": text, "sum": f"{text}.sum(axis=0)", "shape": str(site.b.raw.shape)}


def _of_layer(facts: GraphFacts, layer: Layer) -> Iterator[Shaped]:
    x, g = layer.x.raw, facts.tape.grads[layer.node]
    letters = {"x": facts.names.letter(layer.x, "x"), "w": facts.names.letter(layer.w, "W")}
    letters["z"] = z = facts.result(layer.node)
    a = letters["x"]
    yield Shaped(NO_SUM, x[:, :, None] * g[:, None, :], letters, layer.node)
    penalty = facts.penalty(layer.w)
    if penalty.any() and 1 in penalty.shape:
        stretched = (facts.tape.grads[layer.w] - penalty).T + penalty
        yield Shaped(TURNED, stretched, letters, layer.node, penalty)
        yield Shaped(TURNED, stretched.T, letters, layer.node, penalty.T)
    products = {
        f"{a}.T @ {a}": x.T @ x,
        f"{a} @ {a}.T": x @ x.T,
        f"d{z}.T @ d{z}": g.T @ g,
        f"d{z} @ d{z}.T": g @ g.T,
    }
    if 1 in (x.shape[1], g.shape[1]) or x.shape == g.shape:
        products[f"{a} * d{z}"] = x * g
    for text, array in products.items():
        for turned in (array, array.T) if array.ndim == 2 and array.shape[0] != array.shape[1] else (array,):
            yield Shaped(PRODUCT, turned, {**letters, "product": text}, layer.node)
