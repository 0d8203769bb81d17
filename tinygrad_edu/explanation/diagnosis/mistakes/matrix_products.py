"""Wrong matrix products: in the gradients of weights and biases, and on the way back through a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.landmarks import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.changed_weights import using_gradient
from tinygrad_edu.explanation.diagnosis.mistakes.constants import entering
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_CHANCE,
    PRECISE,
    Hypothesis,
    Mistake,
    merged,
)
from tinygrad_edu.reading.nodes import Array

MEANS = Mistake(
    "product-of-means",
    6,
    "the mean of the inputs times the sum of the deltas, which is not the mean of their products, at {at}",
    "d{w} = outer({x}.mean(axis=0), d{z}.sum(axis=0))",
    "d{w} = {x}.T @ d{z}",
)
ONE = Mistake(
    "one-sample-only",
    7,
    "the true gradient from example {i} alone, at {at}",
    "d{w} = outer({x}[{i}], d{z}[{i}])",
    "d{w} = {x}.T @ d{z}",
)
REVERSED = Mistake(
    "product-reversed",
    9,
    "the true gradient with its matrix product reversed at {at}",
    "d{w} = d{z}.T @ {x}",
    "d{w} = {x}.T @ d{z}",
)
UNTURNED = Mistake(
    "transpose-missing",
    9,
    "the true gradient without a transpose at {at}",
    "d{w} = {x} @ d{z}",
    "d{w} = {x}.T @ d{z}",
)
BACK = Mistake(
    "transpose-missing",
    9,
    "the true gradient without the transpose of {w} at {at}",
    "d{x} = d{z} @ {w}",
    "d{x} = d{z} @ {w}.T",
)
ENTRYWISE = Mistake(
    "entrywise-product",
    10,
    "the true gradient with * for @ at {at}",
    "d{x} = d{z} * {w}",
    "d{x} = d{z} @ {w}.T",
)
GRADIENT_FOR_WEIGHTS = Mistake(
    "gradient-for-weights",
    20,
    "the true gradient with d{w} where {w} belongs, at {at}",
    "d{x} = d{z} @ d{w}.T",
    "d{x} = d{z} @ {w}.T",
)
OFF_BY_ONE = Mistake(
    "wrong-saved-input",
    18,
    "the true gradient with {v} where {x} belongs, at {at}",
    "d{w} = {v}.T @ d{z}",
    "d{w} = {x}.T @ d{z}",
)
STALE_DELTA = Mistake(
    "stale-delta",
    17,
    "the true gradient with {v} where d{z} belongs, at {at}",
    "d{w} = {x}.T @ {v}",
    "d{w} = {x}.T @ d{z}",
    rank=BY_CHANCE,
)
STALE_RESULT = Mistake(
    "stale-upstream",
    17,
    "the true gradient with {v} where d{x} belongs, at {at}",
    "d{x} = {v}",
    "d{x} = d{z} @ {w}.T",
    rank=BY_CHANCE,
)
STALE_WEIGHTS = Mistake(
    "stale-weights",
    17,
    "the true gradient with {v} where {w} belongs, at {at}",
    "d{x} = d{z} @ {v}.T",
    "d{x} = d{z} @ {w}.T",
    rank=BY_CHANCE,
)
GRADIENT_FOR_COLUMNS = replace(GRADIENT_FOR_WEIGHTS, wrote="d{x} = d{w}.T @ d{z}", fix="d{x} = {w}.T @ d{z}")
MOST_SAMPLES = 64  # of which each is tried alone

Product = Callable[[Array, Array], Array]  # (rows of the other factor, gradient of the result) -> gradient


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Every wrong product at every layer, and the same at all layers."""
    found = []
    for layer in scene.layers:
        if layer.w in scene.tape.grads:
            found += list(_of_weights(scene, layer))
        if layer.x in scene.tape.grads:
            found += list(_of_inputs(scene, layer))
    yield from found
    yield from merged(h for h in found if h.mistake.rank == PRECISE)


def weights(layer: Layer, product: Product) -> dict[Variable, Correction]:
    """`product(x, g)`, as (in, out), in place of `x.T @ g`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        wrong = product(layer.x.raw, upstream)
        return g - layer.node.share(1, upstream) + (wrong.T if layer.flipped else wrong)

    return {layer.w: correction}


def inputs(layer: Layer, product: Product) -> dict[Variable, Correction]:
    """`product(w, g)`, with `w` as (in, out), in place of `g @ w.T`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        return g - layer.node.share(0, upstream) + product(layer.weights, upstream)

    return {layer.x: correction}


