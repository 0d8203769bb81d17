"""A penalty on the weights, wrong in the gradient: lost, halved, averaged, of the other norm, on a bias."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, plus, replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.families import DECAY
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake, in_words
from tinygrad_edu.reading.nodes import Array


class Penalty(NamedTuple):
    """The penalty on a parameter: its gradient is `c * term`."""

    x: Variable
    c: float
    term: Array  # w or sign(w), and 0 where the penalty spares a number
    written: str  # the term in a line

    @property
    def spares(self) -> bool:
        """True if there is no penalty on some of the numbers."""
        return bool((self.term == 0).any())


class Wrong(NamedTuple):
    """What is wrong with a penalty whose gradient is `c w` (or `c sign(w)`), and what stands in place of it."""

    what: str
    text: str  # as the student wrote it
    of: Callable[[Penalty, int], Array]  # of the penalty and N
    alone: bool = False  # True if it is all there is: the gradient of the rest of the loss is missing


# fmt: off
ALWAYS = [
    Wrong("the penalty lost", "", lambda p, n: 0 * p.term),
    Wrong("the sign of the penalty lost", "-{size} * {term}", lambda p, n: -p.c * p.term),
    Wrong("the penalty alone, without the rest of the loss", "{size} * {term}", lambda p, n: p.c * p.term, alone=True),
    Wrong("the penalty alone and without its factor", "{term}", lambda p, n: p.term, alone=True),
]
OF_SOME = [  # of the numbers, as of all but the biases in a matrix of weights
    Wrong("the penalty also where the loss has none", "{size} * {each}", lambda p, n: p.c * p.x.raw),
    Wrong("a penalty with ones where the loss has none", "{size} * {term}, and a 1 where the loss has none",
          lambda p, n: p.c * np.where(p.term == 0, 1.0, p.term)),
]
COUNTED = [
    Wrong("the penalty divided by N = {n} once too often", "{size} / {n} * {term}", lambda p, n: p.c / n * p.term),
    Wrong("the 1/N of the penalty lost", "{n} * {size} * {term}", lambda p, n: n * p.c * p.term),
]
OF_SQUARES = [
    Wrong("the penalty's 2 lost, which leaves half of it", "{half} * {term}", lambda p, n: p.c / 2 * p.term),
    Wrong("the square of {each} in place of its derivative in the penalty", "{size} * {each} ** 2",
          lambda p, n: p.c * p.x.raw**2),
    Wrong("the square of {each} in place of its derivative in the penalty", "{half} * {each} ** 2",
          lambda p, n: p.c / 2 * p.x.raw**2),
    Wrong("a stray 2 at the penalty", "{double} * {term}", lambda p, n: 2 * p.c * p.term),
    Wrong("the penalty of absolute values in place of that of squares", "{size} * sign({each})",
          lambda p, n: p.c * np.sign(p.term)),
    Wrong("the penalty of absolute values in place of that of squares", "{half} * sign({each})",
          lambda p, n: p.c / 2 * np.sign(p.term)),
]
OF_ABSOLUTE_VALUES = [
    Wrong("the penalty of squares in place of that of absolute values", "{size} * {each}", lambda p, n: p.c * p.x.raw),
    Wrong("the penalty of squares in place of that of absolute values", "{double} * {each}",
          lambda p, n: 2 * p.c * p.x.raw),
    Wrong("the sign of {each} lost in the penalty", "{size}", lambda p, n: p.c * np.abs(p.term)),
]
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong penalty, on all parameters that have one and on some; and the penalty on the biases too."""
    found = [_of_squares(facts, x) for x in facts.tape.leaves if facts.penalty(x).any()]
    absolute = [p for x in facts.tape.leaves if (p := _absolute(facts, x))]
    for of_all, rows in ((found, OF_SQUARES), (absolute, OF_ABSOLUTE_VALUES)):
        counted = COUNTED if facts.count > 1 else []
        for wrong in [*ALWAYS, *rows, *counted, *(OF_SOME if any(p.spares for p in of_all) else [])]:
            for chosen in _chosen(facts, of_all):
                yield _hypothesis(facts, wrong, chosen, len(chosen) == len(of_all))
    yield from _on_biases(facts, found)
    yield from _of_others(facts, found)


