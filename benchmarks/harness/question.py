"""The question of a benchmark: the contestants, the measures, and the claims to be read off the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Numbers = dict[str, float]  # one round of one contestant: measure -> number. What it cannot do is left out.
Round = Mapping[str, Numbers]  # one round of all: contestant -> its numbers


class Contestant(NamedTuple):
    """A library at work in a process of its own.

    `answer` is a number that everybody must get, so that all are seen to compute the same; `run` does one round.
    """

    answer: float
    run: Callable[[], Numbers]


class Claim(NamedTuple):
    """A number computed from each round by itself, so that what slows a whole round down cancels.

    `unit` is empty for a ratio. `bar` is what it should not exceed here: kept in the JSON, not printed.
    """

    text: str
    of: Callable[[Round], float]
    unit: str = ""
    bar: float | None = None


@dataclass(frozen=True)
class Question:
    """A benchmark. A contestant is a function of `quick` that is called in its own process."""

    title: str
    measures: dict[str, str]  # name -> unit
    contestants: dict[str, Callable[[bool], Contestant]]
    claims: Sequence[Claim]
    rounds: int = 30
    threads: int = 1
    tolerance: float = 1e-9  # relative, of the answers
    fresh: bool = False  # True if each round needs a new process, as memory does


def ratio(top: str, bottom: str, measure: str, bar: float | None = None) -> Claim:
    """The claim on the number of `top` divided by that of `bottom`."""
    return Claim(f"{top} / {bottom}, {measure}", lambda r: r[top][measure] / r[bottom][measure], "", bar)


def growth(who: str, long: str, short: str, bar: float | None = None) -> Claim:
    """The claim on the number for `long` divided by that for `short`."""
    return Claim(f"{who}, {long} / {short}", lambda r: r[who][long] / r[who][short], "", bar)


def above(who: str, floor: str, measure: str, unit: str, bar: float | None = None) -> Claim:
    """The claim on the number of `who` less that of `floor`."""
    return Claim(f"{who} above {floor}, {measure}", lambda r: r[who][measure] - r[floor][measure], unit, bar)


def alone(who: str, measure: str, unit: str, bar: float | None = None) -> Claim:
    """The claim on the number itself."""
    return Claim(f"{who}, {measure}", lambda r: r[who][measure], unit, bar)
