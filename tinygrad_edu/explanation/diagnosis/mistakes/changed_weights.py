"""Weights that are no longer, or never were, what they should be on the way back through their layer."""

from __future__ import annotations

from dataclasses import replace

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, both
from tinygrad_edu.explanation.diagnosis.landmarks import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Mistake
from tinygrad_edu.reading.nodes import Array

UPDATED = Mistake(
    "updated-weights",
    19,
    "the true gradient with {w} already updated (lr = {lr}) on the way back, at {at}",
    "{w} -= lr * d{w} before d{x} = d{z} @ {w}.T",
    "d{x} = d{z} @ {w}.T, and no weight changed before all gradients are there",
)
UPDATED_COLUMNS = replace(
    UPDATED,
    wrote="{w} -= lr * d{w} before d{x} = {w}.T @ d{z}",
    fix="d{x} = {w}.T @ d{z}, and no weight changed before all gradients are there",
)


def updated(layers: list[Layer], lr: float) -> dict[Variable, Correction]:
    """The weights of these layers as they are after a step of `lr`, on the way back through them."""
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
