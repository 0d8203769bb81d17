"""The ways from a loss back to a tensor: cuts in them, and the node at which the gradient became zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine import detachment
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.tensor.tensor import Tensor

MAX_NAMES = 8  # of a chain that is written out


def behind(result: Variable) -> dict[Variable, Variable | None]:
    """`result` and every Variable that it was computed from, each with a result that used it; None for `result`."""
    users: dict[Variable, Variable | None] = {result: None}
    for node in newest_first(result):
        for x in node.inputs:
            if isinstance(x, Variable):
                users.setdefault(x, node)
    return users


def chain(users: dict[Variable, Variable | None], end: Variable, last: str) -> str:
    """`mean ← square ← subtract ← W`: the operations from the result back to `end`, which is called `last`."""
    names, node = [last], users[end]
    while node is not None:
        names.append(node.operation.name if node.operation else "?")
        node = users[node]
    names.reverse()
    if len(names) > MAX_NAMES:
        names[MAX_NAMES // 2 : MAX_NAMES // 2 - MAX_NAMES] = ["…"]
    return " ← ".join(names)


def cut_ends(loss: Tensor, users: dict[Variable, Variable | None]) -> list[tuple[detachment.Detachment, str]]:
    """Every cut behind `loss`, and the chain from the loss to the cut."""
    if not loss.requires_grad or loss.operation is None:
        return [(loss.detachment, detachment.chain(loss.detachment))] if loss.detachment else []
    ends = [x for x in users if not x.requires_grad and x.detachment is not None]
    return [(x.detachment, chain(users, x, detachment.chain(x.detachment))) for x in ends if x.detachment]


def comes_from(cut: detachment.Detachment, w: Variable) -> bool | None:
    """True if `w` lies behind `cut`; None if nobody can know, as the tensors before the cut are gone."""
    source = cut[2]() if cut[2] is not None else None
    return None if source is None else w in behind(source)


def zero_at(loss: Tensor, w: Variable, grads: dict[Variable, Any]) -> Variable | None:
    """The newest node on a way to `w` that hands on only zeros; None if the shares of several uses cancel."""
    computation = Computation(loss)
    on_the_way = computation.leading_to([w])
    with np.errstate(all="ignore"):
        for node in computation.results:
            if node in on_the_way and node in grads and grads[node].any():
                for x, share in node.shares(grads[node]):
                    if x in on_the_way and not share.any():
                        return node
    return None
