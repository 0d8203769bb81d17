"""Counting: how often a planted mistake was among the explanations, and how often alone; as a Markdown table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from diagnosis.planted import NOT_PLANTED
from diagnosis.slips import Mistake


class Named(NamedTuple):
    """An explanation: the catalogue's numbers that it goes by, and its sentence."""

    numbers: frozenset[int]
    text: str


class Verdict(NamedTuple):
    """A verdict: right, explained by the `named` mistakes, or by none that is known.

    In a `tie` any one of the mistakes would do; otherwise each explains other arrays. `possible` mistakes fit too few
    numbers to be named.
    """

    right: bool
    named: tuple[Named, ...]
    tie: bool = False
    possible: tuple[Named, ...] = ()

    def names(self, number: int) -> bool:
        """True if a mistake of this number is among the explanations."""
        return any(number in named.numbers for named in self.named)

    def only(self, numbers: frozenset[int]) -> bool:
        """True if a mistake of these numbers is named, and no other."""
        each = all(numbers & named.numbers for named in self.named)
        return bool(self.named) and each and (len(self.named) == 1 or not self.tie)

    def holds_back(self, number: int) -> bool:
        """True if the mistake is not named, but listed among those that would fit."""
        return not self.names(number) and any(number in fitting.numbers for fitting in self.possible)

    def said(self) -> list[str]:
        """Every explanation in a line."""
        return [f"{sorted(named.numbers)} {named.text}" for named in self.named]


HEAD = (
    "| | planted | among what fits | named | alone, where that can be told | unexplained | only others said | "
    "called right |",
    "|---|---|---|---|---|---|---|---|",
)


@dataclass
class Score:
    """Counts for one mistake, or for all.

    What fits is what is named, or held back: listed as fitting on too few digits to be named.
    """

    planted: int = 0
    named: int = 0
    held_back: int = 0
    listed: int = 0  # in all, where it is held back
    distinguishable: int = 0
    alone: int = 0
    called_right: int = 0
    unexplained: int = 0
    others_only: int = 0

    def add(self, mistake: Mistake, verdict: Verdict, rivals: set[str]) -> None:
        """One more verdict on this mistake."""
        number = mistake.number
        named = verdict.names(number)
        self.planted += 1
        self.named += named
        self.held_back += verdict.holds_back(number)
        self.listed += len(verdict.possible) if verdict.holds_back(number) else 0
        self.called_right += verdict.right
        self.unexplained += not (verdict.right or verdict.named or verdict.holds_back(number))
        self.others_only += bool(verdict.named) and not named and not verdict.holds_back(number)
        if not rivals:
            self.distinguishable += 1
            self.alone += named and verdict.only(mistake.numbers)

    def __add__(self, other: Score) -> Score:
        mine, theirs = vars(self), vars(other)
        return Score(**{name: mine[name] + theirs[name] for name in mine})

    def row(self, name: str) -> str:
        """A row of the table."""
        return (
            f"| {name} | {self.planted} | {percent(self.named + self.held_back, self.planted)} | "
            f"{percent(self.named, self.planted)} | {percent(self.alone, self.distinguishable)} of "
            f"{self.distinguishable} | {self.unexplained} | {self.others_only} | {self.called_right} |"
        )


def percent(part: int, whole: int) -> str:
    """Never rounded up to 100 %."""
    if not whole:
        return "-"
    return "100 %" if part == whole else f"{min(99.9, 100 * part / whole):.1f} %"


EXAMPLES = 5  # of each failure


@dataclass
class Failure:
    """A way to fail: how often, and the first examples."""

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)

    def __add__(self, other: Failure) -> Failure:
        return Failure(self.count + other.count, [*self.examples, *other.examples][:EXAMPLES])


@dataclass
class Scores:
    """Scores by mistake, and examples of each way to fail."""

    by_name: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    failures: defaultdict[str, Failure] = field(default_factory=lambda: defaultdict(Failure))

    def add(self, seed: int, mistake: Mistake, verdict: Verdict, rivals: set[str]) -> None:
        """Count a verdict, and keep the first examples of what went wrong."""
        self.by_name[mistake.name].add(mistake, verdict, rivals)
        how = failure(mistake, verdict, rivals)
        if how:
            example = {"seed": seed, "where": mistake.where, "said": verdict.said(), "rivals": sorted(rivals)}
            self.failures[f"{mistake.name}: {how}"] += Failure(1, [example])

    def __add__(self, other: Scores) -> Scores:
        found = Scores(self.by_name.copy(), self.failures.copy())
        for name, score in other.by_name.items():
            found.by_name[name] += score
        for how, failed in other.failures.items():
            found.failures[how] += failed
        return found

    @property
    def total(self) -> Score:
        """All mistakes that have a number."""
        return sum((s for name, s in self.by_name.items() if not name.startswith("0 ")), Score())

    def table(self) -> Iterator[str]:
        """Markdown, a row for each mistake, the total last."""
        yield from HEAD
        for name in sorted(self.by_name, key=lambda name: (int(name.split()[0]), name)):
            yield self.by_name[name].row(name)
        yield self.total.row("**all numbers of the catalogue**")

    def record(self) -> dict[str, Any]:
        """For JSON."""
        scores = {name: vars(score) for name, score in sorted(self.by_name.items())}
        failures = sorted(self.failures.items(), key=lambda item: -item[1].count)
        return {
            "total": vars(self.total),
            "mistakes": scores,
            "failures": {how: vars(failed) for how, failed in failures},
        }


def failure(mistake: Mistake, verdict: Verdict, rivals: Iterable[str]) -> str:
    """The complaint about a verdict; empty if there is none."""
    if verdict.right:
        return "called right"
    if verdict.holds_back(mistake.number):
        return "held back"
    if not verdict.names(mistake.number):
        return "something else said" if verdict.named else "unexplained"
    return "" if rivals or verdict.only(mistake.numbers) else "not alone"


def not_planted() -> Iterator[str]:
    """The numbers of the catalogue that are missing, with the reason."""
    for number, reason in NOT_PLANTED.items():
        yield f"{number} is not planted: {reason}."
