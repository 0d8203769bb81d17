"""Tensors and Values seen alike: what they were computed from, their numbers, and what a rule passes back.

Nothing here changes a `.grad`, and nothing recurses.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Traced
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor, flow

Array = np.ndarray


def check_loss(loss: Any) -> None:
    """Raise `TypeError` unless `loss` is a Tensor or a Value."""
    if not isinstance(loss, Tensor | Value):
        advice = "call the module and a loss first" if hasattr(loss, "named_parameters") else "pass the loss"
        raise TypeError(
            f"explain needs a Tensor, a Value or a function, got {type(loss).__name__} {short(loss)}; {advice}: "
            "explain(loss, wrt=W)"
        )


def newest_first(loss: Any) -> list[Any]:
    """`loss` and every result it depends on; each before all it was computed from."""
    found = {id(loss)}
    results = [loss] if loss.operation is not None else []
    for thing in results:  # grows as it goes
        for x in thing.inputs:
            if isinstance(x, Traced) and id(x) not in found:
                found.add(id(x))
                if x.operation is not None:  # type: ignore[attr-defined]
                    results.append(x)
    return sorted(results, key=operator.attrgetter("serial"), reverse=True)


def leaves_of(results: list[Any]) -> list[Any]:
    """What `results` were computed from but for themselves, in the order of their first use."""
    found: dict[int, Any] = {}
    for thing in reversed(results):
        for x in thing.inputs:
            if isinstance(x, Traced) and x.operation is None:  # type: ignore[attr-defined]
                found.setdefault(id(x), x)
    return list(found.values())


def array_of(thing: Any) -> np.ndarray:
    """Its numbers, as they were when its results were computed."""
    if isinstance(thing, Variable):
        return thing.raw
    return np.asarray(thing.numbers[0] if thing.operation is not None else thing.data)


def settings_of(thing: Any) -> dict[str, Any]:
    """The settings of its operation."""
    return dict(getattr(thing, "settings", {}))


def wants_gradient(thing: Any) -> bool:
    """Whether gradients flow to it; they do to every Value."""
    return bool(getattr(thing, "requires_grad", True))


def differentiable_inputs(thing: Any) -> Iterator[tuple[int, Any]]:
    """The inputs to which the rules of `thing` pass a gradient, with their positions."""
    if thing.operation is not None:
        for position, (x, rule) in enumerate(zip(thing.inputs, thing.operation.rules)):
            if rule is not None and isinstance(x, Traced) and wants_gradient(x):
                yield position, x


def gradients_of(loss: Any, gradient: Any = None) -> dict[int, np.ndarray]:
    """The gradient of `loss` by everything it depends on, by the id of the thing: the engine's own walk.

    Raises what `backward` raises, with `explain` in its place.
    """
    if isinstance(loss, Tensor):
        with np.errstate(all="ignore"):
            found = flow("explain", loss, gradient, create_graph=False)
        return {id(thing): np.asarray(getattr(g, "raw", g)) for thing, g in found.items()}
    grads: dict[int, Any] = {id(loss): np.asarray(1.0 if gradient is None else float(gradient))}
    for thing in newest_first(loss):
        for position, x in differentiable_inputs(thing):
            grads[id(x)] = grads.get(id(x), 0.0) + share_of(thing, position, grads[id(thing)])
    return grads


def share_of(thing: Any, position: int, g: np.ndarray) -> np.ndarray:
    """What the rule of one input makes of `g`, the gradient of `thing`: the engine's numbers."""
    operation, x = thing.operation, thing.inputs[position]
    rule = operation.rules[position]
    with np.errstate(all="ignore"):
        if not isinstance(thing, Variable):
            return np.asarray(rule(np.float64(g), *map(np.float64, thing.numbers)))
        values = thing.given()
        share = rule(g, thing.raw, *values, **thing.settings)
        like = values[position]
        fits = share.shape == like.shape and share.dtype == like.dtype
        return np.asarray(share if fits else operation.fit(share, like) if isinstance(x, Variable) else share)
