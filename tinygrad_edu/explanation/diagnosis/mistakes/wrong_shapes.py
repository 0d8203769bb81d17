"""Mistakes that give an array of another shape: a missing sum, a sum along the wrong axis, the wrong product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.gradient_names import filled
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Broadcast, Layer
from tinygrad_edu.explanation.diagnosis.mistakes.biases import words
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import arranged, laid_out
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import words as words_of_layer
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Mistake
from tinygrad_edu.explanation.diagnosis.mistakes.padding_slips import NOT_CUT, padded_inside, words_of
from tinygrad_edu.reading.nodes import Array

FIX = "of shape {shape}: d{b} = {deltas}.sum({examples})"
UNSUMMED = Mistake(
    "not-summed", 31, "the deltas for {b}, not summed over the batch", "d{b} = {deltas}", FIX, (32,)
)
OVER_EXAMPLES = Mistake(
    "not-summed",
    31,
    "the deltas for {b} summed over the examples only, not over the places of each",
    "d{b} = {deltas}.sum(axis=0)",
    FIX,
)
EVERYTHING = Mistake(
    "summed-over-everything", 31, "the deltas for {b} summed over everything", "d{b} = {deltas}.sum()", FIX
)
AXIS = Mistake(
    "bias-wrong-axis",
    31,
    "the deltas for {b} summed along the wrong axis",
    "d{b} = {deltas}.sum({units})",
    FIX,
)
NO_SUM = Mistake(
    "not-summed",
    32,
    "the outer products of all examples, not summed",
    "d{w} = outer({x}, d{z}) for each example",
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


class WrongShape(NamedTuple):
    """A mistake that shows in the shape, the array that it gives, and the words for its sentence."""

    mistake: Mistake
    array: Array
    words: dict[str, str]
    node: Variable
    penalty: Array | float = 0.0

    def times(self, c: float) -> Array:
        """The array if there is a constant too, which leaves a penalty alone."""
        return np.asarray(c * (self.array - self.penalty) + self.penalty)


def wrong_shapes(facts: GraphFacts, x: Variable) -> Iterator[WrongShape]:
    """The mistakes by which the gradient of `x` may come in another shape."""
    sites = [site for site in facts.broadcasts if site.b is x]
    for site in sites:
        yield from _of_broadcast(facts, site)
    if len(sites) > 1:
        total = sum(site.unsummed(facts.tape.grads[site.node]).sum() for site in sites)
        yield WrongShape(EVERYTHING, np.asarray(total), _words(facts, sites[0]), sites[0].node)
    for layer in facts.layers:
        if layer.w is x:
            yield from _of_layer(facts, layer)
    uses = [node for node, _ in facts.tape.uses(x)]
    if len(uses) == 1 and (inside := padded_inside(uses[0])):
        yield WrongShape(NOT_CUT, facts.tape.grads[uses[0]], words_of(facts, uses[0], inside), uses[0])


def _of_broadcast(facts: GraphFacts, site: Broadcast) -> Iterator[WrongShape]:
    node, deltas = site.node, site.unsummed(facts.tape.grads[site.node])
    elsewhere = facts.tape.grads[site.b].ravel() - deltas.sum(axis=0)
    if np.abs(elsewhere).max() < 1e-9 * np.abs(deltas).max():  # used nowhere else
        elsewhere = np.zeros_like(elsewhere)
    words = _words(facts, site)

    def as_computed(rows: Array) -> Array:
        return np.moveaxis(rows.reshape(np.moveaxis(node.raw, site.axis, -1).shape), -1, site.axis)

    yield WrongShape(UNSUMMED, as_computed(deltas + elsewhere), words, node)
    everything = deltas.sum() + elsewhere.reshape(site.b.raw.shape) if elsewhere.any() else deltas.sum()
    yield WrongShape(EVERYTHING, np.asarray(everything), words, node)
    if node.raw.ndim > 2 and site.axis == 1:
        yield WrongShape(OVER_EXAMPLES, as_computed(deltas).sum(axis=0), words, node)
    for keep in (False, True):
        yield WrongShape(AXIS, as_computed(deltas).sum(axis=site.axis, keepdims=keep), words, node)


def _words(facts: GraphFacts, site: Broadcast) -> dict[str, str]:
    return {**words(facts, site), "shape": str(site.b.raw.shape)}


def _of_layer(facts: GraphFacts, layer: Layer) -> Iterator[WrongShape]:
    x, g = layer.inputs, layer.rows(facts.tape.grads[layer.node])
    letters = words_of_layer(facts, layer)

    def found(mistake: Mistake, array: Array, product: str = "", penalty: Array | float = 0.0) -> WrongShape:
        own = {**letters, "product": product}
        return WrongShape(laid_out(mistake, layer), array, own, layer.node, penalty)

    each = x[:, :, None] * g[:, None, :]
    yield found(NO_SUM, each.swapaxes(1, 2) if layer.columns != layer.turned else each)
    penalty = facts.penalty(layer.w)
    if penalty.any() and 1 in penalty.shape:
        stretched = (facts.tape.grads[layer.w] - penalty).T + penalty
        yield found(TURNED, stretched, penalty=penalty)
        yield found(TURNED, stretched.T, penalty=penalty.T)
    for text, array in _products(x, g).items():
        product = filled(arranged(text, layer), letters)
        for turned in (array, array.T) if array.ndim == 2 and array.shape[0] != array.shape[1] else (array,):
            yield found(PRODUCT, turned, product)


def _products(x: Array, g: Array) -> dict[str, Array]:
    """Products that are no gradient of weights, as they read with examples as rows."""
    products = {
        "{x}.T @ {x}": x.T @ x,
        "{x} @ {x}.T": x @ x.T,
        "d{z}.T @ d{z}": g.T @ g,
        "d{z} @ d{z}.T": g @ g.T,
    }
    if 1 in (x.shape[1], g.shape[1]) or x.shape == g.shape:
        products["{x} * d{z}"] = x * g
    return products
