"""Stale variables: another array of a fitting shape, from the graph or from the student's notebook, used by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.landmarks import FUNCTIONS, SLOPES, Activation
from tinygrad_edu.explanation.diagnosis.mistakes.local_rules import TRUE, at, words
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_CHANCE, Hypothesis, Mistake
from tinygrad_edu.reading.nodes import Array


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Another array of the same shape in the derivative of an activation, or as what arrives at it."""
    for site in scene.activations:
        slope, function = SLOPES[site.name], FUNCTIONS[site.name]
        for name, v in scene.lookalikes(site.a.raw.shape, site.a, site.z):
            yield _swapped(scene, site, AS_A, name, slope(v, v))
            yield _swapped(scene, site, AS_Z, name, slope(v, function(v)))
        for name, upstream in scene.gradients(site.a.raw.shape, site.a, site.z):
            yield Hypothesis(
                UPSTREAM, site.a, {site.z: _arriving(site, upstream)}, {**words(scene, site), "v": name}
            )
        if site.a.raw.ndim == 2:
            yield from _as_product(scene, site)


AS_A = Mistake(
    "stale-variable",
    17,
    "the true gradient with {v} where {a} belongs, in the {f} derivative at {at}",
    "d{z} = d{a} * {wrong}",
    "d{z} = d{a} * {true}",
    rank=BY_CHANCE,
)
AS_Z = replace(
    AS_A,
    did="the true gradient with {v} where {z} belongs, in the {f} derivative at {at}",
    wrote="d{z} = d{a} * {f}'({v})",
    fix="d{z} = d{a} * {f}'({z})",
)
UPSTREAM = Mistake(
    "stale-upstream",
    17,
    "the true gradient with {v} where d{a} belongs, at {at}",
    "d{z} = {v} * {true}",
    "d{z} = d{a} * {true}",
    rank=BY_CHANCE,
)


def _swapped(scene: Scene, site: Activation, mistake: Mistake, name: str, slope: Array) -> Hypothesis:
    wrong = TRUE[site.name].format(a=name, z=name)
    own = {**words(scene, site), "v": name, "wrong": wrong}
    return Hypothesis(mistake, site.a, {site.z: at(site, lambda z, a, g: slope)}, own)


def _arriving(site: Activation, upstream: Array) -> Correction:
    return lambda grads, g: g + (upstream - grads[site.a]) * site.slope


def _as_product(scene: Scene, site: Activation) -> Iterator[Hypothesis]:
    """`(da @ h) * (1 - h)`: a matrix product in the derivative of a sigmoid, perhaps of a stale array."""
    rows, units = site.a.raw.shape
    candidates = [(scene.names.letter(site.a, "a"), site.a.raw), *((n, v) for n, v in scene.given.items())]
    for name, h in candidates if site.name == "sigmoid" and rows == units else ():
        if h.shape in ((units,), site.a.raw.shape):
            own = h is site.a.raw
            did = "the true gradient with @ for * in the {f} derivative at {at}" + (
                "" if own else ", and {v} for {a}"
            )
            mistake = Mistake(
                "entrywise-product" if own else "stale-variable", 10 if own else 17, did,
                "d{z} = d{a} @ {v} * (1 - {v})", "d{z} = d{a} * {true}", () if own else (10,),
            )  # fmt: skip
            product = {site.z: _matrix_product(site, h)}
            yield Hypothesis(mistake, site.a, product, {**words(scene, site), "v": name})


def _matrix_product(site: Activation, h: Array) -> Correction:
    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[site.a]
        return g - upstream * site.slope + np.broadcast_to((upstream @ h) * (1 - h), upstream.shape)

    return correction
