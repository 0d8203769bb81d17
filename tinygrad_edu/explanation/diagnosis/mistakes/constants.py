"""Factors with a name: what the true gradient may have been multiplied by, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_FACTOR, BY_PLACE, Mistake


@dataclass(frozen=True)
class Constant:
    """A factor, what it is called, and the row of the catalogue it stands for."""

    value: float
    name: str  # as in "-1", "N = 8"
    id: str
    number: int
    why: str
    also: tuple[int, ...] = ()

    @property
    def words(self) -> dict[str, str]:
        """What the templates need."""
        return {"c": self.name, "why": self.why}

    @property
    def _rank(self) -> int:
        return BY_FACTOR if self.id == "factor-of-the-square" else BY_PLACE

    @property
    def on_all(self) -> Mistake:
        """The factor on everything handed in, which may as well be a learning rate if it has one digit."""
        did = "{c} times the true gradient: {why}"
        if self.number == 38 or not 1e-6 < abs(self.value) < 1 or float(f"{self.value:.0e}") != self.value:
            return Mistake(self.id, self.number, did, also=self.also)
        did += f"; or a learning rate of {abs(self.value):g} was multiplied in"
        return Mistake(self.id, self.number, did, also=(*self.also, 38))

    @property
    def on_some(self) -> Mistake:
        """The factor on some of the arrays only."""
        return Mistake(
            self.id,
            self.number,
            "{c} times the true gradient in {which} only: {why}",
            also=self._also_on_some,
            rank=self._rank,
        )

    @property
    def at_a_place(self) -> Mistake:
        """The factor that came in somewhere on the way back."""
        return Mistake(
            self.id,
            self.number,
            "the true gradient with a factor {c} that comes in at {at}: {why}",
            also=self._also_on_some,
            rank=self._rank,
        )

    @property
    def _also_on_some(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys((*self.also, 4) if self.number in (2, 3) else self.also))


def named(scene: Scene) -> list[Constant]:
    """All factors that have a name here; two may have the same value."""
    found = [*_universal(), *_of_batch(scene.count), *_of_classes(scene), *_of_learning_rate(scene.lr)]
    composed = [c for c in found if c.id == "two-at-once"]
    simple = [c for c in found if c.id != "two-at-once" and abs(c.value - 1) > 1e-9]
    return simple + [c for c in composed if c.value not in {c.value for c in simple}]


def entering(scene: Scene) -> list[Constant]:
    """Those that come in on the way: a sign, an average, a factor of the square, the base of a logarithm."""
    left_out = ("accumulated-twice", "averaged-over-units")
    return [constant for constant in named(scene) if constant.id not in left_out]


def _universal() -> Iterator[Constant]:
    yield Constant(
        -1, "-1", "sign-lost", 1, "the sign is lost, as in y - p for p - y, or in the descent step"
    )
    for value, name in ((2, "2"), (0.5, "1/2"), (4, "4"), (0.25, "1/4")):
        yield Constant(
            value,
            name,
            "factor-of-the-square",
            29,
            f"a stray factor {name}, as of a square; print the loss formula",
        )
    yield Constant(
        2, "2", "accumulated-twice", 34, "it was added to itself, as by a second backward without zeroing"
    )
    for base, value in ((2, math.log(2)), (10, math.log(10))):
        why = f"the logarithm to base {base} and its derivative are mixed up: d log{base}(p) = dp / (p ln {base})"
        yield Constant(value, f"ln {base}", "logarithm-base", 28, why)
        yield Constant(1 / value, f"1/ln {base}", "logarithm-base", 28, why)


def _of_batch(n: int) -> Iterator[Constant]:
    if n > 1:
        yield Constant(
            n,
            f"N = {n}",
            "mean-missing",
            2,
            f"the loss is a mean over {n} examples, and the 1/N is missing",
            (8,),
        )
        yield Constant(1 / n, f"1/N = 1/{n}", "averaged-again", 3, "the 1/N was applied twice")
        yield Constant(1 / n**2, f"1/N² = 1/{n * n}", "averaged-again", 3, "the 1/N was applied three times")
        yield Constant(
            2 * n,
            f"2N = {2 * n}",
            "two-at-once",
            2,
            f"the 1/N of {n} examples is missing, and there is a stray 2",
            (8, 29),
        )
        yield Constant(
            -n,
            f"-N = {-n}",
            "two-at-once",
            2,
            f"the sign is lost, and the 1/N of {n} examples is missing",
            (1,),
        )


def _of_classes(scene: Scene) -> Iterator[Constant]:
    n, k = scene.count, scene.classes
    why = "it is averaged over outputs as well, or where the loss does, it is not"
    if k > 1:
        yield Constant(1 / k, f"1/K = 1/{k}", "averaged-over-classes", 5, why)
        yield Constant(k, f"K = {k}", "averaged-over-classes", 5, why)
        if n > 1:
            yield Constant(1 / (n * k), f"1/(N K) = 1/{n * k}", "averaged-over-classes", 5, why)
            yield Constant(n * k, f"N K = {n * k}", "averaged-over-classes", 5, why, (2,))
    for name, size in scene.sizes.items():
        if size > 1:
            text = f"it is averaged over the {size} units of a layer, or summed where it should not be"
            yield Constant(1 / size, f"1/{name} = 1/{size}", "averaged-over-units", 5, text)
            yield Constant(size, f"{name} = {size}", "averaged-over-units", 5, text)


def _of_learning_rate(lr: float | None) -> Iterator[Constant]:
    if lr:
        yield Constant(lr, f"lr = {lr:g}", "learning-rate", 38, "the learning rate was multiplied in")
        yield Constant(-lr, f"-lr = {-lr:g}", "learning-rate", 38, "this is the step, not the gradient")
