"""Wrong matrix products: in the gradients of weights, and on the way back through a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.constants import entering_constants
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import (
    Product,
    at_layer,
    in_inputs,
    in_weights,
    ith,
    using_gradient,
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
MEANS = Mistake(
    "product-of-means", 6,
    "the mean of the inputs times the sum of the deltas, which is not the mean of their products, at {at}",
    "d{w} = outer({x}.mean({examples}), d{z}.sum({examples}))", _DW)
ONE = Mistake("one-sample-only", 7, "the true gradient from {example} alone, at {at}",
              "d{w} = outer({x}[{i}], d{z}[{i}])", _DW)
OFF_BY_ONE = Mistake("wrong-saved-input", 18, "the true gradient with {v} where {x} belongs, at {at}",
                     "d{w} = {v}.T @ d{z}", _DW)
GRADIENT_FOR_WEIGHTS = Mistake("gradient-for-weights", 20, "the true gradient with d{w} where {w} belongs, at {at}",
                               "d{x} = d{z} @ d{w}.T", _DX)
STALE_DELTA = Mistake("stale-delta", 17, "the true gradient with {v} where d{z} belongs, at {at}",
                      "d{w} = {x}.T @ {v}", _DW, rank=BY_CHANCE)
STALE_DELTA_BACK = replace(STALE_DELTA, wrote="d{x} = {v} @ {w}.T", fix=_DX)
STALE_RESULT = Mistake("stale-upstream", 17, "the true gradient with {v} where d{x} belongs, at {at}",
                       "d{x} = {v}", _DX, rank=BY_CHANCE)
STALE_WEIGHTS = Mistake("stale-weights", 17, "the true gradient with {v} where {w} belongs, at {at}",
                        "d{x} = d{z} @ {v_w}.T", _DX, rank=BY_CHANCE)


def _of_weights_row(name: str, number: int, what: str, wrote: str) -> Mistake:
    return Mistake(name, number, f"the true gradient {what} at {{at}}", f"d{{w}} = {wrote}", _DW)


def _of_inputs_row(name: str, number: int, what: str, wrote: str) -> Mistake:
    return Mistake(name, number, f"the true gradient {what} at {{at}}", f"d{{x}} = {wrote}", _DX)


# Products in place of x.T @ g and of g @ w.T; a product of another shape is none.
IN_WEIGHTS: list[tuple[Mistake, Product]] = [
    (_of_weights_row("product-reversed", 9, "with its matrix product reversed", "d{z}.T @ {x}"),
     lambda x, g: g.T @ x),
    (_of_weights_row("transpose-missing", 9, "without a transpose", "{x} @ d{z}"), lambda x, g: x @ g),
    (_of_weights_row("transpose-missing", 9, "with a transpose too many", "{x}.T @ d{z}.T"),
     lambda x, g: x.T @ g.T),
    (_of_weights_row("entrywise-product", 10, "with * for @", "{x} * d{z}"), lambda x, g: x * g),
]
IN_INPUTS: list[tuple[Mistake, Product]] = [
    (_of_inputs_row("transpose-missing", 9, "without the transpose of {w}", "d{z} @ {w}"), lambda w, g: g @ w),
    (_of_inputs_row("weights-left-out", 12, "without {w} on the way back", "d{z}"), lambda w, g: g),
    (_of_inputs_row("entrywise-product", 10, "with * for @", "d{z} * {w}"), lambda w, g: g * w),
    (_of_inputs_row("entrywise-product", 10, "with * for @", "d{z} * {w}"), lambda w, g: g * w.T),
]
_RESHAPED = ("reshaped-for-transposed", 9, "with a reshape where a transpose belongs")
RESHAPED_INPUTS = _of_weights_row(*_RESHAPED, "{x}.reshape({x}.T.shape) @ d{z}")
RESHAPED_PRODUCT = _of_weights_row(*_RESHAPED, "(d{z}.T @ {x}).reshape({w}.shape)")
RESHAPED_AND_TURNED = replace(RESHAPED_PRODUCT, wrote="")
RESHAPED_WEIGHTS = _of_inputs_row(*_RESHAPED, "d{z} @ {w}.reshape({w}.T.shape)")
# fmt: on
MAX_EXAMPLES = 64  # each tried alone
MAX_USES = 4  # of the same weights: with more, other arrays of the shape are looked for only by their role


def _read_as_transposed(array: Array) -> Array:
    """The array of which the numbers of `array` are the transpose if they are put in another shape."""
    return array.reshape(array.shape[::-1]).T


def _oblong(x: Variable) -> bool:
    """True for a matrix whose reshape to the shape of its transpose is another one than itself."""
    return x.raw.ndim == 2 and x.raw.shape[0] != x.raw.shape[1]


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
    if facts.layers and facts.count > 1:
        yield _averaged(facts, facts.layers[0])


def _of_weights(facts: GraphFacts, layer: Layer) -> Iterator[Hypothesis]:
    def found(mistake: Mistake, product: Product, **more: str) -> Hypothesis:
        return at_layer(facts, layer, mistake, in_weights(layer, product), **more)

    x, g = layer.inputs, layer.rows(facts.tape.grads[layer.node])
    if len(x) > 1:
        yield found(MEANS, lambda x, g: np.outer(x.mean(axis=0), g.sum(axis=0)))
        for i in range(min(len(x), MAX_EXAMPLES) if layer.x.raw.ndim == 2 else 0):
            yield found(ONE, _row(i), **ith(i, layer.columns))
    for mistake, product in IN_WEIGHTS:
        if _shape_of(product, x, g) == (x.shape[1], g.shape[1]):
            yield found(mistake, product)
    if _oblong(layer.x):
        yield found(RESHAPED_INPUTS, _with_input(layer.rows(_read_as_transposed(layer.x.raw))))
    if _oblong(layer.w):
        yield found(RESHAPED_PRODUCT, _reshaped(layer))
        if layer.turned:  # and the student turns dW round at the end
            yield found(RESHAPED_AND_TURNED, lambda x, g: (g.T @ x).reshape(x.shape[1], g.shape[1]))
    for constant in entering_constants(facts) if 1 < len(facts.tape.uses(layer.w)) <= MAX_USES else ():
        yield found(constant.at_a_place, _times(constant.value), **constant.words)
    for role, other in facts.roles(layer):
        if other.raw.shape == layer.x.raw.shape:
            name = facts.names.label(other)
            yield found(OFF_BY_ONE, _with_input(layer.rows(other.raw)), v=name, variant=role)
    if len(facts.tape.uses(layer.w)) > MAX_USES:
        return
    for name, v in facts.lookalikes(layer.x.raw.shape, layer.x):
        yield found(OFF_BY_ONE, _with_input(layer.rows(v)), v=name)
    for name, v in facts.gradients(layer.node.raw.shape, layer.node):
        yield found(STALE_DELTA, _with_delta(layer.rows(v)), v=name)


def _shape_of(product: Product, x: Array, g: Array) -> tuple[int, ...] | None:
    """The shape of a product; None if the shapes of its factors do not fit."""
    try:
        return product(x, g).shape
    except ValueError:
        return None


def _reshaped(layer: Layer) -> Product:
    def product(x: Array, g: Array) -> Array:
        kept = layer.as_weights(x.T @ g)
        return layer.weights_from(kept.T.reshape(kept.shape))

    return product


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
        return at_layer(facts, layer, mistake, in_inputs(layer, product), **more)

    w, g = layer.weights, layer.rows(facts.tape.grads[layer.node])
    for mistake, product in IN_INPUTS:
        if _shape_of(product, w, g) == layer.inputs.shape:
            yield found(mistake, product)
    if _oblong(layer.w):
        yield found(RESHAPED_WEIGHTS, _through(layer.weights_from(_read_as_transposed(layer.w.raw))))
    if layer.w in facts.tape.grads:
        yield at_layer(facts, layer, GRADIENT_FOR_WEIGHTS, using_gradient(layer, 0, 1))
    if len(facts.tape.uses(layer.w)) > MAX_USES:
        return
    transposed = layer.w is not layer.parameter and layer.turned
    for name, v in facts.lookalikes(layer.parameter.raw.shape, layer.parameter):
        weights = layer.weights_from(v.T if transposed else v)
        if weights.shape == w.shape:
            yield found(STALE_WEIGHTS, _through(weights), v=name, v_w=name)
    for name, v in facts.gradients(layer.node.raw.shape, layer.node):
        yield found(STALE_DELTA_BACK, _from(layer.rows(v)), v=name)
    for name, v in facts.gradients(layer.x.raw.shape, layer.x):
        yield found(STALE_RESULT, _result(layer.rows(v)), v=name)


def _through(v: Array) -> Product:
    return lambda w, g: g @ v.T


def _from(v: Array) -> Product:
    return lambda w, g: v @ w.T


def _result(v: Array) -> Product:
    return lambda w, g: v


def _averaged(facts: GraphFacts, layer: Layer) -> Hypothesis:
    """The batch averaged before anything is multiplied: deltas, activations and inputs are all means."""
    axis = 1 if layer.columns else 0
    wrong: dict[Variable, Correction] = {
        layer.node: lambda grads, g: np.broadcast_to(g.mean(axis=axis, keepdims=True), g.shape),
    }
    for site in facts.activations:
        if site.a.raw.ndim == 2 and site.z is not layer.node:
            means = (x.raw.mean(axis=axis, keepdims=True) for x in (site.z, site.a))
            wrong[site.z] = at(site, _for_all(site.slope_at(*means), site.z.raw.shape))
    mistake = replace(MEANS, did="what comes out if the batch is averaged before anything is multiplied")
    return at_layer(facts, layer, mistake, wrong)


def _for_all(mean: Array, shape: tuple[int, ...]) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: np.broadcast_to(mean, shape)
