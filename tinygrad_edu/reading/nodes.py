"""Tensors and Values seen alike: what they were computed from, their numbers, and what a rule passes back.

Nothing here changes a `.grad`, and nothing recurses.
"""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import accumulate, newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import Node
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.gradient_flow import flow
from tinygrad_edu.tensor.tensor import Tensor

Array = np.ndarray


def check_loss(loss: Any) -> None:
    """Raise `TypeError` unless `loss` is a Tensor or a Value."""
    if not isinstance(loss, Tensor | Value):
        advice = "call the module and a loss first" if hasattr(loss, "named_parameters") else "pass the loss"
        raise TypeError(
            f"explain needs a Tensor, a Value or a function, got {type(loss).__name__} {short(loss)}; {advice}: "
            "explain(loss, wrt=W)"
        )


def leaves_of(results: list[Any]) -> list[Any]:
    """What `results` were computed from but for themselves, in the order of their first use."""
    found: dict[int, Any] = {}
    for thing in reversed(results):
        for x in thing.inputs:
            if isinstance(x, Node) and x.operation is None:
                found.setdefault(id(x), x)
    return list(found.values())


def array_of(thing: Any) -> np.ndarray:
    """Its numbers, as they were when its results were computed."""
    if isinstance(thing, Variable):
        return thing.raw
    return np.asarray(thing.numbers[0] if thing.operation is not None else thing.data)


def gradients_of(loss: Any, gradient: Any = None) -> dict[int, np.ndarray]:
    """The gradient of `loss` by everything it depends on, by the id of the node: the engine's own numbers.

    Raises what `backward` raises, with `explain` in its place.
    """
    if isinstance(loss, Tensor):
        with np.errstate(all="ignore"):
            found = flow("explain", loss, gradient, create_graph=False)
    else:
        seed = np.float64(1.0 if gradient is None else gradient)
        found = accumulate(newest_first(loss), {loss: seed}, Value.shares)
    return {id(node): np.asarray(getattr(g, "raw", g)) for node, g in found.items()}
