"""What to do about an operation that made a number that is not finite."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.hints.hidden_infinities import finite, first_bad
from tinygrad_edu.ops import elementwise, index, reduce, shape, softmax

# What hands on a probability as it is, or as its complement.
_HANDS_ON = {
    *(shape.reshape, shape.permute, shape.expand, shape.cast, index.take, reduce.amax, reduce.amin),
    *(elementwise.maximum, elementwise.where, elementwise.subtract),
    *(elementwise.clamp_min, elementwise.clamp_max),
}


_OF_SIGMOID = (
    "exp of more than 709 is too large for float64 (88 for float32): use sigmoid, or "
    "binary_cross_entropy_with_logits on what it is taken of."
)


def advice(node: Variable, loss: Variable) -> str:
    """What to do about `node`, where numbers on the way to `loss` stopped being finite."""
    if node.operation is elementwise.exp and _is_sigmoid(node, loss):
        return _OF_SIGMOID
    if node.operation is not None:
        return advice_for(node.operation, [getattr(x, "raw", x) for x in node.inputs], node.inputs, node.raw)
    if node.memory is not None and node.memory.version:
        return "Run the training inside check_finite() to see which step made it, or try a smaller learning rate."
    return "Look at how these numbers were made or loaded."


def advice_for(operation: Operation, values: list[Any], inputs: tuple[Any, ...], raw: Any) -> str:
    """Advice on an `operation` that made a number that is not finite."""
    if operation is elementwise.log:
        place = first_bad(np.asarray(raw))
        if np.broadcast_to(np.asarray(values[0]), np.shape(raw))[place] < 0:
            return "A logarithm needs numbers above 0."
        return _instead_of_log(inputs[0])
    if not all(map(finite, values)):
        if operation in (softmax.softmax, softmax.log_softmax, softmax.logsumexp):
            return "Some of its inputs are infinite: a softmax needs the greatest number of each row to be finite."
        return "Some of its inputs are infinite already: run this inside check_finite() to see which line made them."
    return operation.readings.advice or (
        "The numbers have grown too large: try a smaller learning rate or smaller inputs."
    )


def _is_sigmoid(exponential: Variable, loss: Variable) -> bool:
    """True if 1 is added to the exponential, as in 1 / (1 + exp(-x))."""
    users = [node for node in newest_first(loss) if any(x is exponential for x in node.inputs)]
    return any(node.operation is elementwise.add and 1 in _numbers_in(node) for node in users)


def _numbers_in(node: Variable) -> list[Any]:
    """The plain numbers among the inputs of `node`."""
    return [x for x in node.inputs if isinstance(x, int | float)]


def _instead_of_log(x: Any) -> str:
    while isinstance(x, Variable) and x.operation is not None:
        if x.operation is softmax.softmax:
            return "Use cross_entropy(logits, y), which never takes the log of 0."
        if x.operation is elementwise.sigmoid:
            return "Use binary_cross_entropy_with_logits(logits, y), which never takes the log of 0."
        if x.operation not in _HANDS_ON:
            break
        x = next((y for y in x.inputs if isinstance(y, Variable) and y.operation is not None), None)
    return "Keep the numbers away from 0, as in (x + 1e-12).log()."
