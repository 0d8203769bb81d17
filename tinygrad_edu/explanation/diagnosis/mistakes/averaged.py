"""The batch averaged before anything is multiplied."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.landmarks import SLOPES, Layer
from tinygrad_edu.explanation.diagnosis.mistakes.columns import MEANS_OF_COLUMNS
from tinygrad_edu.explanation.diagnosis.mistakes.local_rules import at
from tinygrad_edu.explanation.diagnosis.mistakes.matrix_products import MEANS, words_by_role
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.reading.nodes import Array


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """The batch averaged first, everywhere."""
    if scene.layers:
        yield _averaged(scene, scene.layers[0])


def _averaged(scene: Scene, layer: Layer) -> Hypothesis:
    """The batch averaged before anything is multiplied: deltas, activations and inputs are all means."""
    axis = 1 if layer.columns else 0
    wrong: dict[Variable, Correction] = {
        layer.node: lambda grads, g: np.broadcast_to(g.mean(axis=axis, keepdims=True), g.shape),
    }
    for site in scene.activations:
        if site.a.raw.ndim == 2 and site.z is not layer.node:
            means = (x.raw.mean(axis=axis, keepdims=True) for x in (site.z, site.a))
            wrong[site.z] = at(site, _everyone(SLOPES[site.name](*means), site.z.raw.shape))
    means_of = MEANS_OF_COLUMNS if layer.columns else MEANS
    mistake = replace(means_of, did="what comes out if the batch is averaged before anything is multiplied")
    return Hypothesis(mistake, layer.node, wrong, words_by_role(scene, layer))


def _everyone(mean: Array, shape: tuple[int, ...]) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: np.broadcast_to(mean, shape)
