"""Constants: the factors by which a true gradient may have been multiplied, and the reason of each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    AVERAGED_IN_SOME_ARRAYS,
    BY_FACTOR,
    BY_PLACE,
    LEARNING_RATE,
    Mistake,
)

# Mistakes by the ids of their factors.
ACCUMULATED, SQUARE, RATE = "accumulated-twice", "factor-of-the-square", "learning-rate"
MISSING, AGAIN, TWO_AT_ONCE = "mean-missing", "averaged-again", "two-at-once"
CLASSES, UNITS = "averaged-over-classes", "averaged-over-units"
OF_BATCH = (MISSING, AGAIN, TWO_AT_ONCE)


@dataclass(frozen=True)
class Constant:
    """A factor, its name, and the row of the catalogue for which it stands."""

    value: float
    name: str  # as in "-1", "N = 8"
    id: str
    number: int
    why: str
    also: tuple[int, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """The words for the templates."""
        return {"c": self.name, "why": self.why}

    @property
    def of_a_size(self) -> bool:
        """True if the factor depends on the size of the batch or the network."""
        return self.id in {*OF_BATCH, CLASSES, UNITS}

    @property
    def only_of_gradients(self) -> bool:
        """True if no value of the forward pass can have this factor."""
        return self.id in {SQUARE, ACCUMULATED, RATE}

    @property
    def on_all(self) -> Mistake:
        """The factor on all arrays, which may as well be a learning rate if it has one digit."""
        did, like_a_rate = "{c} times the true gradient: {why}", float(f"{self.value:.0e}") == self.value
        if self.id == RATE or not 1e-6 < abs(self.value) < 1 or not like_a_rate:
            return Mistake(self.id, self.number, did, also=self.also)
        did += f"; or a learning rate of {abs(self.value):g} was multiplied in"
        return Mistake(self.id, self.number, did, also=(*self.also, LEARNING_RATE))

    @property
    def on_some(self) -> Mistake:
        """The factor on some of the arrays only."""
        or_stray = (
            "" if self.id == SQUARE else "; or a stray factor"
        )  # which a square's lost factor is already
        return self._in_part("{c} times the true gradient in {which} only: {why}" + or_stray)

    @property
    def at_a_place(self) -> Mistake:
        """The factor that comes in at a node on the way back."""
        return self._in_part("the true gradient with a factor {c} that comes in at {at}: {why}")

    def _in_part(self, did: str) -> Mistake:
        some = (AVERAGED_IN_SOME_ARRAYS,) if self.id in OF_BATCH else ()
        rank = BY_FACTOR if self.id == SQUARE else BY_PLACE
        return Mistake(self.id, self.number, did, also=tuple(dict.fromkeys((*self.also, *some))), rank=rank)


def all_constants(facts: GraphFacts) -> list[Constant]:
    """All constants of this graph; two may have the same value."""
    found = [*_universal(), *_of_batch(facts.count), *_of_classes(facts), *_of_learning_rate(facts.lr)]
    composed = [c for c in found if c.id == TWO_AT_ONCE]
    simple = [c for c in found if c.id != TWO_AT_ONCE and abs(c.value - 1) > 1e-9]
    return simple + [c for c in composed if c.value not in {c.value for c in simple}]


def entering_constants(facts: GraphFacts) -> list[Constant]:
    """The constants that come in on the way back: a sign, an average, a factor of the square, a base of logarithms."""
    return [constant for constant in all_constants(facts) if constant.id not in (ACCUMULATED, UNITS)]


def _universal() -> Iterator[Constant]:
    why = "the sign is lost, as in y - p for p - y, or in the descent step"
    yield Constant(-1, "-1", "sign-lost", 1, why)
    for value, name in ((2, "2"), (0.5, "1/2"), (4, "4"), (0.25, "1/4")):
        why = f"a stray factor {name}, as of a square; print the loss formula"
        yield Constant(value, name, SQUARE, 29, why)
    why = "it was added to itself, as by a second backward without zeroing"
    yield Constant(2, "2", ACCUMULATED, 34, why)
    for base, value in ((2, math.log(2)), (10, math.log(10))):
        why = f"the logarithm to base {base} and its derivative are mixed up: d log{base}(p) = dp / (p ln {base})"
        yield Constant(value, f"ln {base}", "logarithm-base", 28, why)
        yield Constant(1 / value, f"1/ln {base}", "logarithm-base", 28, why)


def _of_batch(n: int) -> Iterator[Constant]:
    if n > 1:
        why = f"the loss is a mean over {n} examples, and the 1/N is missing"
        yield Constant(n, f"N = {n}", MISSING, 2, why, (8,))
        yield Constant(1 / n, f"1/N = 1/{n}", AGAIN, 3, "the 1/N was applied twice")
        yield Constant(1 / n**2, f"1/N² = 1/{n * n}", AGAIN, 3, "the 1/N was applied three times")
        why = f"the 1/N of {n} examples is missing, and there is a stray 2"
        yield Constant(2 * n, f"2N = {2 * n}", TWO_AT_ONCE, 2, why, (8, 29))
        why = f"the sign is lost, and the 1/N of {n} examples is missing"
        yield Constant(-n, f"-N = {-n}", TWO_AT_ONCE, 2, why, (1,))


def _of_classes(facts: GraphFacts) -> Iterator[Constant]:
    n, k = facts.count, facts.classes
    why = f"the mean over {k} outputs is taken though the loss has none, or is missing though it has one"
    if k > 1:
        yield Constant(1 / k, f"1/K = 1/{k}", CLASSES, 5, why)
        yield Constant(k, f"K = {k}", CLASSES, 5, why)
        if n > 1:
            both = f"the mean over {n} examples and {k} outputs is "
            yield Constant(1 / (n * k), f"1/(N K) = 1/{n * k}", CLASSES, 5, both + "taken once too often")
            yield Constant(n * k, f"N K = {n * k}", CLASSES, 5, both + "missing", (2,))
    for name, size in facts.sizes.items():
        if size > 1:
            why = f"it is averaged over the {size} units of a layer, or summed where it should not be"
            yield Constant(1 / size, f"1/{name} = 1/{size}", UNITS, 5, why)
            yield Constant(size, f"{name} = {size}", UNITS, 5, why)


def _of_learning_rate(lr: float | None) -> Iterator[Constant]:
    if lr:
        yield Constant(lr, f"lr = {lr:g}", RATE, LEARNING_RATE, "the learning rate was multiplied in")
        yield Constant(-lr, f"-lr = {-lr:g}", RATE, LEARNING_RATE, "this is the step, not the gradient")
