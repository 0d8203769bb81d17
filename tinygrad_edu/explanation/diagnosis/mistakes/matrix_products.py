"""Wrong matrix products: in the gradients of weights, and on the way back through a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import SLOPES
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.constants import entering_constants
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import (
    Product,
    in_inputs,
    in_weights,
    using_gradient,
    words,
    words_by_role,
)
from tinygrad_edu.explanation.diagnosis.mistakes.local_rules import at
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_CHANCE,
    PRECISE,
    Hypothesis,
    Mistake,
    merged,
)
from tinygrad_edu.reading.nodes import Array

# fmt: off
_DW, _DX = "d{w} = {x}.T @ d{z}", "d{x} = d{z} @ {w}.T"  # the right lines
_DW_COLUMNS, _DX_COLUMNS = "d{w} = d{z} @ {x}.T", "d{x} = {w}.T @ d{z}"
MEANS = Mistake(
    "product-of-means", 6,
    "the mean of the inputs times the sum of the deltas, which is not the mean of their products, at {at}",
    "d{w} = outer({x}.mean(axis=0), d{z}.sum(axis=0))", _DW)
ONE = Mistake("one-sample-only", 7, "the true gradient from example {i} alone, at {at}",
              "d{w} = outer({x}[{i}], d{z}[{i}])", _DW)
REVERSED = Mistake("product-reversed", 9, "the true gradient with its matrix product reversed at {at}",
                   "d{w} = d{z}.T @ {x}", _DW)
UNTURNED = Mistake("transpose-missing", 9, "the true gradient without a transpose at {at}", "d{w} = {x} @ d{z}", _DW)
UNTURNED_WEIGHTS = Mistake("transpose-missing", 9, "the true gradient without the transpose of {w} at {at}",
                           "d{x} = d{z} @ {w}", _DX)
ENTRYWISE = Mistake("entrywise-product", 10, "the true gradient with * for @ at {at}", "d{x} = d{z} * {w}", _DX)
ENTRYWISE_WEIGHTS = Mistake("entrywise-product", 10, "the true gradient with * for @ at {at}", "d{w} = {x} * d{z}", _DW)
GRADIENT_FOR_WEIGHTS = Mistake("gradient-for-weights", 20, "the true gradient with d{w} where {w} belongs, at {at}",
                               "d{x} = d{z} @ d{w}.T", _DX)
OFF_BY_ONE = Mistake("wrong-saved-input", 18, "the true gradient with {v} where {x} belongs, at {at}",
                     "d{w} = {v}.T @ d{z}", _DW)
STALE_DELTA = Mistake("stale-delta", 17, "the true gradient with {v} where d{z} belongs, at {at}",
                      "d{w} = {x}.T @ {v}", _DW, rank=BY_CHANCE)
STALE_RESULT = Mistake("stale-upstream", 17, "the true gradient with {v} where d{x} belongs, at {at}",
                       "d{x} = {v}", _DX, rank=BY_CHANCE)
STALE_WEIGHTS = Mistake("stale-weights", 17, "the true gradient with {v} where {w} belongs, at {at}",
                        "d{x} = d{z} @ {v}.T", _DX, rank=BY_CHANCE)
# Where examples are columns: W @ X.
MEANS_OF_COLUMNS = replace(MEANS, wrote="d{w} = outer(d{z}.sum(axis=1), {x}.mean(axis=1))", fix=_DW_COLUMNS)
ONE_COLUMN = replace(ONE, wrote="d{w} = outer(d{z}[:, {i}], {x}[:, {i}])", fix=_DW_COLUMNS)
GRADIENT_FOR_COLUMNS = replace(GRADIENT_FOR_WEIGHTS, wrote="d{x} = d{w}.T @ d{z}", fix=_DX_COLUMNS)
# fmt: on
MAX_EXAMPLES = 64  # each tried alone


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong product at every layer, and the same at all layers; then the batch averaged everywhere."""
    found = []
    for layer in facts.layers:
        if layer.w in facts.tape.grads:
            found += list(_of_weights(facts, layer))
        if layer.x in facts.tape.grads:
            found += list(_of_inputs(facts, layer))
    yield from found
    yield from merged(h for h in found if h.mistake.rank == PRECISE)
    found = [
        hypothesis for layer in facts.layers if layer.columns for hypothesis in _of_columns(facts, layer)
    ]
    yield from found
    yield from merged(found)
    if facts.layers:
        yield _averaged(facts, facts.layers[0])


