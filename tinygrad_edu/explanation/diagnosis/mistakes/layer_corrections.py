"""Corrections for a layer, written with examples as rows, and the lines of the catalogue in the layer's own layout."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, both
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.text.numbers import ordinal

Product = Callable[[Array, Array], Array]  # (the other factor, gradient of the result) -> gradient

FACTOR = r"(d?\{\w+\}(?:\.T|\.reshape\(\{\w+\}\.T\.shape\))?)"
PRODUCT = re.compile(f"{FACTOR} @ {FACTOR}")
OUTER = re.compile(r"outer\((.+?), (.+)\)")


def in_weights(layer: Layer, product: Product) -> dict[Variable, Correction]:
    """`product(x, g)`, as (in, out), in place of `x.T @ g`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        wrong = product(layer.inputs, layer.rows(upstream))
        return g - layer.node.share(layer.place_of_weights, upstream) + layer.as_weights(wrong)

    return {layer.w: correction}


def in_inputs(layer: Layer, product: Product) -> dict[Variable, Correction]:
    """`product(w, g)`, with `w` as (in, out), in place of `g @ w.T`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[layer.node]
        wrong = product(layer.weights, layer.rows(upstream))
        return g - layer.node.share(1 - layer.place_of_weights, upstream) + layer.as_inputs(wrong)

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
        w = own * layer.weights + slope * layer.weights_from(grads[layer.w])
        through = layer.as_inputs(layer.rows(upstream) @ w.T)
        return g - layer.node.share(1 - layer.place_of_weights, upstream) + through

    return {layer.x: correction}


def at_layer(
    facts: GraphFacts, layer: Layer, mistake: Mistake, wrong: Mapping[Variable, Correction], **more: str
) -> Hypothesis:
    """The hypothesis of a mistake at a layer, with its lines in the layer's layout."""
    return Hypothesis(laid_out(mistake, layer), layer.node, wrong, words(facts, layer, **more))


def laid_out(mistake: Mistake, layer: Layer) -> Mistake:
    """The mistake with its lines in the layer's layout."""
    return replace(mistake, wrote=arranged(mistake.wrote, layer), fix=arranged(mistake.fix, layer))


def words(facts: GraphFacts, layer: Layer, **more: str) -> dict[str, str]:
    """The words for the templates of a layer."""
    names = facts.names
    return {
        "x": names.letter(layer.x, "x"),
        "w": names.letter(layer.parameter, "W"),
        "z": facts.result(layer.node),
        "examples": "axis=1" if layer.columns else "axis=0",
        "at": names.node(layer.node),
        "cell": str(id(layer.parameter)),
        **more,
    }


def arranged(line: str, layer: Layer) -> str:
    """A line that is written for `z = x @ w`, as it reads if examples are columns or weights are kept transposed.

    Where all arrays are the transposes of those in the line, a product `p @ q` reads `q @ p`.
    """
    of_weights = line.startswith("d{w}")
    exchanged = layer.columns != (of_weights and layer.turned)
    vectors = of_weights and layer.x.raw.ndim == 1

    def product(found: re.Match[str]) -> str:
        p, q = (
            _transposed(f) if layer.turned and (of_weights or "{w}" in f or "{v_w}" in f) else f
            for f in found.groups()
        )
        p, q = (q, p) if exchanged else (p, q)
        return f"outer({p.removesuffix('.T')}, {q.removesuffix('.T')})" if vectors else f"{p} @ {q}"

    line = OUTER.sub(r"outer(\2, \1)", line) if exchanged else line
    return PRODUCT.sub(product, line)


def _transposed(factor: str) -> str:
    return factor.removesuffix(".T") if factor.endswith(".T") else f"{factor}.T"


def ith(i: int, columns: bool, keep: bool = False) -> dict[str, str]:
    """The words for one example: counted from 1, and as an index, which may keep the dimension."""
    index = f"[{i}]" if keep else str(i)
    return {"example": f"the {ordinal(i + 1)} example (index {i})", "i": f":, {index}" if columns else index}
