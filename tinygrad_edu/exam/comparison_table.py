"""The comparison as text for a terminal: matrices side by side, as wide as there is room."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from tinygrad_edu.exam import compare, diagnoses
from tinygrad_edu.exam.compare import DIFFERS, GIVEN, SAME, WITHIN, Row
from tinygrad_edu.exam.findings import Finding

MARKS = {SAME: " ", GIVEN: " ", WITHIN: "~", DIFFERS: "!"}
KEY = (
    "One line of the paper after the other: what it prints, what the engine computes, and the verdict. After"
    " a number, ~ means: same within rounding of the printed weights; ! means: differs. 'allowed' is what the"
    " engine gets from weights that round to the printed ones."
)
Block = list[str]


def comparison(rows: Sequence[Row], found: Sequence[Finding], width: int) -> str:
    """The whole table, the reasons with their evidence, and one line of counts."""
    lines = _wrapped(KEY, width)
    for problem in sorted({row.problem for row in rows}):
        lines += ["", f" Problem {problem} ".center(width, "=")]
        for row in rows:
            if row.problem == problem:
                lines += ["", *_row(row, width)]
    lines += ["", " Why numbers differ, and what else to know ".center(width, "=")]
    for finding in found:
        lines += ["", *_finding(finding, width)]
    return "\n".join([*lines, "", summary(rows)])


def summary(rows: Sequence[Row]) -> str:
    """`121 numbers the same, 10 the same within rounding of the printed weights, 52 differ, ...`."""
    count = compare.count(list(rows))
    return (
        f"{count[SAME]} numbers the same, {count[WITHIN]} the same within rounding of the printed weights, "
        f"{count[DIFFERS]} differ; {count[GIVEN]} given by the paper"
    )


def overview(rows: Sequence[Row], found: Sequence[Finding], width: int) -> str:
    """The first screen: the counts, and each mistake of the paper in a sentence."""
    lines = _wrapped(f"The exam, recomputed: {summary(rows)}.", width)
    lines += ["", "Where the paper is wrong:"]
    for i, finding in enumerate(found, 1):
        lines += _wrapped(f"{finding.title}. {finding.sentence}", width, f"  {i}. ")
    return "\n".join(lines)


def verdict(row: Row) -> str:
    """The row's verdict in words, the count of numbers under this verdict, and the reason."""
    if row.verdict in (SAME, GIVEN):
        return row.verdict
    if row.verdict == WITHIN:
        return (
            f"{SAME}, {int((row.verdicts == WITHIN).sum())} of {row.verdicts.size} within rounding of the"
            " printed weights"
        )
    return f"differs ({int((row.verdicts == DIFFERS).sum())} of {row.verdicts.size} numbers): {row.reason}"


def _row(row: Row, width: int) -> list[str]:
    title = f"{row.name}: {verdict(row)}" + (f" ({row.note})" if row.note else "")
    blocks = [_block("paper" if row.given else "printed", _texts(row.printed.values, row.printed.decimals))]
    if not row.given:
        blocks.append(_block("engine", _marked(row)))
    if row.allowed is not None:
        digits = min(row.decimals, 4) + 1
        low, high = _texts(row.allowed.low, digits), _texts(row.allowed.high, digits)
        blocks.append(_block("allowed", np.char.add(np.char.add(low, " to "), high), "  |  "))
    return [*_wrapped(title, width), *("  " + line for line in beside(blocks, width - 2))]


def _marked(row: Row) -> np.ndarray:
    """The engine's numbers, each with the mark of its verdict unless all are the same."""
    texts = _texts(row.engine, row.decimals)
    if row.verdict == SAME:
        return texts
    marks = [[MARKS[verdict] for verdict in line] for line in np.atleast_2d(row.verdicts)]
    return np.char.add(texts, marks)


def _texts(array: np.ndarray, decimals: int) -> np.ndarray:
    """The numbers as texts in columns of equal width."""
    rows = np.atleast_2d(np.round(array, decimals) + 0.0)  # no minus sign before zero
    texts = np.array([[f"{x:.{decimals}f}" for x in line] for line in rows])
    return np.char.rjust(texts, np.char.str_len(texts).max())


def _block(title: str, texts: np.ndarray, gap: str = "  ") -> Block:
    lines = [f"[{gap.join(line)}]" for line in texts]
    width = max(len(title), len(lines[0]))
    return [line.ljust(width) for line in (title, *lines)]


def beside(blocks: Sequence[Block], width: int) -> list[str]:
    """Blocks of text side by side, as many as fit the width, the rest below."""
    lines: list[str] = []
    shelf: list[Block] = []
    for block in blocks:
        if shelf and sum(len(b[0]) + 3 for b in shelf) + len(block[0]) > width:
            lines += _shelf(shelf)
            shelf = []
        shelf.append(block)
    return lines + _shelf(shelf)


def _shelf(blocks: Sequence[Block]) -> list[str]:
    height = max(map(len, blocks))
    full = [[*block, *[" " * len(block[0])] * (height - len(block))] for block in blocks]
    return ["   ".join(parts).rstrip() for parts in zip(*full, strict=True)]


def _finding(finding: Finding, width: int) -> list[str]:
    lines = _wrapped(finding.title, width)
    for evidence in finding.evidence:
        lines += _wrapped(f"{evidence.certainty}: {evidence.text}", width, "  - ")
        blocks = [_block(array.name, _texts(array.values, array.decimals)) for array in evidence.arrays]
        lines += ["    " + line for line in beside(blocks, width - 4)] if blocks else []
    lines += _wrapped(diagnoses.INTRODUCTION, width, "  ") if finding.answers else []
    for answer in finding.answers:
        lines += _wrapped(f"{answer.certainty}, given {answer.given}: {answer.text}", width, "  - ")
    return [*lines, *_wrapped(f"Lesson: {finding.lesson}", width, "  ")]


def _wrapped(words: str, width: int, start: str = "") -> list[str]:
    return textwrap.wrap(
        words, width, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False
    )
