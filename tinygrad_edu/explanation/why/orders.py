"""`compare_orders`: the recursion that people write first beside the topological order, in which results come first."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.backward import accumulate
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.gradients import gradients_of, seed
from tinygrad_edu.reading.names import names_for
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.scalar import Value
from tinygrad_edu.text.numbers import number

MAX_VISITS = 100_000  # of naive recursion


class Row(NamedTuple):
    """A tensor or Value, its gradient in the right order and by naive recursion, and the visits of the recursion."""

    name: str
    tensor: Any
    right: Any
    naive: Any  # None if the recursion was not run
    visits: int
    reason: str  # empty where both agree


class Orders:
    """Both gradients of every node behind a loss. Printed: a sentence for each wrong gradient.

    `rows` starts with the loss; `wrong` are the rows where the recursion errs, `visits` counts the visits of the
    recursion and `nodes` those of the topological order.
    """

    def __init__(self, rows: list[Row], finished: bool) -> None:
        self.rows = rows
        self.finished = finished
        self.visits = sum(row.visits for row in rows)
        self.nodes = len(rows)

    @property
    def wrong(self) -> list[Row]:
        """The rows where naive recursion gives another gradient."""
        return [row for row in self.rows if row.reason]

    def __getitem__(self, name: str) -> Row:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"there is no {name!r}; there are {', '.join(row.name for row in self.rows)}")

    def __repr__(self) -> str:
        count = f"naive recursion makes {self.visits:,} visits, the topological order {self.nodes:,}"
        if not self.finished:
            return (
                f"{count}: it comes by once for every path, and paths multiply. Too many to try; take a smaller graph, "
                "or a larger limit="
            )
        reasons = [f"{row.name}: {row.reason}" for row in self.wrong]
        return (
            "\n".join(reasons or ["both orders agree: nothing computed is used in more than one place"])
            + f"\n({count})"
        )


def compare_orders(loss: Any, names: Mapping[str, Any] | None = None, *, limit: int = MAX_VISITS) -> Orders:
    """Gradients by naive recursion beside the right ones, for a Tensor or a Value of one number.

    Naive: a node adds to the gradients of its inputs and then visits each input, whether or not other results that
    use this input have been visited. A node that is used twice passes its gradient on half-finished, and then once
    more. The recursion comes by once for every path; with more than `limit` visits it is not run. `names` come before
    the names of tensors; without `names`, the caller's variables name the tensors that have none.
    Raises `TypeError` for anything but a Tensor or Value and names for it, `ValueError` for more than one number.
    """
    _check_loss(loss)
    known = names_for("compare_orders", names, sys._getframe(1))
    computation = Computation(loss)
    computation.check_known("compare_orders")
    nodes = list(computation)
    called = dict(zip(nodes, known.of_all(nodes, loss), strict=True))
    with computation.rewound():
        right = gradients_of(loss)
        order = list(dict.fromkeys([*(node for node in computation.results if node in right), *right]))
        visits = accumulate(order, {loss: 1}, _visits)
        finished = sum(visits.values()) <= limit
        naive, passed = _recursive(loss) if finished else ({}, {})
    blamed = _blamed(passed, called)
    rows = [
        Row(called[x], x, right[x], naive.get(x), visits[x], _reason(right[x], naive.get(x), blamed[x]))
        for x in order
    ]
    return Orders(rows, finished)


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Variable | Value):
        raise TypeError(f"compare_orders needs a Tensor or a Value, got {type(loss).__name__} {short(loss)}")
    if isinstance(loss, Variable) and loss.raw.size != 1:
        raise ValueError(
            f"compare_orders needs a single number, got shape {loss.raw.shape}; take its sum or mean"
        )


def _inputs(node: Any) -> list[Any]:
    """The inputs that get a gradient, each once."""
    return list(dict.fromkeys(x for _, x in node.edges()))


def _visits(node: Any, visits: int) -> list[tuple[Any, int]]:
    """Naive recursion visits every input as often as the node: once for every path from the loss."""
    return [(x, visits) for x in _inputs(node)]


def _recursive(loss: Any) -> tuple[dict[Any, Any], dict[Any, list[Any]]]:
    """The gradients of the recursion, and the gradient of each node at each visit.

    Its stack is a list, as Python's own is limited.
    """
    grads: dict[Any, Any] = {loss: seed(loss)}
    passed: dict[Any, list[Any]] = {}
    waiting: list[Iterator[Any]] = [iter([loss])]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        passed.setdefault(node, []).append(grads[node])
        with np.errstate(all="ignore"):
            for x, share in node.shares(grads[node]):
                grads[x] = grads.get(x, 0) + share
        waiting.append(iter(_inputs(node)))
    return grads, passed


def _blamed(passed: Mapping[Any, list[Any]], called: Mapping[Any, str]) -> defaultdict[Any, list[str]]:
    """For every node, in words, its users that were visited several times and passed their gradient on each time."""
    blamed = defaultdict(list)
    for user, seen in passed.items():
        for x in _inputs(user) if len(seen) > 1 else ():
            blamed[x].append(_visited(called[user], seen))
    return blamed


def _reason(right: Any, naive: Any, users: list[str]) -> str:
    """`right 4, naive 6, because b was visited twice, ...`; empty if both agree. `users` are sentences."""
    if naive is None or np.allclose(naive, right, equal_nan=True):
        return ""
    if np.size(right) == 1:
        start = f"right {_figures(right)}, naive {_figures(naive)}"
    else:
        start = f"wrong by up to {number(np.abs(naive - right).max())}"
    return f"{start}, because {' and '.join(users)}"


def _visited(name: str, seen: list[Any]) -> str:
    """A sentence on the visits of a node, and on the gradients that it passed on."""
    count = "twice" if len(seen) == 2 else f"{len(seen)} times"
    text = f"{name} was visited {count}, first with its gradient half-finished"
    if np.size(seen[0]) == 1 and len(seen) <= 4:
        text += f": it passed on {' + '.join(map(_figures, seen))} where {_figures(seen[-1])} was due"
    return text


def _figures(g: Any) -> str:
    return number(np.asarray(g).item())
