"""Other forms of a formula, of which the first that gives the right numbers is to be shown as code."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from tinygrad_edu.ops.fused_loss import class_cross_entropy, cross_entropy
from tinygrad_edu.ops.index import one_hot
from tinygrad_edu.ops.reduce import amax
from tinygrad_edu.ops.reduce import sum as total
from tinygrad_edu.ops.softmax import log_softmax, logsumexp, softmax
from tinygrad_edu.symbolic.expression import Expression, filled, rebuilt, with_inputs
from tinygrad_edu.symbolic.simplification.simplify import simplify

_UNMOVED = (softmax, log_softmax, cross_entropy, class_cross_entropy)  # the same at x and at x - c


def numeric_forms(root: Any) -> Iterator[Any]:
    """`root` if every class number is a class; `root` as it is; both with exp kept from overflowing."""
    short = rebuilt(root, _counted)
    forms = [root] if short is root else [simplify(short, rearrange=False), root]
    yield from forms
    for form in forms:
        safe = rebuilt(form, _shifted)
        if safe is not form:
            yield safe


def _counted(node: Expression, inputs: tuple[Any, ...]) -> Any:
    """The sums of rows that are 1 in one place, 0 elsewhere: 1 each, and all together how many they are."""
    x = inputs[0] if inputs else None
    if node.operation is total and isinstance(x, Expression) and x.operation is one_hot:
        dims = node.settings["dims"]
        if dims == (x.settings["dim"],):
            return filled(1, node.shape)
        if dims is None or len(dims) == len(x.shape):
            return filled(math.prod(x.inputs[0].shape), node.shape)
    return with_inputs(node, inputs)


def _shifted(node: Expression, inputs: tuple[Any, ...]) -> Any:
    """A softmax of x - max(x) in place of x, and log(sum(exp(x - max(x)))) + max(x)."""
    if node.operation in _UNMOVED:
        x = inputs[0]
        return with_inputs(node, (x - amax(x, dims=(node.settings["dim"],), keepdim=True), *inputs[1:]))
    if node.operation is logsumexp:
        (x,), dims = inputs, node.settings["dims"]
        within = with_inputs(node, (x - amax(x, dims=dims, keepdim=True),))
        return within + amax(x, dims=dims, keepdim=node.settings["keepdim"])
    return with_inputs(node, inputs)