def _chosen(facts: GraphFacts, of_all: list[Penalty]) -> list[list[Penalty]]:
    """All penalties, those on weights, those on biases, and each alone."""
    added = {site.parameter for site in facts.broadcasts}
    kinds = [[p for p in of_all if (p.x in added) == on_biases] for on_biases in (False, True)]
    some = [kind for kind in kinds if 1 < len(kind) < len(of_all)] + [[p] for p in of_all if len(of_all) > 1]
    return [of_all, *some] if of_all else []


def _of_squares(facts: GraphFacts, x: Variable) -> Penalty:
    """The penalty of squares on `x`."""
    part = facts.penalty(x)
    term = x.raw * (part != 0)
    return Penalty(x, float(np.vdot(part, term) / np.vdot(term, term)), term, "{each}")


def _absolute(facts: GraphFacts, x: Variable) -> Penalty | None:
    """The penalty of absolute values on `x`, if there is one."""
    signs = np.sign(x.raw)
    for node in dict.fromkeys(node for node, _ in facts.tape.uses(x)) if x.raw.size > 1 else ():
        c = float(np.mean(facts.tape.sent(x, node) * signs))
        if c and np.allclose(facts.tape.sent(x, node), c * signs, rtol=1e-9):
            return Penalty(x, c, signs, "sign({each})")
    return None


def _hypothesis(facts: GraphFacts, wrong: Wrong, chosen: list[Penalty], everywhere: bool) -> Hypothesis:
    first, n = chosen[0], facts.count
    sign = "=" if wrong.alone else "+="
    right = "d{each} += {size} * {term}" + (", where the loss has it" if first.spares else "")
    did = wrong.what if wrong.alone else f"the true gradient with {wrong.what}"
    mistake = Mistake(
        DECAY.id,
        DECAY.number,
        did + ("" if everywhere else ", on {only} only"),
        f"d{{each}} {sign} {wrong.text}".replace("{term}", first.written) if wrong.text else "",
        right.replace("{term}", first.written),
    )
    sizes = {"size": first.c, "half": first.c / 2, "double": 2 * first.c}
    only = in_words(facts.names.letter(p.x, "W") for p in chosen)
    words = {"each": facts.names.letter(first.x, "W"), "n": str(n), "only": only}
    corrections: dict[Variable, Correction] = {
        p.x: replaced(wrong.of(p, n)) if wrong.alone else plus(wrong.of(p, n) - p.c * p.term) for p in chosen
    }
    return Hypothesis(mistake, first.x, corrections, words | {k: f"{v:.4g}" for k, v in sizes.items()})


ON_BIAS = Mistake(DECAY.id, DECAY.number, "the true gradient with the penalty on the biases as well",
                  "d{w} += {size} * {w}", "d{w} without the penalty")  # fmt: skip


def _on_biases(facts: GraphFacts, found: list[Penalty]) -> Iterator[Hypothesis]:
    free = [x for x in facts.tape.leaves if x.raw.size and not facts.penalty(x).any()]
    for c in dict.fromkeys(round(p.c, 12) for p in found) if free else ():
        for size in (c, c / 2):
            words = {"w": facts.names.letter(free[0], "b"), "size": f"{size:.4g}"}
            wrong: dict[Variable, Correction] = {x: plus(size * x.raw) for x in free}
            yield Hypothesis(ON_BIAS, free[0], wrong, words)


OF_ANOTHER = Mistake(DECAY.id, DECAY.number, "the true gradient with the penalty of {w} in place of that of {each}",
                     "d{each} += {size} * {w}", "d{each} += {size} * {each}")  # fmt: skip


def _of_others(facts: GraphFacts, found: list[Penalty]) -> Iterator[Hypothesis]:
    """The penalty of one parameter in the gradient of another of the same shape, or of this shape transposed."""
    for p in found:
        for w in facts.tape.leaves:
            turned = w.raw.shape != p.x.raw.shape
            if w is not p.x and p.x.raw.shape in (w.raw.shape, w.raw.shape[::-1]):
                own, name = facts.names.letter(p.x, "W"), facts.names.letter(w, "W") + ".T" * turned
                term = p.c * (w.raw.T if turned else w.raw)
                words = {"each": own, "w": name, "size": f"{p.c:.4g}"}
                yield Hypothesis(OF_ANOTHER, p.x, {p.x: plus(term - p.c * p.term)}, words)