def _of_weights(facts: GraphFacts, layer: Layer) -> Iterator[Hypothesis]:
    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        return Hypothesis(mistake, layer.node, in_weights(layer, product), words(facts, layer, **more))

    x, g = layer.x.raw, facts.tape.grads[layer.node]
    if not layer.columns:
        yield found(MEANS, lambda x, g: np.outer(x.mean(axis=0), g.sum(axis=0)))
        for i in _alone(len(x)):
            yield found(ONE, _row(i), i=str(i))
    if x.shape[1] == g.shape[1]:
        yield found(REVERSED, lambda x, g: g.T @ x)
    if x.shape[0] == x.shape[1]:
        yield found(UNTURNED, lambda x, g: x @ g)
    if x.shape == g.shape and x.shape[0] == x.shape[1]:
        yield found(ENTRYWISE_WEIGHTS, lambda x, g: x * g)
    for constant in entering_constants(facts) if len(facts.tape.uses(layer.w)) > 1 else ():
        yield found(constant.at_a_place, _times(constant.value), **constant.words)
    for name, v in facts.lookalikes(x.shape, layer.x):
        yield found(OFF_BY_ONE, _with_input(v), v=name)
    for name, v in facts.gradients(g.shape, layer.node):
        yield found(STALE_DELTA, _with_delta(v), v=name)


def _alone(count: int) -> range:
    """The examples that are tried alone, if there are several."""
    return range(min(count, MAX_EXAMPLES) if count > 1 else 0)


def _row(i: int) -> Product:
    return lambda x, g: np.outer(x[i], g[i])


def _times(c: float) -> Product:
    return lambda x, g: c * x.T @ g


def _with_input(v: Array) -> Product:
    return lambda x, g: v.T @ g


def _with_delta(v: Array) -> Product:
    return lambda x, g: x.T @ v


def _of_inputs(facts: GraphFacts, layer: Layer) -> Iterator[Hypothesis]:
    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        return Hypothesis(mistake, layer.node, in_inputs(layer, product), words(facts, layer, **more))

    w, g = layer.weights, facts.tape.grads[layer.node]
    if w.shape[0] == w.shape[1]:
        yield found(UNTURNED_WEIGHTS, lambda w, g: g @ w)
    for turned in (w, w.T):
        if _broadcast(g.shape, turned.shape) == layer.x.raw.shape:
            yield found(ENTRYWISE, _entrywise(turned))
    if layer.w in facts.tape.grads:
        mistake = GRADIENT_FOR_COLUMNS if layer.columns else GRADIENT_FOR_WEIGHTS
        yield Hypothesis(mistake, layer.node, using_gradient(layer, 0, 1), words_by_role(facts, layer))
    for name, v in facts.lookalikes(layer.w.raw.shape, layer.w):
        yield found(STALE_WEIGHTS, _through(v.T if layer.flipped else v), v=name)
    for name, v in facts.gradients(g.shape, layer.node):
        yield found(STALE_DELTA, _from(v), v=name)
    for name, v in facts.gradients(layer.x.raw.shape, layer.x):
        yield found(STALE_RESULT, _result(v), v=name)


def _broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(first, second)
    except ValueError:
        return None


def _entrywise(v: Array) -> Product:
    return lambda w, g: g * v


def _through(v: Array) -> Product:
    return lambda w, g: g @ v.T


def _from(v: Array) -> Product:
    return lambda w, g: v @ w.T


def _result(v: Array) -> Product:
    return lambda w, g: v


def _of_columns(facts: GraphFacts, layer: Layer) -> Iterator[Hypothesis]:
    """Wrong products in the gradients of weights where examples are columns: they are the left factor there."""

    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        own = words_by_role(facts, layer, **more)
        return Hypothesis(mistake, layer.node, in_inputs(layer, product), own)

    yield found(MEANS_OF_COLUMNS, lambda x, g: np.outer(g.sum(axis=1), x.mean(axis=1)))
    for i in _alone(layer.w.raw.shape[1]):
        yield found(ONE_COLUMN, _column(i), i=str(i))


def _column(i: int) -> Product:
    return lambda x, g: np.outer(g[:, i], x[:, i])


def _averaged(facts: GraphFacts, layer: Layer) -> Hypothesis:
    """The batch averaged before anything is multiplied: deltas, activations and inputs are all means."""
    axis = 1 if layer.columns else 0
    wrong: dict[Variable, Correction] = {
        layer.node: lambda grads, g: np.broadcast_to(g.mean(axis=axis, keepdims=True), g.shape),
    }
    for site in facts.activations:
        if site.a.raw.ndim == 2 and site.z is not layer.node:
            means = (x.raw.mean(axis=axis, keepdims=True) for x in (site.z, site.a))
            wrong[site.z] = at(site, _for_all(SLOPES[site.name](*means), site.z.raw.shape))
    means_of = MEANS_OF_COLUMNS if layer.columns else MEANS
    mistake = replace(means_of, did="what comes out if the batch is averaged before anything is multiplied")
    return Hypothesis(mistake, layer.node, wrong, words_by_role(facts, layer))


def _for_all(mean: Array, shape: tuple[int, ...]) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: np.broadcast_to(mean, shape)
