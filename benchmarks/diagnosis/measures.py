"""The measurements: mistakes named, right answers and random arrays accused, and the time of a diagnosis."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial, reduce
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
    """The items one after the other, with a progress bar if tqdm is installed."""
    try:
        from tqdm import tqdm  # noqa: PLC0415 - not everybody has it
    except ImportError:
        return things
    return tqdm(things, desc=what, total=total, leave=False)


ALL, FEW, FIRST, TWO, FIGURES, SINGLE = (
    "all arrays",
    "of these, fewer than 4 numbers off by 2 units or more",
    "W1 alone",
    "all arrays, with a wrong constant as well",
    "all arrays, 4 significant figures",
    "all arrays, in single precision",
)
FORMS = {FIGURES: negatives.figures, SINGLE: negatives.single}
MIN_NUMBERS = 4  # numbers: one number is explained by any constant


def mistakes_named(networks: range, processes: int = 1) -> dict[str, scores.Scores]:
    """Every mistake of every network: all arrays handed in, W1 by itself, and some with a wrong constant as well."""
    with ProcessPoolExecutor(processes) as pool:
        parts = watched(pool.map(_named_in, networks), "mistakes", len(networks))
        return reduce(lambda one, other: {what: one[what] + other[what] for what in one}, parts)


def _named_in(seed: int) -> dict[str, scores.Scores]:
    found = {what: scores.Scores() for what in (ALL, FEW, FIRST, TWO, FIGURES, SINGLE)}
    network = planted.network(seed)
    made, right = planted.planted(network, DIGITS), planted.rounded(planted.gradients(network), DIGITS)
    for (mistake, answers), judged in zip(made, _judged(network, made, made), strict=True):
        found[ALL].add(seed, mistake, *judged)
        if planted.changed(answers, right, DIGITS) < MIN_NUMBERS:
            found[FEW].add(seed, mistake, *judged)
    for what, (mistake, verdict, rivals) in _written(network, made):
        found[what].add(seed, mistake, verdict, rivals)
    first = [(m, a) for m, a in made if not planted.same({"W1": a["W1"]}, right)]
    for (mistake, _), judged in zip(first, _judged(network, first, made, ["W1"]), strict=True):
        found[FIRST].add(seed, mistake, *judged)
    two = planted.with_constants(network, digits=DIGITS)
    constants = distinguishable.times_other_constants(network, [mistake for mistake, _ in two], DIGITS)
    for (mistake, _), judged in zip(two, _judged(network, two, [*two, *made, *constants]), strict=True):
        found[TWO].add(seed, mistake, *judged)
    return found


def _written(
    network: planted.Network, made: Made
) -> Iterator[tuple[str, tuple[planted.Mistake, scores.Verdict, set[str]]]]:
    """The verdict on each mistake in each form, whose digits are not told."""
    teacher, rng = Teacher(network), np.random.default_rng(network.seed)
    same = distinguishable.rivals(network, made, made, list(teacher.parameters), DIGITS)
    for (mistake, _), rivals in zip(made, same, strict=True):
        with np.errstate(all="ignore"):
            exact = mistake.hand_in(network)
        for what, write in FORMS.items():
            answers = {name: write(np.asarray(g, float), DIGITS, rng) for name, g in exact.items()}
            yield what, (mistake, teacher.judge(answers, None), rivals)


def _judged(
    network: planted.Network, submitted: Made, others: Made, names: list[str] | None = None
) -> Iterator[tuple[scores.Verdict, set[str]]]:
    """The verdict on each mistake, and the other mistakes that give the same digits."""
    teacher = Teacher(network, names)
    same = distinguishable.rivals(network, submitted, others, list(teacher.parameters), DIGITS)
    for (_, answers), rivals in zip(submitted, same, strict=True):
        yield teacher.judge(answers, DIGITS), rivals


def accusations(count: int, what: str, processes: int = 1) -> dict[str, Any]:
    """The number of right answers, or random arrays, out of `count` that were accused of a mistake, and examples."""
    seeds = range(-(-count // PER_NETWORK))
    counts = [min(PER_NETWORK, count - seed * PER_NETWORK) for seed in seeds]
    with ProcessPoolExecutor(processes) as pool:
        parts = watched(pool.map(partial(_accused_in, what), seeds, counts), what, len(seeds))
        examples = [example for part in parts for example in part]
    return {"asked": count, "accused": len(examples), "examples": examples[:50]}


def _accused_in(what: str, seed: int, count: int) -> list[dict[str, Any]]:
    """All arrays together, the smallest of at least 4 numbers alone, and the largest alone, in turn."""
    make, of = (negatives.right, negatives.RIGHT) if what == "right" else (negatives.random, negatives.RANDOM)
    network, rng, kinds = planted.network(100_000 + seed), np.random.default_rng([seed, 7]), list(of)
    large = sorted((w.size, name) for name, w in network.parameters.items() if w.size >= MIN_NUMBERS)
    alone = [[name] for _, name in large[:1] + large[-1:]]
    teachers = [Teacher(network, names) for names in (None, *alone)]
    found = []
    for i in range(count):
        kind, digits, teacher = (
            kinds[(seed + i) % len(kinds)],
            int(rng.choice(DECIMALS)),
            teachers[i % len(teachers)],
        )
        answers = make(network, kind, digits, rng)
        verdict = teacher.judge(answers, None if kind in negatives.AS_WRITTEN else digits)
        if _unfair(verdict, what):
            example = {
                "seed": network.seed,
                "kind": kind,
                "digits": digits,
                "arrays": list(teacher.parameters),
            }
            found.append({**example, "said": verdict.said()})
    return found


def _unfair(verdict: scores.Verdict, what: str) -> bool:
    return not verdict.right if what == "right" else verdict.right or bool(verdict.named)


def seconds(networks: int) -> dict[str, float]:
    """The median time of one diagnosis of a network with 3 layers, from the loss on; empty without networks."""
    chosen = [n for n in map(planted.network, range(20 * networks)) if n.depth == 3][:networks]
    taken = {"all arrays": [], "W1 alone": []}
    for network in watched(chosen, "time"):
        made = planted.planted(network, DIGITS)
        _, answers = made[len(made) // 2]
        for what, names in (("all arrays", list(network.parameters)), ("W1 alone", ["W1"])):
            start = time.perf_counter()
            Teacher(network, names).judge(answers, DIGITS)
            taken[what].append(time.perf_counter() - start)
    return {what: median(times) for what, times in taken.items() if times}
