"""Wrong products in the gradients of weights where examples are columns: W @ X."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.landmarks import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.matrix_products import (
    MEANS,
    MOST_SAMPLES,
    ONE,
    Product,
    inputs,
    words_by_role,
)
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake, merged

MEANS_OF_COLUMNS = replace(
    MEANS, wrote="d{w} = outer(d{z}.sum(axis=1), {x}.mean(axis=1))", fix="d{w} = d{z} @ {x}.T"
)
ONE_COLUMN = replace(ONE, wrote="d{w} = outer(d{z}[:, {i}], {x}[:, {i}])", fix="d{w} = d{z} @ {x}.T")


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Every wrong product at every such layer, and the same at all."""
    found = [hypothesis for layer in scene.layers if layer.columns for hypothesis in _at(scene, layer)]
    yield from found
    yield from merged(found)


def _at(scene: Scene, layer: Layer) -> Iterator[Hypothesis]:
    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        own = words_by_role(scene, layer, **more)
        return Hypothesis(mistake, layer.node, inputs(layer, product), own)

    n = layer.w.raw.shape[1]
    yield found(MEANS_OF_COLUMNS, lambda x, g: np.outer(g.sum(axis=1), x.mean(axis=1)))
    for i in range(min(n, MOST_SAMPLES) if n > 1 else 0):
        yield found(ONE_COLUMN, _column(i), i=str(i))


def _column(i: int) -> Product:
    return lambda x, g: np.outer(g[:, i], x[:, i])
