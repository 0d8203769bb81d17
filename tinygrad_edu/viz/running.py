"""A module run once, so that there is something to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.modes import enable_grad
from tinygrad_edu.nn.module import Module
from tinygrad_edu.notation import short
from tinygrad_edu.plan.tree import leaves
from tinygrad_edu.tensor import Tensor, tensor


def run(net: Module, inputs: Sequence[Any]) -> tuple[list[Any], list[Tensor]]:
    """The inputs as Tensors, and what `net` makes of them.

    If no parameter wants a gradient, the inputs do, as else nothing is remembered.
    """
    made = [tensor(x) if isinstance(x, np.ndarray | list) else x for x in inputs]
    results = _results(net, made)
    if not any(x.operation is not None for x in results):
        made = [_wanting(x) for x in made]
        results = _results(net, made)
    return made, results


def _wanting(x: Any) -> Any:
    floating = isinstance(x, Tensor) and x.raw.dtype.kind == "f"
    return x.detach().clone().requires_grad_() if floating else x


def _results(net: Module, inputs: Sequence[Any]) -> list[Tensor]:
    with enable_grad():
        result = net(*inputs)
    results = [x for x in leaves(result) if isinstance(x, Tensor)]
    if not results:
        raise TypeError(
            f"draw needs a module that returns Tensors, but {type(net).__name__} returned {short(result)}"
        )
    return results
