"""`compare_orders`: the recursion that people write first, beside the topological order. Why results come first."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.backward import accumulate, newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.scalar import Value
from tinygrad_edu.text.numbers import number

LIMIT = 100_000  # visits


class Row(NamedTuple):
    """One tensor or Value: its gradient in the right order and by naive recursion, and how often that came by."""

    name: str
    tensor: Any
    right: Any
    naive: Any  # None if the recursion was not run
    visits: int
    reason: str  # empty where both agree


class Orders:
    """Both gradients of everything behind a loss. Printed, it is a sentence for each that is wrong.

    `rows` starts with the loss; `wrong` are those where the recursion errs, `visits` counts all its visits and
    `nodes` those of the topological order.
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
        told = [f"{row.name}: {row.reason}" for row in self.wrong]
        return (
            "\n".join(told or ["both orders agree: nothing computed is used in more than one place"])
            + f"\n({count})"
        )


def compare_orders(loss: Any, names: Mapping[str, Any] | None = None, *, limit: int = LIMIT) -> Orders:
    """Gradients by naive recursion beside the right ones, for a Tensor or a Value of one number.

    Naive: a node adds to the gradients of its inputs and then visits each of them, whether or not other results that
    use it have been visited. So a node that is used twice is passed on half-finished, and then once more. It comes by
    once for every path; with more than `limit` visits it is not run. `names` are the caller's variables unless given.
    Raises `TypeError` for anything but a Tensor or Value, `ValueError` for more than one number.
    """
    if not isinstance(loss, Variable | Value):
        raise TypeError(f"compare_orders needs a Tensor or a Value, got {type(loss).__name__} {short(loss)}")
    if isinstance(loss, Variable) and loss.raw.size != 1:
        raise ValueError(
            f"compare_orders needs a single number, got shape {loss.raw.shape}; take its sum or mean"
        )
    order = _order(loss)
    visits = _paths(order)
    finished = sum(visits.values()) <= limit
    called = _names(order, sys._getframe(1).f_locals if names is None else names)
    right, (naive, passed) = (
        accumulate(order, {loss: _one(loss)}, _shares),
        _recursive(loss) if finished else ({}, {}),
    )
    blamed: dict[Any, list[str]] = {x: [] for x in order}
    for user, seen in passed.items():
        for x in _inputs(user) if len(seen) > 1 else ():
            blamed[x].append(_told(called[user], seen))
    rows = [
        Row(called[x], x, right[x], naive.get(x), visits[x], _reason(right[x], naive.get(x), blamed[x]))
        for x in order
    ]
    return Orders(rows, finished)


def _order(loss: Any) -> list[Any]:
    """Everything computed, results first, then the leaves."""
    computed = newest_first(loss)
    nodes: dict[Any, None] = dict.fromkeys([loss, *computed])
    nodes.update(dict.fromkeys(x for node in computed for x in _inputs(node)))
    return list(nodes)


def _inputs(node: Any) -> list[Any]:
    """The inputs that get a gradient, each once."""
    return list(dict.fromkeys(x for _, x in node.edges()))


def _shares(node: Any, g: Any) -> list[tuple[Any, Any]]:
    with np.errstate(all="ignore"):
        return node.shares(g)


def _one(loss: Any) -> Any:
    return np.ones_like(loss.raw) if isinstance(loss, Variable) else np.float64(1)


def _paths(order: list[Any]) -> dict[Any, int]:
    """How many paths lead from the loss to each: that often naive recursion comes by."""
    paths = dict.fromkeys(order, 0)
    paths[order[0]] = 1
    for node in order:
        for x in _inputs(node):
            paths[x] += paths[node]
    return paths


def _recursive(loss: Any) -> tuple[dict[Any, Any], dict[Any, list[Any]]]:
    """The gradients of the plain recursion (kept on a list here, as Python's is limited), and what each visit saw."""
    grads: dict[Any, Any] = {loss: _one(loss)}
    passed: dict[Any, list[Any]] = {}
    waiting: list[Iterator[Any]] = [iter([loss])]
    while waiting:
        node = next(waiting[-1], None)
        if node is None:
            waiting.pop()
            continue
        passed.setdefault(node, []).append(grads[node])
        for x, share in _shares(node, grads[node]):
            grads[x] = grads.get(x, 0) + share
        waiting.append(iter(_inputs(node)))
    return grads, passed


def _reason(right: Any, naive: Any, users: list[str]) -> str:
    """`right 4, naive 6, because b was visited twice, ...`; empty if both agree. `users` tells of those who did it."""
    if naive is None or np.allclose(naive, right, equal_nan=True):
        return ""
    if np.size(right) == 1:
        start = f"right {_figures(right)}, naive {_figures(naive)}"
    else:
        start = f"wrong by up to {number(np.abs(naive - right).max())}"
    return f"{start}, because {' and '.join(users)}"


def _told(name: str, seen: list[Any]) -> str:
    """How often a node was visited, and what it passed on each time."""
    count = "twice" if len(seen) == 2 else f"{len(seen)} times"
    text = f"{name} was visited {count}, first with its gradient half-finished"
    if np.size(seen[0]) == 1 and len(seen) <= 4:
        text += f": it passed on {' + '.join(map(_figures, seen))} where {_figures(seen[-1])} was due"
    return text


def _figures(g: Any) -> str:
    return number(np.asarray(g).item())


def _names(things: list[Any], given: Mapping[str, Any]) -> dict[Any, str]:
    """Their own names, or those of the caller's variables, or v0, v1 and so on; none twice."""
    variables = {id(x): name for name, x in reversed(list(given.items())) if not name.startswith("_")}
    found: dict[Any, str] = {}
    taken: set[str] = set()
    for x in things:
        name = getattr(x, "name", None) or getattr(x, "label", None) or variables.get(id(x))
        if name and name not in taken:
            found[x] = name
            taken.add(name)
    spare = (f"v{i}" for i in range(2 * len(things)) if f"v{i}" not in taken)
    return {x: found[x] if x in found else next(spare) for x in things}
