"""Mistakes of the catalogue that `diagnose` names, made by hand in random networks; and right answers it accuses.

    python benchmarks/diagnose_mistakes.py --networks 1000 --right 10000 --random 10000

Writes the figures as JSON, with examples of each failure, and as a table in Markdown.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diagnosis import scores
from diagnosis.measures import ALL, DIGITS, FIRST, accusations, mistakes_named, seconds

COUNTED = """\
Planted: whatever shows in the digits handed in, however little. Named: the mistake is an explanation, alone or in a
tie. What fits is what is named and what is held back: listed as fitting, but on so few digits that it may be chance.
Alone: nothing else is named for the same arrays. It can be told apart if no other planted mistake, and no constant that
has a name, gives the same digits; what is held back counts as not alone."""
OUT = Path(__file__).resolve().parent / "out"


def lines(record: dict[str, Any], found: dict[str, scores.Scores]) -> Iterator[str]:
    """The report, in Markdown: what was promised first, then mistake by mistake."""
    yield f"### {record['networks']} random networks, {DIGITS} decimals\n"
    yield from summary(record, found)
    yield f"\n{COUNTED}\n"
    yield from scores.not_planted()
    for what in (ALL, FIRST):
        yield f"\n### Mistake by mistake, {what} handed in\n"
        yield from found[what].table()


def summary(record: dict[str, Any], found: dict[str, scores.Scores]) -> Iterator[str]:
    """The totals, the accusations and the time."""
    yield from scores.HEAD
    for what, score in found.items():
        yield score.total.row(what)
    total = found[ALL].total
    yield f"\nWhere it is held back, so many are listed: {total.listed / max(total.held_back, 1):.1f} on average."
    right, random = record["right"], record["random"]
    yield f"\nRight answers with rounding noise not called right: {right['accused']} of {right['asked']}."
    yield f"\nArrays that mean nothing, but were explained or called right: {random['accused']} of {random['asked']}."
    for what, time_taken in record["seconds"].items():
        yield f"\nMedian time of a diagnosis, 3 layers, {what}: {1000 * time_taken:.0f} ms."


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    found.add_argument("--networks", type=int, default=100, help="in which every mistake is made (100)")
    found.add_argument("--right", type=int, default=1000, help="right answers (1000)")
    found.add_argument("--random", type=int, default=1000, help="arrays that mean nothing (1000)")
    found.add_argument("--timed", type=int, default=10, help="networks of which the time is taken (10)")
    found.add_argument("--processes", type=int, default=1, help="at a time (1)")
    found.add_argument("--first", type=int, default=0, help="seed of the first network (0)")
    found.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="for the JSON and the table")
    return found


def main() -> None:
    """Measure, print the report, write JSON and the report."""
    options = parser().parse_args()
    found = mistakes_named(range(options.first, options.first + options.networks), options.processes)
    record: dict[str, Any] = {"networks": options.networks, "digits": DIGITS}
    record |= {
        "right": accusations(options.right, "right", options.processes),
        "random": accusations(options.random, "random", options.processes),
    }
    record |= {"seconds": seconds(options.timed), **{what: score.record() for what, score in found.items()}}
    report = "\n".join(lines(record, found))
    print(report)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "diagnose_mistakes.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    (options.out / "diagnose_mistakes.md").write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
