"""Numbers of different moments in one picture: leaves that moved since, and a `.grad` that has added up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.viz.drawing.number_cells import number
from tinygrad_edu.viz.graph.drawable import overwritten, some

MAX_WRITTEN = 4  # numbers of a leaf in a note
SLACK = 1e-6  # between a `.grad` and the gradient of the loss, relative to the largest number


class Gradients(NamedTuple):
    """The gradient shown of each node; by the index of a node what `.grad` holds instead, and this gradient."""

    arrays: list[np.ndarray | None]
    others: dict[int, tuple[np.ndarray, np.ndarray]]
    known: bool = True  # False if the gradients of the loss cannot be computed any more


def starts_with_one(gradient: np.ndarray | None) -> bool:
    """True if `backward()` started at a loss with this gradient."""
    return gradient is not None and bool(np.all(gradient == 1))


def gradients_of_loss(
    computation: Computation, nodes: Sequence[Any], stored: list[np.ndarray | None]
) -> Gradients:
    """The gradients of the loss for the nodes that have one `stored`.

    What is stored may have added up over several passes, or was changed. Where hooks would be called, or numbers that
    rules may read are gone, nobody knows.
    """
    if computation.lost or any(node.hooks for node in computation):
        return Gradients(stored, {}, known=False)
    try:
        right = gradients_of(computation.ends[0])
    except Exception:  # of a rule of the user's that is not meant to run twice
        return Gradients(stored, {}, known=False)
    arrays = [
        None if held is None else np.asarray(right.get(node, held)) for node, held in zip(nodes, stored)
    ]
    pairs = enumerate(zip(stored, arrays))
    others = {i: (a, b) for i, (a, b) in pairs if a is not None and b is not None and not _close(a, b)}
    return Gradients(arrays, others)


def _close(held: np.ndarray, right: np.ndarray) -> bool:
    scale = np.abs(right).max(initial=0)
    return np.allclose(held, right, rtol=0, atol=SLACK * scale if np.isfinite(scale) else 0, equal_nan=True)


def notes_on_moments(
    computation: Computation, nodes: Sequence[Any], called: Sequence[str], gradients: Gradients, loss: str
) -> list[str]:
    """The notes on numbers of the picture of `nodes` that are not those of now, or of another moment."""
    lost = [name for node, name in zip(nodes, called) if node in computation.lost]
    moved = [
        f"{name} {_change(computation.array(node), computation.moved[node])}"
        for node, name in zip(nodes, called)
        if node in computation.moved
    ]
    notes = [f"value now: {overwritten(lost)}"] if lost else []
    notes += [f"moved since: {some(moved)}"] if moved else []
    others = [_held(loss, called[i], held, right) for i, (held, right) in gradients.others.items()]
    return notes + ([f".grad added up over several passes, or was changed: {some(others)}"] if others else [])


def _held(loss: str, name: str, held: np.ndarray, right: np.ndarray) -> str:
    """A note on what `.grad` holds: a multiple of the derivative, a few numbers, or something else."""
    derivative = f"∂{loss}/∂{name}"
    i = int(np.abs(right).argmax()) if right.size else 0
    factor = held.flat[i] / right.flat[i] if right.size and right.flat[i] else 0.0
    if factor and _close(held, factor * right):
        return f"{name}.grad is {number(factor)} times {derivative}"
    numbers = f"{' '.join(map(number, held.ravel()))}, " if held.size <= MAX_WRITTEN else ""
    return f"{name}.grad is {numbers}not {derivative}"


def _change(then: np.ndarray, now: np.ndarray) -> str:
    if then.size > MAX_WRITTEN:
        return f"by at most {number(np.abs(now - then).max())}"
    before, after = (" ".join(map(number, x.ravel())) for x in (then, now))
    return f"{before} → {after}" if then.size == 1 else f"[{before}] → [{after}]"
