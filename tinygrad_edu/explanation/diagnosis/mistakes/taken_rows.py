"""Gradients of what an index takes, as the rows of an embedding: put where they should be added, or in other rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Rule, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.index import take
from tinygrad_edu.reading.nodes import Array


class Put(NamedTuple):
    """A wrong way to put the gradients `g` to `places`, which are counted along all of `like`."""

    mistake: Mistake
    rule: Callable[[Array, Array, Array], Array]
    repeated: bool  # True if it shows only where an element was taken several times


def _kept(g: Array, places: Array, like: Array) -> Array:
    """The last gradient of each place alone."""
    sent = np.zeros(like.size)
    sent[places.ravel()] = g.ravel()
    return sent.reshape(like.shape)


def _added(g: Array, places: Array, like: Array) -> Array:
    return np.bincount(places.ravel(), g.ravel(), like.size).reshape(like.shape)


def _averaged(g: Array, places: Array, like: Array) -> Array:
    times = np.bincount(places.ravel(), minlength=like.size).reshape(like.shape)
    return _added(g, places, like) / np.maximum(times, 1)


def _first(g: Array, places: Array, like: Array) -> Array:
    return _kept(g.ravel()[::-1], places.ravel()[::-1], like)


def _in_order(g: Array, _places: Array, like: Array) -> Array:
    sent = np.zeros(like.size)
    sent[: g.size] = g.ravel()[: like.size]
    return sent.reshape(like.shape)


def _by_row(order: Callable[[Array], Array]) -> Callable[[Array, Array, Array], Array]:
    """The rows added at other numbers of rows than those that were taken, `order(numbers)`."""

    def rule(g: Array, places: Array, like: Array) -> Array:
        columns = like.shape[1]
        rows = order(places.reshape(-1, columns)[:, 0] // columns)
        sent = np.zeros(like.shape)
        np.add.at(sent, rows, g.reshape(-1, columns))
        return sent

    return rule


def _beside(by: int) -> Callable[[Array, Array, Array], Array]:
    return lambda g, places, like: np.roll(_added(g, places, like), by, axis=0)


def _past(by: int) -> Callable[[Array, Array, Array], Array]:
    """The same, with nothing going round from one end to the other."""

    def rule(g: Array, places: Array, like: Array) -> Array:
        sent = _beside(by)(g, places, like)
        sent[0 if by > 0 else -1] = 0
        return sent

    return rule


# fmt: off
_ADD = "np.add.at(d{x}, index, d{y})"
OVERWRITTEN = Mistake(
    "index-overwritten", 33, "the true gradient with only the last gradient of what was taken several times, at {at}",
    "d{x}[index] += d{y}, which adds once to each place", _ADD)
FIRST = replace(
    OVERWRITTEN, did=OVERWRITTEN.did.replace("last", "first"), wrote="")
AVERAGED = Mistake(
    "index-averaged", 33, "the true gradient divided by how often each element was taken, at {at}", "", _ADD)
BESIDE = Mistake("index-shifted", 33, "the true gradient with each row one too {far}, as by an index that is one off, "
                 "at {at}", "np.add.at(d{x}, index {by}, d{y})", _ADD)
IN_ORDER = Mistake(
    "index-left-out", 33, "the true gradient with its rows in the order in which they were taken, not at their "
    "index, at {at}", "d{x}[: len(index)] = d{y}", _ADD)
REORDERED = Mistake(
    "index-reordered", 33, "the true gradient with its rows put at the index {how}, at {at}",
    "np.add.at(d{x}, {code}, d{y})", _ADD)
ORDERS: list[tuple[str, str, Callable[[Array], Array]]] = [
    ("in sorted order", "np.sort(index)", np.sort),
    ("in reverse order", "index[::-1]", lambda rows: rows[::-1]),
    ("among the different numbers, not at the numbers", "np.unique(index, return_inverse=True)[1]",
     lambda rows: np.unique(rows, return_inverse=True)[1]),
]
TABLE = [
    Put(OVERWRITTEN, _kept, True),
    Put(FIRST, _first, True),
    Put(AVERAGED, _averaged, True),
    Put(IN_ORDER, _in_order, False),
    *(
        Put(replace(BESIDE, did=BESIDE.did.replace("{far}", far), wrote=BESIDE.wrote.replace("{by}", sign)), make(by),
            False)
        for by, far, sign in ((1, "far down", "+ 1"), (-1, "far up", "- 1")) for make in (_beside, _past)
    ),
    *(
        Put(replace(REORDERED, did=REORDERED.did.replace("{how}", how), wrote=REORDERED.wrote.replace("{code}", code)),
            _by_row(order), False)
        for how, code, order in ORDERS
    ),
]
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong way, at every index that takes rows or single elements by their numbers."""
    for node in facts.tape.nodes:
        if node in facts.tape.grads and node.operation is take and node.inputs[0] in facts.tape.grads:
            yield from _at(facts, node)


def _at(facts: GraphFacts, node: Variable) -> Iterator[Hypothesis]:
    x = node.inputs[0]
    places = np.arange(x.raw.size).reshape(x.raw.shape)
    taken = take.forward(places, *node.values()[1:], **node.settings)
    repeated = len(np.unique(taken)) < taken.size
    words = {
        "x": facts.names.letter(x, "x"),
        "y": facts.names.letter(node, "y"),
        "at": facts.names.node(node),
    }
    for put in TABLE:
        rows = _takes_rows(node) and not put.repeated
        if (put.repeated and repeated) or rows:
            yield Hypothesis(put.mistake, node, {x: instead(node, 0, _rule(put, taken))}, words)


def _takes_rows(node: Variable) -> bool:
    """True for rows of a matrix, taken by an array of their numbers."""
    x = node.inputs[0].raw
    return x.ndim == 2 and node.raw.ndim >= 2 and node.raw.shape[-1] == x.shape[1] and _is_by_array(node)


def _is_by_array(node: Variable) -> bool:
    return len(node.inputs) > 1 or isinstance(node.settings.get("index"), np.ndarray)


def _rule(put: Put, taken: Array) -> Rule:
    return lambda g, _y, x, *_values, **_settings: put.rule(g, taken, x)
