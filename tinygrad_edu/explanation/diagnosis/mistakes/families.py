"""Families of mistakes with a parameter that only the submission tells: a learning rate, a decay, an eps."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, plus, scaled
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import Head
from tinygrad_edu.explanation.diagnosis.mistakes.clipping import BY_VALUE, clipped
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import laid_out, updated, words
from tinygrad_edu.explanation.diagnosis.mistakes.loss_mistakes import with_delta, with_eps
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_FACTOR,
    LEARNING_RATE,
    Hypothesis,
    Mistake,
    composed,
)
from tinygrad_edu.reading.nodes import Array

NEW_WEIGHTS = Mistake(
    "updated-weights-handed-in", LEARNING_RATE,
    "the new weights, {each} - lr * d{each} with lr = {t}, not the gradient", "{each} - lr * d{each}", "d{each}",
)  # fmt: skip
DECAY = Mistake(
    "regularisation", 30,
    "the true gradient {plus} {size} times {each}: a penalty is missing, added, or of another size",
    "d{each} {sign} {size} * {each}", "d{each}, with the penalty exactly as in the loss",
)  # fmt: skip
SCALED = Mistake(
    "learning-rate", LEARNING_RATE, "{t} times the true gradient, as if by a learning rate",
    "{t} * d{each}", "d{each}",
)  # fmt: skip
SCALED_ALONE = Mistake(
    "stray-factor", 29, "{t} times the true gradient in d{each} only: a stray factor",
    "{t} * d{each}", "d{each}", rank=BY_FACTOR,
)  # fmt: skip
MOMENTUM = Mistake(
    "momentum-step",
    LEARNING_RATE,
    "{t} times {v} plus the true gradient: the step of a momentum, not the gradient",
    "{t} * {v} + d{each}",
    "d{each}",
)
AVERAGED_MOMENTUM = replace(
    MOMENTUM,
    did="{t} times {v} plus 1 - {t} times the true gradient: the step of a momentum, not the gradient",
    wrote="{t} * {v} + (1 - {t}) * d{each}",
)
UPDATED = Mistake(
    "updated-weights",
    19,
    "the true gradient with {w} already updated (lr = {lr}) on the way back, at {at}",
    "{w} -= lr * d{w} before d{x} = d{z} @ {w}.T",
    "d{x} = d{z} @ {w}.T",
)
EPS = Mistake(
    "eps-in-the-logarithm",
    36,
    "the gradient of a loss with log(p + eps), eps = {eps}, at {at}",
    "log({p} + {eps})",
    "log({p}), kept from 0 by clipping or by working on the scores",
)
PREVIOUS = Mistake(
    "accumulated",
    34,
    "the true gradient plus {v}: it was added to an earlier one",
    "d{w} + {v}",
    "d{w}; zero it first",
)


@dataclass(frozen=True, eq=False)
class Family:
    """A hypothesis for every value of one parameter; `sensible` is True for values that somebody may have meant."""

    mistake: Mistake
    node: Variable
    wrong: Callable[[float], dict[Variable, Correction]]
    starts: tuple[float, ...]
    sensible: Callable[[float], bool]
    words: Mapping[str, str] = field(default_factory=dict)
    parameter: str = "t"
    logarithmic: bool = False
    polynomial: bool = True  # True if the gradients are polynomials in it, determined by the starts

    @property
    def linear(self) -> bool:
        """True if the gradients change in proportion to the parameter."""
        return self.polynomial and len(self.starts) == 2

    def rounded(self, t: float, digits: int) -> float:
        """`t` to so many significant digits; if it is a logarithm, its number is rounded."""
        return math.log10(rounded(10.0**t, digits)) if self.logarithmic else rounded(t, digits)

    def known(self, t: float, error: float) -> bool:
        """True if a parameter found to within this error is more than a guess."""
        return error < 0.3 if self.logarithmic else 3 * error < abs(t)

    def after(self, first: Hypothesis | None) -> Family:
        """The same family, in a computation in which a mistake was made already."""
        if first is None:
            return self
        return replace(self, wrong=lambda t: composed(first.wrong, self.wrong(t)))

    def member(self, t: float) -> Hypothesis:
        """The hypothesis for one value."""
        value = 10.0**t if self.logarithmic else t
        plus, sign = ("minus", "-") if value < 0 else ("plus", "+")
        signed = {self.parameter: f"{value:.3g}", "plus": plus, "sign": sign, "size": f"{abs(value):.3g}"}
        return Hypothesis(self.mistake, self.node, self.wrong(value), {**self.words, **signed})


def families(facts: GraphFacts) -> Iterator[Family]:
    """Every family that this graph allows."""
    yield from _of_parameters(facts)
    yield from _of_momentum(facts)
    yield from _updated(facts)
    for head in facts.heads:
        if head.kind != "squared":
            yield _eps(facts, head)


CLIPPED_TO = (1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # bounds to start from


def _positive(t: float) -> bool:
    return 0 < t <= 10


def _step(t: float) -> bool:
    return 0 < abs(t) <= 10


def _anything(t: float) -> bool:
    return t != 0


def _factor(t: float) -> bool:
    return abs(t) > 1e-12 and rounded(t, 3) != 1  # zero, as far as can be computed, is none


def _round_number(t: float) -> bool:
    """True if `t` has one digit, as learning rates have."""
    return 1e-6 < abs(t) < 1 and t == rounded(t, 1)


def rounded(t: float, digits: int) -> float:
    """`t` to so many significant digits."""
    return float(f"{t:.{digits - 1}e}")


def _of_parameters(facts: GraphFacts) -> Iterator[Family]:
    leaves = facts.tape.leaves
    added = {site.parameter for site in facts.broadcasts}
    matrices = [x for x in leaves if x not in added]
    words = {"each": facts.names.letter(leaves[0], "W") if len(leaves) == 1 else "W"}
    yield Family(NEW_WEIGHTS, leaves[0], _each(leaves, _stepped), (0.0, 1.0), _step, words)
    loss = facts.tape.loss
    yield Family(SCALED, loss, lambda t: {loss: scaled(t)}, (0.0, 1.0), _round_number, words)
    yield Family(
        BY_VALUE, leaves[0], _each(leaves, clipped), CLIPPED_TO, _positive, words, "bound", polynomial=False
    )  # fmt: skip
    for x in leaves if len(leaves) > 1 else ():
        own = {"each": facts.names.letter(x, "W")}
        yield Family(SCALED_ALONE, x, _each([x], lambda x, t: scaled(t)), (0.0, 1.0), _factor, own)
    biases = [x for x in leaves if x in added]
    for letter, chosen in (("W", matrices), ("W", leaves), ("b", biases)):
        if chosen:
            own = {"each": facts.names.letter(chosen[0], letter) if len(chosen) == 1 else letter}
            yield Family(DECAY, chosen[0], _each(chosen, _decayed), (0.0, 1.0), _anything, own)


def _of_momentum(facts: GraphFacts) -> Iterator[Family]:
    for x in facts.tape.leaves:
        for v, array in facts.given.items() if facts.given else ():
            if array.shape == x.raw.shape:
                own = {"each": facts.names.letter(x, "W"), "v": v}
                yield Family(MOMENTUM, x, _each([x], _plus_times(array)), (0.0, 1.0), _fraction, own)
                yield Family(
                    AVERAGED_MOMENTUM, x, _each([x], _average_with(array)), (0.0, 1.0), _fraction, own
                )


def _plus_times(v: Array) -> Callable[[Variable, float], Correction]:
    return lambda x, t: lambda grads, g: g + t * v


def _average_with(v: Array) -> Callable[[Variable, float], Correction]:
    return lambda x, t: lambda grads, g: t * v + (1 - t) * g


def _fraction(t: float) -> bool:
    return 0 < t < 1


def _each(
    xs: list[Variable], correction: Callable[[Variable, float], Correction]
) -> Callable[[float], dict[Variable, Correction]]:
    return lambda t: {x: correction(x, t) for x in xs}


def _stepped(x: Variable, t: float) -> Correction:
    return lambda grads, g: x.raw - t * g


def _decayed(x: Variable, t: float) -> Correction:
    return plus(t * x.raw)


# Starts by the number of updated layers. A delta that has come back through an updated layer is linear in the rate, dW
# of the next layer too; through two layers the product of both is of degree 3.
STARTS = {1: (0.0, 1.0), 2: (0.0, 0.1, 0.5, 1.0)}


def _updated(facts: GraphFacts) -> Iterator[Family]:
    back = [layer for layer in facts.layers if layer.x in facts.tape.grads and layer.w in facts.tape.grads]
    for chosen in [[layer] for layer in back] + ([back] if len(back) > 1 else []):
        at = " and ".join(facts.names.node(layer.node) for layer in chosen)
        own = words(facts, chosen[0], at=at, **({"w": "W"} if len(chosen) > 1 else {}))
        yield Family(
            laid_out(UPDATED, chosen[0]), chosen[0].node, functools.partial(updated, chosen),
            STARTS.get(len(chosen), (0.0, 0.1, 1.0)), _positive, own, "lr", polynomial=len(chosen) in STARTS,
        )  # fmt: skip


def _eps(facts: GraphFacts, head: Head) -> Family:
    def wrong(eps: float) -> dict[Variable, Correction]:
        return dict(with_delta(facts, head, EPS, with_eps(head, eps)).wrong)

    words = with_delta(facts, head, EPS, head.p).words
    return Family(
        EPS, head.node, wrong, (-8.0, -6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0), _anything,
        words, "eps", logarithmic=True, polynomial=False,
    )  # fmt: skip


def earlier(facts: GraphFacts) -> Iterator[Hypothesis]:
    """A given array of the shape of a parameter, added to its gradient."""
    for x in facts.tape.leaves:
        for name, array in facts.given.items():
            if array.shape == x.raw.shape:
                words = {"v": name, "w": facts.names.letter(x, "W")}
                yield Hypothesis(PREVIOUS, x, {x: plus(array)}, words)
