"""A penalty on the weights, wrong in the gradient: lost, halved, averaged, of the other norm, on a bias."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, plus
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.families import DECAY
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.reading.nodes import Array


class Penalty(NamedTuple):
    """The penalty on a parameter: its gradient is `c * term`."""

    x: Variable
    c: float
    term: Array  # w or sign(w)


class Wrong(NamedTuple):
    """What is wrong with a penalty whose gradient is `c w` (or `c sign(w)`), and what stands in place of it."""

    what: str
    text: str  # as the student wrote it
    of: Callable[[Penalty, int], Array]  # of the penalty and N


# fmt: off
ALWAYS = [
    Wrong("the penalty lost", "", lambda p, n: 0 * p.term),
    Wrong("the sign of the penalty lost", "-{size} * {term}", lambda p, n: -p.c * p.term),
]
COUNTED = [
    Wrong("the penalty divided by N = {n} once too often", "{size} / {n} * {term}", lambda p, n: p.c / n * p.term),
    Wrong("the 1/N of the penalty lost", "{n} * {size} * {term}", lambda p, n: n * p.c * p.term),
]
OF_SQUARES = [
    Wrong("the penalty's 2 lost, which leaves half of it", "{half} * {term}", lambda p, n: p.c / 2 * p.term),
    Wrong("a stray 2 at the penalty", "{double} * {term}", lambda p, n: 2 * p.c * p.term),
    Wrong("the penalty of absolute values in place of that of squares", "{size} * sign({w})",
          lambda p, n: p.c * np.sign(p.term)),
    Wrong("the penalty of absolute values in place of that of squares", "{half} * sign({w})",
          lambda p, n: p.c / 2 * np.sign(p.term)),
]
OF_ABSOLUTE_VALUES = [
    Wrong("the penalty of squares in place of that of absolute values", "{size} * {w}", lambda p, n: p.c * p.x.raw),
    Wrong("the penalty of squares in place of that of absolute values", "{double} * {w}",
          lambda p, n: 2 * p.c * p.x.raw),
    Wrong("the sign of {w} lost in the penalty", "{size}", lambda p, n: p.c * np.abs(p.term)),
]
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong penalty, on all parameters that have one and on each alone; and the penalty on the biases too."""
    found = [
        Penalty(x, float(np.vdot(facts.penalty(x), x.raw) / np.vdot(x.raw, x.raw)), x.raw)
        for x in facts.tape.leaves
        if facts.penalty(x).any()
    ]
    absolute = [p for x in facts.tape.leaves if (p := _absolute(facts, x))]
    for of_all, rows in ((found, OF_SQUARES), (absolute, OF_ABSOLUTE_VALUES)):
        for wrong in [*ALWAYS, *rows, *(COUNTED if facts.count > 1 else [])]:
            for chosen in [of_all, *([p] for p in of_all if len(of_all) > 1)] if of_all else ():
                yield _hypothesis(facts, wrong, chosen, len(chosen) == len(of_all))
    yield from _on_biases(facts, found)


def _absolute(facts: GraphFacts, x: Variable) -> Penalty | None:
    """The penalty of absolute values on `x`, if there is one."""
    signs = np.sign(x.raw)
    for node in dict.fromkeys(node for node, _ in facts.tape.uses(x)) if x.raw.size > 1 else ():
        c = float(np.mean(facts.tape.sent(x, node) * signs))
        if c and np.allclose(facts.tape.sent(x, node), c * signs, rtol=1e-9):
            return Penalty(x, c, signs)
    return None


def _hypothesis(facts: GraphFacts, wrong: Wrong, chosen: list[Penalty], everywhere: bool) -> Hypothesis:
    first = chosen[0]
    name = facts.names.letter(first.x, "W")
    term = f"sign({name})" if first.term is not first.x.raw else name
    text = f"d{{w}} += {wrong.text}" if wrong.text else ""
    mistake = Mistake(
        DECAY.id,
        DECAY.number,
        f"the true gradient with {wrong.what}" + ("" if everywhere else ", on {w} only"),
        text,
        "d{w} += {size} * {term}",
    )
    sizes = {"size": first.c, "half": first.c / 2, "double": 2 * first.c}
    words = {"w": name, "term": term, "n": str(facts.count), **{k: f"{v:.4g}" for k, v in sizes.items()}}
    corrections: dict[Variable, Correction] = {
        p.x: plus(wrong.of(p, facts.count) - p.c * p.term) for p in chosen
    }
    return Hypothesis(mistake, first.x, corrections, words)


ON_BIAS = Mistake(DECAY.id, DECAY.number, "the true gradient with the penalty on the biases as well",
                  "d{w} += {size} * {w}", "d{w} without the penalty")  # fmt: skip


def _on_biases(facts: GraphFacts, found: list[Penalty]) -> Iterator[Hypothesis]:
    free = [x for x in facts.tape.leaves if x.raw.size and not facts.penalty(x).any()]
    for c in dict.fromkeys(round(p.c, 12) for p in found) if free else ():
        for size in (c, c / 2):
            words = {"w": facts.names.letter(free[0], "b"), "size": f"{size:.4g}"}
            wrong: dict[Variable, Correction] = {x: plus(size * x.raw) for x in free}
            yield Hypothesis(ON_BIAS, free[0], wrong, words)