def words(scene: Scene, layer: Layer, **more: str) -> dict[str, str]:
    """What the templates of a layer need."""
    names = scene.names
    own = {
        "x": names.letter(layer.x, "x"),
        "w": names.letter(layer.w, "W"),
        "z": scene.result(layer.node),
    }
    return {**own, "at": names.node(layer.node), **more}


def words_by_role(scene: Scene, layer: Layer, **more: str) -> dict[str, str]:
    """The same, but W are the weights and x is what they are applied to if examples are columns, too."""
    names = scene.names
    own = {"x": names.letter(layer.w, "x"), "w": names.letter(layer.x, "W")} if layer.columns else {}
    return {**words(scene, layer, **more), **own}


def _times(c: float) -> Product:
    return lambda x, g: c * x.T @ g


def _alone(i: int) -> Product:
    return lambda x, g: np.outer(x[i], g[i])


def _swapped_input(v: Array) -> Product:
    return lambda x, g: v.T @ g


def _swapped_delta(v: Array) -> Product:
    return lambda x, g: x.T @ v


def _entrywise(v: Array) -> Product:
    return lambda w, g: g * v


def _through(v: Array) -> Product:
    return lambda w, g: g @ v.T


def _once_more(v: Array) -> Product:
    return lambda w, g: v


def _from(v: Array) -> Product:
    return lambda w, g: v @ w.T


def _of_weights(scene: Scene, layer: Layer) -> Iterator[Hypothesis]:
    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        return Hypothesis(mistake, layer.node, weights(layer, product), words(scene, layer, **more))

    x, g = layer.x.raw, scene.tape.grads[layer.node]
    if not layer.columns:
        yield found(MEANS, lambda x, g: np.outer(x.mean(axis=0), g.sum(axis=0)))
        for i in range(min(len(x), MOST_SAMPLES) if len(x) > 1 else 0):
            yield found(ONE, _alone(i), i=str(i))
    if x.shape[1] == g.shape[1]:
        yield found(REVERSED, lambda x, g: g.T @ x)
    if x.shape[0] == x.shape[1]:
        yield found(UNTURNED, lambda x, g: x @ g)
    if x.shape == g.shape and x.shape[0] == x.shape[1]:
        yield found(ENTRYWISE, lambda x, g: x * g)
    for constant in entering(scene) if len(scene.tape.uses(layer.w)) > 1 else ():
        yield found(constant.at_a_place, _times(constant.value), **constant.words)
    for name, v in scene.lookalikes(x.shape, layer.x):
        yield found(OFF_BY_ONE, _swapped_input(v), v=name)
    for name, v in scene.gradients(g.shape, layer.node):
        yield found(STALE_DELTA, _swapped_delta(v), v=name)


def _of_inputs(scene: Scene, layer: Layer) -> Iterator[Hypothesis]:
    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        return Hypothesis(mistake, layer.node, inputs(layer, product), words(scene, layer, **more))

    w, g = layer.weights, scene.tape.grads[layer.node]
    if w.shape[0] == w.shape[1]:
        yield found(BACK, lambda w, g: g @ w)
    for turned in (w, w.T):
        if _broadcast(g.shape, turned.shape) == layer.x.raw.shape:
            yield found(ENTRYWISE, _entrywise(turned))
    if layer.w in scene.tape.grads:
        mistake = GRADIENT_FOR_COLUMNS if layer.columns else GRADIENT_FOR_WEIGHTS
        yield Hypothesis(mistake, layer.node, using_gradient(layer, 0, 1), words_by_role(scene, layer))
    for name, v in scene.lookalikes(layer.w.raw.shape, layer.w):
        yield found(STALE_WEIGHTS, _through(v.T if layer.flipped else v), v=name)
    for name, v in scene.gradients(g.shape, layer.node):
        yield found(STALE_DELTA, _from(v), v=name)
    for name, v in scene.gradients(layer.x.raw.shape, layer.x):
        yield found(STALE_RESULT, _once_more(v), v=name)


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(first, second)
    except ValueError:
        return None
