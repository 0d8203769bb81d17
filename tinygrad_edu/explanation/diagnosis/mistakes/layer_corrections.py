"""Corrections for a layer `z = x @ w`: other products in the gradients of `w` and `x`, and words for its sentences."""

from __future__ import annotations

from collections.abc import Callable

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, both
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer
from tinygrad_edu.reading.nodes import Array

Product = Callable[[Array, Array], Array]  # (the other factor, gradient of the result) -> gradient


def in_weights(layer: Layer, product: Product) -> dict[Variable, Correction]:
    """`product(x, g)`, as (in, out), in place of `x.T @ g`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        wrong = product(layer.x.raw, upstream)
        return g - layer.node.share(1, upstream) + (wrong.T if layer.flipped else wrong)

    return {layer.w: correction}


def in_inputs(layer: Layer, product: Product) -> dict[Variable, Correction]:
    """`product(w, g)`, with `w` as (in, out), in place of `g @ w.T`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        return g - layer.node.share(0, upstream) + product(layer.weights, upstream)

    return {layer.x: correction}


def updated(layers: list[Layer], lr: float) -> dict[Variable, Correction]:
    """The weights of these layers as they are after a step of `lr`, on the way back through the layers."""
    wrong: dict[Variable, Correction] = {}
    for layer in layers:
        for x, correction in using_gradient(layer, 1, -lr).items():
            wrong[x] = both(wrong.get(x), correction)
    return wrong


def using_gradient(layer: Layer, own: float, slope: float) -> dict[Variable, Correction]:
    """`own * w + slope * dw` in place of `w`, with dw as the student has it by then."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        dw = grads[layer.w].T if layer.flipped else grads[layer.w]
        return g - layer.node.share(0, upstream) + upstream @ (own * layer.weights + slope * dw).T

    def of_columns(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        w = own * layer.x.raw + slope * grads[layer.x]
        return g - layer.node.share(1, upstream) + w.T @ upstream

    return {layer.w: of_columns} if layer.columns else {layer.x: correction}


def words(facts: GraphFacts, layer: Layer, **more: str) -> dict[str, str]:
    """The words for the templates of a layer."""
    names = facts.names
    own = {
        "x": names.letter(layer.x, "x"),
        "w": names.letter(layer.w, "W"),
        "z": facts.result(layer.node),
    }
    return {**own, "at": names.node(layer.node), **more}


def words_by_role(facts: GraphFacts, layer: Layer, **more: str) -> dict[str, str]:
    """The same words with W for the weights and x for their inputs, also if examples are columns."""
    names = facts.names
    own = {"x": names.letter(layer.w, "x"), "w": names.letter(layer.x, "W")} if layer.columns else {}
    return {**words(facts, layer, **more), **own}
