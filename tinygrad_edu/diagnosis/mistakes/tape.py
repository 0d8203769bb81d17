"""Mistakes of bookkeeping: a factor that came in on the way, a path that was lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterator

from tinygrad_edu.diagnosis.mistakes.constants import entering
from tinygrad_edu.diagnosis.mistakes.row import Hypothesis, Mistake
from tinygrad_edu.diagnosis.replay import Array, Correction, Grads, replaced, scaled, share
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.graph import Variable

LOST = Mistake(
    "path-lost",
    33,
    "the true gradient with one path left out: {x} reaches the loss by {paths} paths, and that through {at} is missing",
    "d{x} = ... (overwritten)",
    "d{x} += ..., once for every use of {x}",
    general=True,
)
TWICE = Mistake(
    "path-twice",
    34,
    "the true gradient with the path from {x} through {at} counted twice",
    "d{x} += ... twice",
    "d{x} += ..., once for every use of {x}",
    general=True,
)
NAIVE = Mistake(
    "naive-recursion",
    34,
    "what recursion without an order gives: a tensor used more than once hands on its unfinished gradient again",
    "backward(x) at every use of x",
    "hand a gradient on only when it is complete: newest first",
)


def hypotheses(scene: Scene) -> Iterator[Hypothesis]:
    """Factors at every place between layers, and every path of what is used more than once."""
    yield from _factors(scene)
    yield from _again_at_every_layer(scene)
    yield from _paths(scene)


def _factors(scene: Scene) -> Iterator[Hypothesis]:
    for x in scene.inner:
        for constant in entering(scene):
            words = {"x": scene.names.letter(x, "x"), "at": scene.names.node(x), **constant.words}
            yield Hypothesis(constant.at_a_place, x, {x: scaled(constant.value)}, words)


def _again_at_every_layer(scene: Scene) -> Iterator[Hypothesis]:
    """1/N once more at each layer on the way back."""
    places = [layer.x for layer in scene.layers if layer.x in scene.tape.grads]
    for constant in entering(scene):
        if len(places) > 1 and constant.value not in (1, -1):
            words = {"at": " and ".join(map(scene.names.node, places)), "x": "", **constant.words}
            wrong: dict[Variable, Correction] = {x: scaled(constant.value) for x in places}
            yield Hypothesis(constant.at_a_place, places[0], wrong, words)


def _paths(scene: Scene) -> Iterator[Hypothesis]:
    shared = False
    for x in scene.tape.grads:
        uses = scene.tape.uses(x)
        through = list(dict.fromkeys(node for node, _ in uses))
        shared = shared or (len(through) > 1 and x.operation is not None)
        for node in through if len(through) > 1 else ():
            positions = [i for other, i in uses if other is node]
            for mistake, sign in ((LOST, -1), (TWICE, 1)):
                words = {
                    "x": scene.names.letter(x, "x"),
                    "at": scene.names.node(node),
                    "paths": str(len(through)),
                }
                yield Hypothesis(mistake, node, {x: _weighed(node, positions, sign)}, words)
    if shared:
        yield Hypothesis(NAIVE, scene.tape.loss, _naive(scene), {})


def _weighed(node: Variable, positions: list[int], sign: int) -> Correction:
    return lambda grads, g: g + sign * sum(share(node, i, grads[node]) for i in positions)


def _naive(scene: Scene) -> dict[Variable, Correction]:
    """What each tensor hands on in all, if it does so at every visit with what has come so far.

    After visits v1, v2 ... its own gradient is their sum, but v1 is handed on as many times as there are visits,
    v2 once less, and so on. Visits come depth first, inputs in order.
    """
    totals: Grads = {}
    held: Grads = {}
    waiting: list[tuple[Variable, Array]] = [(scene.tape.loss, scene.tape.grads[scene.tape.loss])]
    visits = 0
    while waiting and visits < MOST_VISITS:
        node, sent = waiting.pop()
        visits += 1
        held[node] = held[node] + sent if node in held else sent
        totals[node] = held[node]
        if node.operation is not None:
            edges = scene.tape.edges[scene.tape.place[node]]
            waiting += [(x, share(node, i, held[node])) for i, x in reversed(edges)]
    return {x: replaced(t) for x, t in totals.items() if x.operation is None} if visits < MOST_VISITS else {}


MOST_VISITS = 2000
