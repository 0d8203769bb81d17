"""The command line of every benchmark: run the question, print it, write JSON and a picture."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from harness import plot, report
from harness.driver import play
from harness.question import Question

OUT = Path(__file__).resolve().parent.parent / "out"


def main(question: Question, arguments: Sequence[str] | None = None) -> None:
    """Run `question` as the command line says."""
    parsed = _parser(question).parse_args(arguments)
    names = _chosen(question, parsed.only)
    found = play(question, names, parsed.quick)
    record = report.summary(question, found, parsed.quick)
    print("\n".join(report.lines(record)))
    parsed.out.mkdir(parents=True, exist_ok=True)
    name = Path(sys.argv[0]).stem + ("-quick" if parsed.quick else "")
    (parsed.out / f"{name}.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    missing = plot.draw(record, parsed.out / f"{name}.png")
    if missing:
        print(f"  {missing}")


def _parser(question: Question) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=question.title, allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="NAME",
        help=f"contestants whose name begins so; there are {', '.join(question.contestants)}",
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="DIR", help="for the JSON and the picture")
    return parser


def _chosen(question: Question, only: Sequence[str] | None) -> list[str]:
    if only is None:
        return list(question.contestants)
    chosen = [name for name in question.contestants if name.startswith(tuple(only))]
    if not chosen:
        sys.exit(
            f"--only needs names of contestants, {', '.join(question.contestants)}, got {' '.join(only)}"
        )
    return chosen
