"""Stale variables: another array of a fitting shape, from the graph or the student's notebook, used by mistake."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Rule, Tape, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import Activation
from tinygrad_edu.explanation.diagnosis.mistakes.local_rules import at, words
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_CHANCE, Hypothesis, Mistake
from tinygrad_edu.ops.elementwise import multiply
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

MAX_FACTORS = 300  # hypotheses about the factors of products
# fmt: off
_TRUE = "d{z} = d{a} * {true}"  # the right line
AS_A = Mistake(
    "stale-variable", 17, "the true gradient with {v} where {a} belongs, in the {f} derivative at {at}",
    "d{z} = d{a} * {wrong}", _TRUE, rank=BY_CHANCE)
AS_Z = replace(
    AS_A, did="the true gradient with {v} where {z} belongs, in the {f} derivative at {at}",
    wrote="d{z} = d{a} * {f}'({v})", fix="d{z} = d{a} * {f}'({z})")
UPSTREAM = Mistake(
    "stale-upstream", 17, "the true gradient with {v} where d{a} belongs, at {at}", "d{z} = {v} * {true}", _TRUE,
    rank=BY_CHANCE)
FACTOR = Mistake(
    "wrong-saved-input", 18, "the true gradient with {v} where {u} belongs, at {at}", "d{x} = d{y} * {v}",
    "d{x} = d{y} * {u}", rank=BY_CHANCE)
ELSEWHERE = Mistake(
    "stale-weights", 17, "the gradient at {v} in place of {w}: the prediction is not computed with {w}", rank=BY_CHANCE)
WITHOUT_BIAS = Mistake(
    "bias-left-out", 17, "the gradient of a prediction without {w}: {w} is not added in the forward pass")
PRODUCT = Mistake(
    "entrywise-product", 10, "the true gradient with @ for * in the {f} derivative at {at}",
    "d{z} = d{a} @ {v} * (1 - {v})", _TRUE)
PRODUCT_OF_SLOPE = replace(PRODUCT, wrote="d{z} = d{a} @ {true}")
PRODUCT_OF_STALE = replace(
    PRODUCT, id=AS_A.id, number=AS_A.number, did=PRODUCT.did + ", and {v} for {a}", also=(PRODUCT.number,))
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Another array of the same shape in the derivative of an activation, as what arrives there, or as weights."""
    yield from _elsewhere(facts)
    yield from itertools.islice(_factors(facts), MAX_FACTORS)
    for site in facts.activations:
        slope, function = site.function.slope, site.function.of
        for name, v in facts.lookalikes(site.a.raw.shape, site.a, site.z):
            yield _swapped(facts, site, AS_A, name, slope(v, v))
            yield _swapped(facts, site, AS_Z, name, slope(v, function(v)))
        for name, upstream in facts.gradients(site.a.raw.shape, site.a, site.z):
            yield Hypothesis(
                UPSTREAM, site.a, {site.z: _arriving(site, upstream)}, {**words(facts, site), "v": name}
            )
        if site.a.raw.ndim == 2:
            yield from _as_product(facts, site)


def _factors(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Another array of its shape in place of one factor of a product, as the new state of a cell for the old one."""
    activations = {site.a for site in facts.activations}
    names = facts.names
    products = [
        (node, i, x, node.inputs[1 - i])
        for node in facts.tape.nodes
        if node.operation is multiply and node in facts.tape.grads and node not in activations
        for i, x in node.edges()
        if x in facts.tape.grads
    ]
    for node, i, x, other in products:
        if not isinstance(other, Variable) or not other.raw.ndim:
            continue
        words = {"x": names.letter(x, "x"), "y": names.letter(node, "y"), "u": names.label(other)}
        for name, array in facts.lookalikes(other.raw.shape, other, x):
            wrong = {x: instead(node, i, _times(array))}
            yield Hypothesis(FACTOR, node, wrong, {**words, "v": name, "at": names.node(node)})


def _times(array: Array) -> Rule:
    return lambda g, *_, **__: g * array


def _elsewhere(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The whole computation with given weights in place of those of the graph, or without a bias."""
    for w in facts.tape.leaves:
        for name, array in facts.given.items():
            if array.shape == w.raw.shape:
                yield _computed_with(facts, ELSEWHERE, w, array, name)
    for b in dict.fromkeys(site.parameter for site in facts.broadcasts if not site.scales):
        if b in facts.tape.grads and b.operation is None:
            yield _computed_with(facts, WITHOUT_BIAS, b, np.zeros_like(b.raw), "0")


def _computed_with(facts: GraphFacts, mistake: Mistake, w: Variable, array: Array, name: str) -> Hypothesis:
    copies = rerun(facts.tape.loss, {w: array})
    there = Tape(copies[facts.tape.loss]).grads
    known = {x: there[copies[x]] - g for x, g in facts.tape.grads.items() if copies.get(x) in there}
    return Hypothesis(mistake, facts.tape.loss, {}, {"v": name, "w": facts.names.letter(w, "W")}, known)


def _swapped(facts: GraphFacts, site: Activation, mistake: Mistake, name: str, slope: Array) -> Hypothesis:
    wrong = site.function.text.format(a=name, z=name)
    own = {**words(facts, site), "v": name, "wrong": wrong}
    return Hypothesis(mistake, site.a, {site.z: at(site, lambda z, a, g: slope)}, own)


def _arriving(site: Activation, upstream: Array) -> Correction:
    return lambda grads, g: g + (upstream - grads[site.a]) * site.slope


def _as_product(facts: GraphFacts, site: Activation) -> Iterator[Hypothesis]:
    """The hypotheses of a matrix product where a product number by number belongs.

    In a sigmoid's derivative also `(da @ h) * (1 - h)`, perhaps of a stale array.
    """
    rows, units = site.a.raw.shape
    if rows == units:
        product = {site.z: at(site, lambda z, a, g: site.slope, np.matmul)}
        yield Hypothesis(PRODUCT_OF_SLOPE, site.a, product, words(facts, site))
    candidates = [(facts.names.letter(site.a, "a"), site.a.raw), *((n, v) for n, v in facts.given.items())]
    for name, h in candidates if site.name == "sigmoid" and rows == units else ():
        if h.shape in ((units,), site.a.raw.shape):
            mistake = PRODUCT if h is site.a.raw else PRODUCT_OF_STALE
            product = {site.z: _matrix_product(site, h)}
            yield Hypothesis(mistake, site.a, product, {**words(facts, site), "v": name})


def _matrix_product(site: Activation, h: Array) -> Correction:
    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[site.a]
        return g - upstream * site.slope + np.broadcast_to((upstream @ h) * (1 - h), upstream.shape)

    return correction
