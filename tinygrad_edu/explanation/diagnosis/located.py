"""Where a gradient went wrong that no known mistake explains: in which numbers, and on which part of the way back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.evidence import Evidence
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.text.numbers import ordinal

MAX_PLACES = 4  # numbers, rows or columns that are listed
MAX_WRONG = 0.8  # the share of numbers: if more are wrong, those that are not are right by accident


def located(facts: GraphFacts, x: Variable, evidence: Evidence, right: Sequence[Variable]) -> list[str]:
    """Sentences on where `x` is wrong: its numbers, and the last gradient on the way to it that is right."""
    return [*_numbers(evidence, x.raw.shape), *_way(facts, x, right)]


def next_to_check(facts: GraphFacts, x: Variable) -> list[str]:
    """What to look at where only `x` was handed in: of the gradients on the way that have a name, that halfway."""
    tape = facts.tape
    named = [node for node in tape.grads if node.operation is not None and facts.names.find(node)]
    between = [node for node in named if node is not facts.tape.loss and x in set(Computation(node)) - {node}]
    if not between:
        return []
    between.sort(key=tape.place.__getitem__)
    half = facts.names.gradient(between[len(between) // 2])
    own = facts.names.gradient(x)
    return [
        f"Check {half} next, which lies on the way to {own}: the mistake is either before it or after it."
    ]


def _numbers(evidence: Evidence, shape: tuple[int, ...]) -> list[str]:
    """The wrong rows, columns or numbers, unless nearly all are wrong."""
    wrong = evidence.wrong.reshape(shape)
    if wrong.all() or not wrong.any():
        return []
    lines = {
        name: np.unique(np.nonzero(wrong)[axis])
        for axis, name in enumerate(("rows", "columns") if wrong.ndim == 2 else ())
        if len(np.unique(np.nonzero(wrong)[axis])) < shape[axis]
    }
    if lines:
        name, places = min(lines.items(), key=lambda item: len(item[1]))
        counted = " and ".join(_listed([ordinal(place + 1) for place in places.tolist()]).rsplit(", ", 1))
        which = name if len(places) > 1 else name.removesuffix("s")
        return [
            f"Wrong are only its {counted} {which} (index {_listed(places.tolist())}); all else is right."
        ]
    if np.mean(wrong) > MAX_WRONG:
        return []
    numbers = [index if len(index) > 1 else index[0] for index in np.argwhere(wrong).tolist()]
    return [f"Wrong are only its numbers at {_listed(numbers)}; the others are right."]


def _listed(places: Sequence[object]) -> str:
    shown = ", ".join(map(str, places[:MAX_PLACES]))
    return f"{shown} and {len(places) - MAX_PLACES} more" if len(places) > MAX_PLACES else shown


def _way(facts: GraphFacts, x: Variable, right: Sequence[Variable]) -> list[str]:
    """The nearest gradient before that of `x` on the way back that is right, or that a right one was made of."""
    tape = facts.tape
    before = {node: y for y in right for node in _made_of(facts, y) if node is not x}
    on_the_way = [node for node in before if node in tape.grads and x in set(Computation(node))]
    if not on_the_way:
        return []
    last = max(on_the_way, key=tape.place.__getitem__)
    y = before[last]
    right_one, own = facts.names.gradient(y), facts.names.gradient(x)
    (first, *more) = dict.fromkeys(node for node, _ in tape.uses(x))
    if not more and np.array_equal(tape.grads[first], tape.grads[last]):
        made = "made of it" if y is last else "made of the same gradient"
        return [f"{right_one} is right, and {own} is {made}: the mistake is in the line of {own} itself."]
    if y is last:
        return [f"{right_one} is right: the mistake is between {right_one} and {own}."]
    if facts.names.find(last):
        reached = facts.names.gradient(last)
        return [f"{right_one} is right, so {reached} is: the mistake is between {reached} and {own}."]
    return [f"{right_one} is right: the mistake is after the gradient from which {right_one} follows."]


def _made_of(facts: GraphFacts, y: Variable) -> list[Variable]:
    """An inner tensor itself; for a parameter the node whose gradient reaches it, if there is just one."""
    users = list(dict.fromkeys(node for node, _ in facts.tape.uses(y)))
    return [y] if y.operation is not None else users if len(users) == 1 else []
