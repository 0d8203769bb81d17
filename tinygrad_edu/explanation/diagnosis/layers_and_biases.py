"""The layers of a network: its matrix products, its biases and scales, and the axis along which examples lie.

A layer and a bias describe themselves by role, with examples as rows: a mistake is written once, for `X @ W`, and is
the same mistake in `W @ X`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.ops.contractions import linear, matmul
from tinygrad_edu.ops.convolution import convolve
from tinygrad_edu.ops.elementwise import add, multiply
from tinygrad_edu.ops.shape import permute, reshape
from tinygrad_edu.reading.nodes import Array

PRODUCTS = (matmul, linear)  # of inputs and weights
WITH_BIAS = {linear: -1, convolve: 1}  # as a third input, and the axis of the units in the result


@dataclass(frozen=True, eq=False)
class Layer:
    """Inputs `x` times weights `w`: `x @ w`, `x @ w.T` (`flipped`), or `w @ x` where examples are `columns`."""

    node: Variable
    x: Any
    w: Any
    flipped: bool = False
    columns: bool = False

    @property
    def place_of_weights(self) -> int:
        """The position of the weights among the inputs of the node."""
        return 0 if self.columns else 1

    @property
    def parameter(self) -> Any:
        """The weights as they are kept, which may be the transpose of `w`."""
        return untransposed(self.w)

    @property
    def turned(self) -> bool:
        """True if the weights are kept the other way round than the product needs them."""
        return self.flipped or self.w.operation is permute

    @property
    def inputs(self) -> Array:
        """The inputs, a row for each example."""
        return self.rows(self.x.raw)

    @property
    def weights(self) -> Array:
        """The weights as (in, out)."""
        return self.weights_from(self.w.raw)

    def rows(self, array: Array) -> Array:
        """Inputs, or gradients of the result, with a row for each example."""
        x = self.x.raw
        if self.columns and array.ndim > 1:
            return array.T
        return array.reshape(
            1 if x.ndim == 1 else x.shape[-1] if self.columns else math.prod(x.shape[:-1]), -1
        )

    def weights_from(self, array: Array) -> Array:
        """An array of the form of `w` as (in, out)."""
        return array.reshape(-1, 1) if array.ndim == 1 else array.T if self.columns or self.flipped else array

    def as_inputs(self, rows: Array) -> Array:
        """Rows in the form of the inputs."""
        return (rows.T if self.columns and self.x.raw.ndim > 1 else rows).reshape(self.x.raw.shape)

    def as_weights(self, array: Array) -> Array:
        """An array (in, out) in the form of `w`."""
        turned = (self.columns or self.flipped) and self.w.raw.ndim > 1
        return (array.T if turned else array).reshape(self.w.raw.shape)


@dataclass(frozen=True, eq=False)
class Broadcast:
    """`b`, a bias or a scale, used for every example in the result of `node`, its input at `position`."""

    node: Variable
    position: int
    b: Variable
    axis: int  # of the units in the result
    x: Any = None  # what a scale was multiplied with, if a tensor
    layer: Layer | None = None  # of a bias

    @property
    def scales(self) -> bool:
        """True for a scale, which is multiplied; a bias is added."""
        return self.node.operation is multiply

    @property
    def parameter(self) -> Any:
        """The bias as it is kept, which may have another shape than `b`."""
        return untransposed(self.b)

    @property
    def columns(self) -> bool:
        """True if examples are columns."""
        return self.axis == 0 and self.node.raw.ndim == 2

    def rows(self, array: Array) -> Array:
        """An array of the form of the result, with a row for each example."""
        full = np.broadcast_to(array, self.node.raw.shape)
        return np.moveaxis(full, self.axis, -1).reshape(-1, self.b.raw.size)

    @property
    def inputs(self) -> Array | None:
        """What the scale is multiplied with, or the inputs of the layer; a row for each example."""
        if self.scales:
            return None if self.x is None else self.rows(self.x.raw)
        return None if self.layer is None else self.layer.inputs

    def unsummed(self, g: Array) -> Array:
        """The gradient of `b` before the sum over examples, a row for each."""
        rows = self.rows(g)
        return rows * self.inputs if self.scales and self.inputs is not None else rows


def layers(tape: Tape) -> list[Layer]:
    """Every product of inputs, a row or a column for each example, with a matrix or vector of weights."""
    found = []
    for node in tape.nodes:
        if node in tape.grads and node.operation in PRODUCTS:
            first, second = node.inputs[:2]
            if isinstance(first, Variable) and isinstance(second, Variable):
                columns = weights_come_first(first, second)
                x, w = (second, first) if columns else (first, second)
                if w.raw.ndim <= 2 and (x.raw.ndim <= 2 or not columns):
                    found.append(Layer(node, x, w, node.operation is linear, columns))
    return found


def broadcasts(tape: Tape) -> list[Broadcast]:
    """Every parameter that is added to all examples, or multiplied with them."""
    of = {layer.node: layer for layer in layers(tape)}
    found = []
    for node in tape.nodes:
        if node.operation in WITH_BIAS and len(node.inputs) == 3:
            axis = WITH_BIAS[node.operation] % node.raw.ndim
            found += [Broadcast(node, 2, b, axis, layer=of.get(node)) for i, b in node.edges() if i == 2]
        elif node.operation in (add, multiply) and node.raw.ndim > 1:
            for i, b in node.edges():
                axis = _axis_of_units(b, node)
                if axis is not None and untransposed(b).operation is None:
                    other = node.inputs[1 - i]
                    x = other if isinstance(other, Variable) and node.operation is multiply else None
                    found.append(Broadcast(node, i, b, axis, x, of.get(other)))
    return [site for site in found if site.node in tape.grads]


def _axis_of_units(b: Variable, node: Variable) -> int | None:
    """The one axis of the result along which `b` holds a number for each unit; None if it holds other numbers."""
    shape, of_result = (1,) * (node.raw.ndim - b.raw.ndim) + b.raw.shape, node.raw.shape
    if shape == of_result:
        return None
    kept = [axis for axis, n in enumerate(shape) if n > 1]
    if not kept:  # one unit: the result has one column, or one row
        kept = [axis for axis in (node.raw.ndim - 1, 0) if of_result[axis] == 1][:1]
    return kept[0] if len(kept) == 1 else None


def untransposed(x: Any) -> Any:
    """The tensor of which `x` is the transpose, or the same numbers in another shape; else `x` itself."""
    if isinstance(x, Variable) and x.operation in (permute, reshape):
        return x.inputs[0]
    return x


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
    x = untransposed(x)
    return isinstance(x, Variable) and x.operation is None and x.requires_grad
