"""A mistake as a step done wrong: what it is called, which step it replaces, and in which layers it can happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from diagnosis.by_hand import Gradients, Wrong, gradients
from diagnosis.networks import Network

ACCIDENTS = {17}  # a variable mistaken for another: nobody does it everywhere
Done = Callable[..., Any]  # of the student, the layer, and what the step is given


def anywhere(network: Network, k: int) -> bool:
    """Every network and layer."""
    del network, k
    return True


class Slip(NamedTuple):
    """A way to do a step wrong. `number` is that of the catalogue, 0 for a pattern the catalogue has no number for."""

    number: int
    what: str
    step: str
    done: Done
    fits: Callable[[Network, int], bool] = anywhere


def slips(step: str, *rows: tuple[Any, ...]) -> list[Slip]:
    """A table of ways to do one step wrong: number, what, how it is done, and where that can be (everywhere)."""
    return [Slip(number, what, step, *how) for number, what, *how in rows]


class Mistake(NamedTuple):
    """A slip in one place of one network, or in every place at once."""

    number: int
    what: str
    step: str
    where: str
    wrong: Wrong
    parts: tuple[Mistake, ...] = ()  # those it consists of, if they are two

    @property
    def name(self) -> str:
        """The catalogue's number and what is done."""
        return f"{self.number} {self.what}"

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all that was done wrong."""
        return frozenset(part.number for part in self.parts) | {self.number}

    def hand_in(self, network: Network) -> Gradients:
        """The arrays handed in with this mistake. Raises `ValueError` if the shapes do not fit together."""
        return gradients(network, self.wrong)


def layers_of(step: str, network: Network) -> list[int]:
    """The layers in which the step is done; [0] if it is not done in a layer."""
    everywhere = list(network.layers)
    return {
        "through_activation": everywhere[:-1],
        "activate": everywhere[:-1],
        "through_weights": everywhere[1:],
        "weigh": everywhere,
        "weight_gradient": everywhere,
        "bias_gradient": everywhere,
        "add_up": [1] if network.kind == "shared" else [],
        "join": [1] if network.kind == "skip" else [],
        **dict.fromkeys(
            ("variance", "through_norm", "gamma_gradient", "beta_gradient"),
            [1] if network.kind == "norm" else [],
        ),
    }.get(step, [0])


def placed(slip: Slip, network: Network) -> Iterator[Mistake]:
    """The slip in each layer by itself and, if it comes from a rule misunderstood, in all of several layers."""
    layers = [k for k in layers_of(slip.step, network) if slip.fits(network, k)]
    for k in layers:
        where = f"layer {k}" if k else ""
        yield Mistake(slip.number, slip.what, slip.step, where, {(slip.step, k): slip.done})
    if len(layers) > 1 and slip.number not in ACCIDENTS:
        wrong = {(slip.step, k): slip.done for k in layers}
        yield Mistake(slip.number, slip.what, slip.step, "every layer", wrong)
