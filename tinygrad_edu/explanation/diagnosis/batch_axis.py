"""Which way the examples of a batch lie: as rows in X @ W, as columns in W @ X."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.ops.linalg import linear, matmul
from tinygrad_edu.ops.shape import permute

PRODUCTS = (matmul, linear)  # of inputs and weights


def examples(tape: Tape) -> int | None:
    """The axis along which examples lie: 0 in X @ W, -1 in W @ X, None if there is but one example.

    What is multiplied number by number, w * x, is a batch if w has another shape than the result.
    """
    for node in tape.nodes:
        if node in tape.grads and node.operation in PRODUCTS:
            x, w = node.inputs[:2]
            if weighs(x, w):
                return -1 if w.ndim > 1 else None
            return 0 if x.ndim > 1 else None
    shapes = {x.raw.shape for x in tape.leaves}
    alone = any(node.raw.ndim == 1 and node.raw.shape in shapes for node in tape.nodes)
    return None if alone else 0


def weighs(x: Any, w: Any) -> bool:
    """Whether in `x @ w` the weights stand first."""
    return _is_parameter(x) and not _is_parameter(w)


def _is_parameter(x: Any) -> bool:
    """Whether `x` is learned: a leaf with a gradient, or such a leaf transposed."""
    if isinstance(x, Variable) and x.operation is permute:
        x = x.inputs[0]
    return isinstance(x, Variable) and x.operation is None and x.requires_grad
