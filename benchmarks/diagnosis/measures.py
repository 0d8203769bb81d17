"""What is measured: mistakes named, right answers and random arrays accused, and the time it takes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

import numpy as np

from diagnosis import distinguishable, negatives, planted, scores
from diagnosis.asking import Teacher

DIGITS = 4
Made = list[tuple[planted.Mistake, planted.Answers]]  # mistakes, with what is handed in
DECIMALS = (3, 4, 4, 5)  # of right answers and random arrays
PER_NETWORK = 20  # right answers, or random arrays, for each network


def watched(things: Iterable[Any], what: str, total: int | None = None) -> Iterable[Any]:
    """With a bar that shows how far it is, if tqdm is installed."""
    try:
        from tqdm import tqdm  # noqa: PLC0415 - not everybody has it
    except ImportError:
        return things
    return tqdm(things, desc=what, total=total, leave=False)


ALL, FIRST, FEW, TWO = (
    "all arrays",
    "W1 alone",
    "fewer than 4 numbers off by 2 units or more",
    "with a wrong constant as well",
)
FEWEST = 4  # numbers: one number is explained by any constant


def mistakes_named(networks: range) -> dict[str, scores.Scores]:
    """Every mistake of every network: all arrays handed in, W1 by itself, and some with a wrong constant as well."""
    found = {what: scores.Scores() for what in (ALL, FIRST, FEW, TWO)}
    for seed in watched(networks, "mistakes"):
        network = planted.network(seed)
        made, right = planted.planted(network, DIGITS), planted.rounded(planted.gradients(network), DIGITS)
        wrong = [planted.changed(answers, right, DIGITS) for _, answers in made]
        few = [m for m, count in zip(made, wrong, strict=True) if count < FEWEST]
        many = [m for m, count in zip(made, wrong, strict=True) if count >= FEWEST]
        first = [(m, a) for m, a in made if planted.changed({"W1": a["W1"]}, right, DIGITS) >= FEWEST]
        two = planted.with_constants(network, digits=DIGITS)
        names = list(network.parameters)
        _judge(found[ALL], network, many, names, few)
        _judge(found[FEW], network, few, names, many)
        _judge(found[FIRST], network, first, ["W1"], made)
        constants = distinguishable.times_other_constants(network, [m for m, _ in two], DIGITS)
        _judge(found[TWO], network, two, names, [*made, *constants])
    return found


def _judge(
    score: scores.Scores, network: planted.Network, made: Made, names: list[str], others: Made
) -> None:
    teacher = Teacher(network, names)
    rivals = distinguishable.rivals(network, [*made, *others], names, DIGITS)
    for (mistake, answers), same in zip(made, rivals, strict=False):
        score.add(network.seed, mistake, teacher.judge(answers, DIGITS), same)


def accusations(count: int, what: str) -> dict[str, Any]:
    """How many of `count` right answers, or random arrays, were accused of a mistake, and examples."""
    kinds = negatives.RIGHT if what == "right" else negatives.RANDOM
    asked, accused, examples = 0, 0, []
    submissions = _submissions(count, what, list(kinds))
    for seed, kind, answers, digits, teacher in watched(submissions, what, count):
        asked += 1
        verdict = teacher.judge(answers, digits)
        if _unfair(verdict, what):
            accused += 1
            example = {"seed": seed, "kind": kind, "digits": digits, "arrays": list(teacher.parameters)}
            examples.append({**example, "said": verdict.said()})
    return {"asked": asked, "accused": accused, "examples": examples[:50]}


def _unfair(verdict: scores.Verdict, what: str) -> bool:
    return not verdict.right if what == "right" else verdict.right or bool(verdict.named)


def _submissions(count: int, what: str, kinds: list[str]) -> Iterator[tuple[Any, ...]]:
    """All arrays together, the smallest of at least 4 numbers alone, and the largest alone, in turn."""
    make = negatives.right if what == "right" else negatives.random
    for seed in range(-(-count // PER_NETWORK)):
        network, rng = planted.network(100_000 + seed), np.random.default_rng([seed, 7])
        large = sorted((w.size, name) for name, w in network.parameters.items() if w.size >= FEWEST)
        teachers = [
            Teacher(network, names) for names in (None, *([name] for _, name in large[:1] + large[-1:]))
        ]
        for i in range(min(PER_NETWORK, count - seed * PER_NETWORK)):
            kind, digits = kinds[(seed + i) % len(kinds)], int(rng.choice(DECIMALS))
            yield network.seed, kind, make(network, kind, digits, rng), digits, teachers[i % len(teachers)]


def seconds(networks: int) -> dict[str, float]:
    """The median time of one diagnosis of a network with 3 layers, from the loss on."""
    chosen = [n for n in map(planted.network, range(20 * networks)) if n.depth == 3][:networks]
    taken = {"all arrays": [], "W1 alone": []}
    for network in watched(chosen, "time"):
        made = planted.planted(network, DIGITS)
        _, answers = made[len(made) // 2]
        for what, names in (("all arrays", list(network.parameters)), ("W1 alone", ["W1"])):
            start = time.perf_counter()
            Teacher(network, names).judge(answers, DIGITS)
            taken[what].append(time.perf_counter() - start)
    return {what: median(times) for what, times in taken.items()}
