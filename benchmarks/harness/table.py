"""All claims of the last full runs as one Markdown table, for the README.

python benchmarks/harness/table.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from harness.command import OUT  # noqa: E402 - found only now
from harness.report import number  # noqa: E402


def rows(record: dict[str, Any]) -> list[str]:
    """A row for each claim; the question stands in the first."""
    found = []
    question = record["question"]
    for claim in record["claims"]:
        value = f"{number(claim['median'])} {claim['unit']}".rstrip()
        half = f"{number(claim['low'])} to {number(claim['high'])}"
        bar = "" if claim["bar"] is None else f"{claim['bar']:g}"
        notes = "; ".join(filter(None, (claim["remark"], claim["verdict"])))
        found.append(f"| {question} | {claim['text']} | **{value}** | {half} | {bar} | {notes} |")
        question = ""
    return found


def main() -> None:
    """Print the table of what is in `out/`."""
    print("| question | what is compared | median | middle half | bar | |\n|---|---|---|---|---|---|")
    for file in sorted(OUT.glob("*.json")):
        record = json.loads(file.read_text(encoding="utf-8"))
        if not record["quick"]:
            print("\n".join(rows(record)))


if __name__ == "__main__":
    main()
