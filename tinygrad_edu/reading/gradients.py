"""Gradients of a finished graph of Tensors or Values. No `.grad` is touched."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import accumulate, newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import Node
from tinygrad_edu.reading.nodes import Array, Computation
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.gradient_flow import flow


def seed(loss: Any) -> Any:
    """The gradient of a loss with respect to itself: 1."""
    return np.ones_like(loss.raw) if isinstance(loss, Variable) else np.float64(1)


def gradients_of(loss: Any, gradient: Any = None) -> dict[Any, Any]:
    """The gradients of `loss` by every node that it depends on; `gradient` is the gradient of `loss` itself, 1 if None.

    Rules read the numbers of Tensors as they are now, without an error for overwritten ones.
    """
    start = seed(loss) if gradient is None else gradient
    with np.errstate(all="ignore"):
        return accumulate(newest_first(loss), {loss: start}, Node.shares)


def checked_gradients(call: str, loss: Any, gradient: Any = None) -> dict[Any, Array]:
    """The gradients that `backward` would give, as arrays; for a Value, those of `gradients_of`.

    Raises the errors of `backward`, with the name `call` in its place, and that of `Computation.check_known`.
    """
    if isinstance(loss, Value):
        found = gradients_of(loss, None if gradient is None else np.float64(gradient))
    else:
        try:
            with np.errstate(all="ignore"):
                found = flow(call, loss, gradient, create_graph=False)
        except RuntimeError:
            Computation(loss).check_known(call)
            raise
    return {node: np.asarray(getattr(g, "raw", g)) for node, g in found.items()}
