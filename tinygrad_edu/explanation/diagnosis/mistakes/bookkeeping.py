"""Mistakes of bookkeeping: a factor that comes in on the way, a path that is lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import (
    Correction,
    Grads,
    replaced,
    scaled,
)
from tinygrad_edu.explanation.diagnosis.gradient_names import gradient_of
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.constants import entering_constants
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_FACTOR,
    BY_PLACE,
    Hypothesis,
    Mistake,
    in_words,
)
from tinygrad_edu.reading.nodes import Array

LOST = Mistake(
    "path-lost",
    33,
    "the true gradient with a path left out: {x} {reaches} the loss by {paths} paths, "
    "and {that} through {at} {is} missing",
    fix="{dx} as the sum over all uses of {each}",
    rank=BY_PLACE,
)
TWICE = Mistake(
    "path-twice",
    34,
    "the true gradient with the {path} from {x} through {at} counted twice",
    fix="{dx} as the sum over all uses of {each}, each once",
    rank=BY_PLACE,
)
NAIVE = Mistake(
    "naive-recursion",
    34,
    "what recursion without an order gives: a tensor used more than once hands on its unfinished gradient again",
    fix="a gradient handed on only when it is complete: newest first",
    rank=BY_FACTOR,
)
MAX_VISITS = 2000  # of the naive recursion


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Factors at every place between layers, and every path of a tensor with several uses."""
    yield from _factors(facts)
    yield from _again_at_every_layer(facts)
    yield from _paths(facts)


def _factors(facts: GraphFacts) -> Iterator[Hypothesis]:
    for x in facts.inner:
        for constant in entering_constants(facts):
            words = {"x": facts.names.letter(x, "x"), "at": facts.names.node(x), **constant.words}
            yield Hypothesis(constant.at_a_place, x, {x: scaled(constant.value)}, words)


def _again_at_every_layer(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The hypotheses of a constant that comes in again at each layer on the way back, or at each activation."""
    inputs = [layer.x for layer in facts.layers if layer.x in facts.tape.grads]
    hidden = [site.z for site in facts.hidden]
    for constant in entering_constants(facts):
        for places in (inputs, hidden):
            if len(places) > 1:
                words = {"at": " and ".join(map(facts.names.node, places)), "x": "", **constant.words}
                wrong: dict[Variable, Correction] = {x: scaled(constant.value) for x in places}
                yield Hypothesis(constant.at_a_place, places[0], wrong, words)


def _paths(facts: GraphFacts) -> Iterator[Hypothesis]:
    paths = {x: list(dict.fromkeys(node for node, _ in facts.tape.uses(x))) for x in facts.tape.grads}
    several = {x: through for x, through in paths.items() if len(through) > 1}
    for x, through in several.items():
        for node in through:
            if not facts.is_penalty(x, node):
                yield from _either(facts, several, {x: node})
    again = {x: [n for n in through if not facts.is_penalty(x, n)] for x, through in several.items()}
    leaves = [x for x in several if x.operation is None and len(again[x]) > 1]
    alike = [x for x in leaves if len(again[x]) == len(again[leaves[0]])]
    for i in range(len(again[alike[0]]) if len(alike) > 1 else 0):  # weights and bias of a layer used again
        yield from _either(facts, several, {x: again[x][i] for x in alike})
    if any(x.operation is not None for x in several):
        yield Hypothesis(NAIVE, facts.tape.loss, _naive(facts), {})


def _either(
    facts: GraphFacts, paths: Mapping[Variable, list[Variable]], through: Mapping[Variable, Variable]
) -> Iterator[Hypothesis]:
    """The hypotheses of paths lost or counted twice: of each tensor through one of its users, or through all others."""
    chosen = {x: [node] for x, node in through.items()}
    others = {x: [user for user in paths[x] if user is not node] for x, node in through.items()}
    for nodes in (chosen, others) if any(len(users) > 1 for users in others.values()) else (chosen,):
        yield from (_path(facts, mistake, nodes) for mistake in (LOST, TWICE))


def _path(facts: GraphFacts, mistake: Mistake, chosen: Mapping[Variable, list[Variable]]) -> Hypothesis:
    """The hypothesis that the paths from each tensor through these of its users are lost, or counted twice."""
    (x, nodes), *_ = chosen.items()
    letters = [facts.names.letter(x, "x") for x in chosen]
    several = len(nodes) > 1
    words = {
        "x": in_words(letters),
        "dx": in_words(map(gradient_of, letters)),
        "each": letters[0] if len(chosen) == 1 else "each",
        "reaches": "reaches" if len(chosen) == 1 else "reach",
        "that": "those" if several else "that",
        "is": "are" if several else "is",
        "path": "paths" if several else "path",
        "at": in_words(map(facts.names.node, nodes)),
        "paths": str(len({user for user, _ in facts.tape.uses(x)})),
    }
    sign = -1 if mistake is LOST else 1
    wrong = {x: _weighed(facts, x, nodes, sign) for x, nodes in chosen.items()}
    return Hypothesis(mistake, nodes[0], wrong, words)


def _weighed(facts: GraphFacts, x: Variable, nodes: list[Variable], sign: int) -> Correction:
    """A correction that adds `sign` times the gradient through these users."""
    ways = [(node, i) for node in nodes for i in facts.tape.positions(x, node)]
    return lambda grads, g: g + sign * sum(node.share(i, grads[node]) for node, i in ways)


def _naive(facts: GraphFacts) -> dict[Variable, Correction]:
    """Gradients of the leaves if each tensor hands on its gradient so far at every visit.

    After visits v1, v2 ... the gradient of a tensor is their sum, but v1 is handed on as many times as there are
    visits, v2 once less, and so on. Visits come depth first, inputs in order.
    """
    held: Grads = {}
    waiting: list[tuple[Variable, Array]] = [(facts.tape.loss, facts.tape.grads[facts.tape.loss])]
    visits = 0
    while waiting and visits < MAX_VISITS:
        node, sent = waiting.pop()
        visits += 1
        held[node] = held[node] + sent if node in held else sent
        waiting += reversed(node.shares(held[node]))
    return {x: replaced(t) for x, t in held.items() if x.operation is None} if visits < MAX_VISITS else {}
