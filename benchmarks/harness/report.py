"""The results: medians with the middle half of the rounds, and claims with no more than the rounds allow to say."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from harness.driver import Found
from harness.question import Claim, Question, Round

LIBRARIES = ("tinygrad_edu", "numpy", "torch", "autograd", "mygrad", "micrograd", "dezero", "jax")


def summary(question: Question, found: Found, quick: bool) -> dict[str, Any]:
    """The record of a benchmark: all results as plain data, ready for JSON."""
    return {
        "question": question.title,
        "quick": quick,
        "threads": question.threads,
        "rounds": len(found.rounds),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "versions": _versions(),
        "skipped": found.skipped,
        "measures": {measure: _measured(question, found, measure) for measure in question.measures},
        "claims": [x for claim in question.claims if (x := _claimed(claim, found.rounds, quick)) is not None],
        "numbers": found.rounds,
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _measured(question: Question, found: Found, measure: str) -> dict[str, Any]:
    spreads = {
        name: _spread(found.rounds, lambda r, name=name: r[name][measure])  # type: ignore[misc]
        for name in question.contestants
    }
    return {
        "unit": question.measures[measure],
        "contestants": {name: spread for name, spread in spreads.items() if spread is not None},
    }


def _claimed(claim: Claim, rounds: Iterable[Round], quick: bool) -> dict[str, Any] | None:
    spread = _spread(rounds, claim.of)
    if spread is None:
        return None
    notes = {} if quick else {"remark": remark(claim, spread), "verdict": verdict(claim, spread)}
    return {"text": claim.text, "unit": claim.unit, "bar": claim.bar, **spread, **notes}


def _spread(rounds: Iterable[Round], of: Callable[[Round], float]) -> dict[str, float] | None:
    """The median and the middle half over the rounds that have the number; None if none has."""
    numbers = []
    for one in rounds:
        try:
            numbers.append(of(one))
        except KeyError:  # somebody was not there, or could not do it
            continue
    if not numbers or any(map(math.isnan, numbers)):
        return None
    low, median, high = np.percentile(numbers, [25, 50, 75])
    return {"median": float(median), "low": float(low), "high": float(high)}


def remark(claim: Claim, spread: dict[str, float]) -> str:
    """A remark on a ratio of 1, as far as the middle half of the rounds allows one."""
    return "no difference detectable" if not claim.unit and spread["low"] <= 1 <= spread["high"] else ""


def verdict(claim: Claim, spread: dict[str, float]) -> str:
    """A verdict on the bar, as far as the middle half of the rounds allows one: in the JSON, not printed."""
    if claim.bar is None:
        return ""
    if spread["low"] <= claim.bar < spread["high"]:
        return "too close to the bar to tell"
    return "meets the bar" if spread["median"] <= claim.bar else "misses the bar"


def lines(record: dict[str, Any]) -> list[str]:
    """The record as text for a terminal."""
    threads = f"{record['threads']} thread{'s' if record['threads'] > 1 else ''}"
    short = "; a short run, which shows only that it works" if record["quick"] else ""
    found = [f"{record['question']} ({threads}, {record['rounds']} rounds{short})"]
    for measure, results in record["measures"].items():
        found.append(f"  {measure}, {results['unit']}")
        for name, spread in results["contestants"].items():
            found.append(f"    {name:34} {number(spread['median']):>9}   {_half(spread)}")
    for claim in record["claims"]:
        note = f": {claim['remark']}" if claim.get("remark") else ""
        value = f"{number(claim['median'])} {claim['unit']}".rstrip()
        found.append(f"  {claim['text']}: {value}   {_half(claim)}{note}")
    found += [f"  {name}: skipped, {reason}" for name, reason in record["skipped"].items()]
    return found


def _half(spread: dict[str, Any]) -> str:
    return f"(middle half {number(spread['low'])} to {number(spread['high'])})"


def number(x: float) -> str:
    """Three digits, or all before the point."""
    if x == 0 or not math.isfinite(x):
        return f"{x:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(x))))
    return f"{x:,.{digits}f}"
