"""Wrong gradients of a Huber loss, whose error is clipped: not clipped, its sign alone, clipped elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.ops.elementwise import subtract
from tinygrad_edu.reading.nodes import Array


class Clipped(NamedTuple):
    """How the gradient of an error `r` is clipped: it is `c * clip(r, -end, end)`."""

    c: float
    end: float


class Wrong(NamedTuple):
    """What stands in place of the clipped error."""

    what: str
    text: str
    of: Callable[[Array, float], Array]  # of the error and where it is clipped


# fmt: off
TABLE = [
    Wrong("the error not clipped, as of its square,", "{r}", lambda r, end: r),
    Wrong("twice the error, not clipped, as of its square,", "2 * {r}", lambda r, end: 2 * r),
    Wrong("the sign of the error for small errors too, as of absolute errors,", "{end} * sign({r})",
          lambda r, end: end * np.sign(r)),
    Wrong("the sign of the error in place of {end} times it where the error is large", "where(abs({r}) < {end}, {r}, "
          "sign({r}))", lambda r, end: np.where(np.abs(r) < end, r, np.sign(r))),
    Wrong("no gradient where the error is large", "where(abs({r}) < {end}, {r}, 0)",
          lambda r, end: np.where(np.abs(r) < end, r, 0)),
]
# fmt: on


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong gradient, at every error that is clipped."""
    for node in facts.tape.nodes:
        if node.operation is subtract and node in facts.tape.grads and (found := _clipped(facts, node)):
            r = facts.names.letter(node, "error")
            words = {"r": r, "end": f"{found.end:.4g}", "at": facts.names.node(node)}
            for wrong in TABLE:
                mistake = Mistake(
                    "gradient-of-another-loss",
                    26,
                    f"the true gradient with {wrong.what} at {{at}}",
                    f"d{{r}} = c * {wrong.text}",
                    "d{r} = c * clip({r}, -{end}, {end})",
                )
                array = found.c * wrong.of(node.raw, found.end)
                yield Hypothesis(mistake, node, {node: replaced(array)}, words)


def _clipped(facts: GraphFacts, r: Variable) -> Clipped | None:
    """How the gradient of `r` is clipped, by its numbers; None unless some are clipped and some are not."""
    g, size = facts.tape.grads[r], np.abs(r.raw)
    end_of_g = np.abs(g).max(initial=0)
    inside = np.abs(g) < end_of_g * (1 - 1e-9)
    if not end_of_g or not (inside & (size > 0)).any() or np.count_nonzero(~inside) < 2:
        return None
    c = float(np.median((g / np.where(size > 0, r.raw, 1))[inside & (size > 0)]))
    clipped = Clipped(c, float(end_of_g / abs(c))) if c else None
    if clipped and np.allclose(
        g, c * np.clip(r.raw, -clipped.end, clipped.end), rtol=1e-9, atol=1e-12 * end_of_g
    ):
        return clipped
    return None
