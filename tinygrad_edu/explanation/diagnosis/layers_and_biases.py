"""The layers of a network: its matrix products, its biases and scales, and the axis along which examples lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.ops.contractions import linear, matmul
from tinygrad_edu.ops.elementwise import add, multiply
from tinygrad_edu.ops.shape import permute
from tinygrad_edu.reading.nodes import Array

PRODUCTS = (matmul, linear)  # of inputs and weights


@dataclass(frozen=True, eq=False)
class Layer:
    """`x @ w`, or `x @ w.T` (`flipped`), for matrices; inputs at positions 0 and 1 of `node`.

    If examples are columns, `x` are the weights, and `w` is what they are applied to.
    """

    node: Variable
    x: Any
    w: Any
    flipped: bool

    @property
    def columns(self) -> bool:
        """True if examples are columns: W @ X."""
        return weights_come_first(self.x, self.w)

    @property
    def weights(self) -> Array:
        """The matrix `w` as (in, out)."""
        return np.asarray(self.w.raw.T if self.flipped else self.w.raw)


@dataclass(frozen=True, eq=False)
class Broadcast:
    """`b`, a bias or a scale, used for every row of the result of `node`, its input at `position`."""

    node: Variable
    position: int
    b: Variable
    x: Any = None  # the input of the layer of a bias, or what a scale was multiplied with, if a tensor

    @property
    def scales(self) -> bool:
        """True for a scale, which is multiplied; a bias is added."""
        return self.node.operation is multiply

    def unsummed(self, g: Array) -> Array:
        """The gradient of `b` before the sum over the rows."""
        return g * self.x.raw if self.scales and self.x is not None else g


def layers(tape: Tape) -> list[Layer]:
    """Every product of a matrix of rows with a matrix of weights."""
    found = []
    for node in tape.nodes:
        if node in tape.grads and node.operation in PRODUCTS:
            x, w = node.inputs[:2]
            if isinstance(x, Variable) and isinstance(w, Variable) and x.raw.ndim == w.raw.ndim == 2:
                found.append(Layer(node, x, w, node.operation is linear))
    return found


def broadcasts(tape: Tape) -> list[Broadcast]:
    """Every parameter that is added to all rows, or multiplied with them."""
    found = []
    for node in tape.nodes:
        if node.operation is linear and len(node.inputs) == 3:
            found += [Broadcast(node, 2, b, node.inputs[0]) for i, b in node.edges() if i == 2]
        elif node.operation in (add, multiply) and node.raw.ndim > 1:
            for i, b in node.edges():
                if b.operation is None and b.raw.size == node.raw.shape[-1] and b.raw.shape != node.raw.shape:
                    other = node.inputs[1 - i]
                    x = other if node.operation is multiply else _input_of_product(other)
                    found.append(Broadcast(node, i, b, x if isinstance(x, Variable) else None))
    return [site for site in found if site.node in tape.grads]


def _input_of_product(x: Any) -> Any:
    return x.inputs[0] if isinstance(x, Variable) and x.operation is matmul else None


def batch_axis(tape: Tape) -> int | None:
    """The axis along which examples lie: 0 in X @ W, -1 in W @ X, None if there is but one example.

    A product number by number, w * x, is one of a batch if w has another shape than the result.
    """
    for node in tape.nodes:
        if node in tape.grads and node.operation in PRODUCTS:
            x, w = node.inputs[:2]
            if weights_come_first(x, w):
                return -1 if w.ndim > 1 else None
            return 0 if x.ndim > 1 else None
    shapes = {x.raw.shape for x in tape.leaves}
    alone = any(node.raw.ndim == 1 and node.raw.shape in shapes for node in tape.nodes)
    return None if alone else 0


def weights_come_first(x: Any, w: Any) -> bool:
    """True if in `x @ w` the weights stand first."""
    return _is_parameter(x) and not _is_parameter(w)


def _is_parameter(x: Any) -> bool:
    """True if `x` is learned: a leaf with a gradient, or such a leaf transposed."""
    if isinstance(x, Variable) and x.operation is permute:
        x = x.inputs[0]
    return isinstance(x, Variable) and x.operation is None and x.requires_grad
