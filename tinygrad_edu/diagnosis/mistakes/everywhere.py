"""The same wrong product in every layer: means multiplied, or no weight turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.diagnosis.mistakes.products import BACK, MEANS, inputs, weights, words
from tinygrad_edu.diagnosis.mistakes.row import Hypothesis
from tinygrad_edu.diagnosis.mistakes.rules import at
from tinygrad_edu.diagnosis.replay import Array, Correction
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.diagnosis.sites import SLOPES, Layer
from tinygrad_edu.graph import Variable


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """The same wrong product in every layer."""
    trained = [layer for layer in scene.layers if layer.w in scene.tape.grads]
    if len(trained) < 2:
        return
    names = " and ".join(scene.names.node(layer.node) for layer in trained)
    means: dict[Variable, Correction] = {}
    for layer in trained:
        means |= weights(layer, lambda x, g: np.outer(x.mean(axis=0), g.sum(axis=0)))
    yield Hypothesis(MEANS, trained[0].node, means, words(scene, trained[0], at=names))
    yield _averaged(scene, trained[0])
    if all(layer.weights.shape[0] == layer.weights.shape[1] for layer in trained[:-1]):
        back: dict[Variable, Correction] = {}
        for layer in trained[:-1]:
            back |= inputs(layer, lambda w, g: g @ w)
        yield Hypothesis(BACK, trained[0].node, back, words(scene, trained[0], at=names))


def _averaged(scene: Scene, layer: Layer) -> Hypothesis:
    """The batch averaged before anything is multiplied: deltas, activations and inputs are all means."""
    wrong: dict[Variable, Correction] = {
        layer.node: lambda grads, g: np.broadcast_to(g.mean(axis=0), g.shape),
    }
    for site in scene.activations:
        if site.a.raw.ndim == 2 and site.z is not layer.node:
            mean = SLOPES[site.name](site.z.raw.mean(axis=0), site.a.raw.mean(axis=0))
            wrong[site.z] = at(site, _everyone(mean, site.z.raw.shape))
    mistake = replace(MEANS, did="what comes out if the batch is averaged before anything is multiplied")
    return Hypothesis(mistake, layer.node, wrong, words(scene, layer))


def _everyone(row: Array, shape: tuple[int, ...]) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: np.broadcast_to(row, shape)
