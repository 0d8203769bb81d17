"""The grades of a class: the answers in a folder, a table of all grades, and which mistakes are made how often."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from tinygrad_edu.exercise.answer_files import SUBMITTED, AnswersError, read_answers
from tinygrad_edu.exercise.exercise import Exercise
from tinygrad_edu.exercise.grade_report import WORDS, Graded, Result, grouped, line_of
from tinygrad_edu.exercise.jacobian_puzzle import JacobianPuzzle
from tinygrad_edu.exercise.sandbox.process import NOTE as NO_SANDBOX
from tinygrad_edu.text.numbers import number
from tinygrad_edu.text.words import clean

COLUMNS = ("submission", "question", "points", "possible", "verdict", "mistake", "reason")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # which a spreadsheet would run
MAX_NAMES = 4  # of files in a line


@dataclass(frozen=True)
class ClassReport:
    """The grades of many submissions, by file: `results`, `failures` with the reason, and `skipped`, which are none.

    `points`: the most points of each question.
    """

    title: str
    points: dict[str, float]
    results: dict[str, Result]
    failures: dict[str, str]
    skipped: dict[str, str]

    def text(self, level: int = 1) -> str:
        """A line for each submission, with notes below it and from level 2 on with the reasons; then the summary."""
        count = len(self.results) + len(self.failures)
        wide = max(map(len, [*self.results, *self.failures]))
        lines = [f"{self.title}, {number(count)} submission{'s' * (count != 1)}:"]
        for name in sorted([*self.results, *self.failures]):
            lines.append(f"{name:{wide}}  {self._in_short(name, level)}")
            lines += (f"    {line}" for line in self._reasons(name, level))
        for reason in dict.fromkeys(self.skipped.values()):
            names = [name for name, other in self.skipped.items() if other == reason]
            lines.append(f"Skipped {_some(names)}: {reason}.")
        lines += [f"Note: {note}." for note in self._unsafe()]
        return "\n".join([*lines, "", *self.summary()])

    def _in_short(self, name: str, level: int) -> str:
        """`3.5 of 4; W1 wrong`; at level 0 only the points."""
        if name in self.failures:
            return self.failures[name]
        result = self.results[name]
        points = f"{number(result.points)} of {number(result.possible)}"
        names: dict[str, list[str]] = {}
        for array in _not_right(result):
            names.setdefault(_word(array), []).append(array.name)
        verdicts = "; ".join(f"{', '.join(those)} {word}" for word, those in names.items())
        return f"{points}; {verdicts}" if verdicts and level else points

    def _reasons(self, name: str, level: int) -> list[str]:
        if level < 1 or name in self.failures:
            return []
        result = self.results[name]
        shown = [array for array in _not_right(result) if level > 1 or array.verdict == "unreadable"]
        reasons = [line_of(alike, level, points=False) for alike in grouped(shown)]
        notes = [f"Note: {note}." for note in result.notes if not note.startswith(NO_SANDBOX)]
        return "\n".join([*reasons, *notes]).splitlines()

    def _unsafe(self) -> list[str]:
        """The note on programs that ran without a sandbox, once for all of them."""
        notes = (note for result in self.results.values() for note in result.notes)
        found = dict.fromkeys(note for note in notes if note.startswith(NO_SANDBOX))
        return [f"the programs {note.removeprefix('it ')}" for note in found]

    def summary(self) -> Iterator[str]:
        """Sentences on the points, the questions and the mistakes."""
        if not self.results:
            yield "No submission could be read."
            return
        possible = sum(self.points.values())
        average = mean(result.points for result in self.results.values())
        share = f" ({average / possible:.0%})" if possible else ""
        unread = f"; {number(len(self.failures))} could not be read" * bool(self.failures)
        yield f"Mean of {number(len(self.results))}: {average:.3g} of {number(possible)} points{share}{unread}."
        yield from self._questions()
        yield from self._mistakes()

    def _questions(self) -> Iterator[str]:
        """The questions, those with the smallest share of their points first."""
        graded = {name: [result.arrays[name] for result in self.results.values()] for name in self.points}
        shares = {name: mean(a.points / (a.possible or 1) for a in arrays) for name, arrays in graded.items()}
        yield "Questions, the hardest first:"
        for name in sorted(shares, key=shares.__getitem__):
            counts = Counter(_word(array) for array in graded[name])
            words = ", ".join(f"{count} {word}" for word, count in counts.most_common())
            yield f"  {name}: {shares[name]:.0%} of the points; {words}"

    def _mistakes(self) -> Iterator[str]:
        """The mistakes, the most frequent first, each once for a submission."""
        found: dict[str, dict[str, str]] = {}
        for name, result in self.results.items():
            for array in result.arrays.values():
                if array.explanations:
                    example = f"For example {array.label}: {array.explanations[0].sentence}."
                    found.setdefault(_mistake(array), {}).setdefault(name, example)
                elif array.verdict == "wrong":
                    found.setdefault("no known mistake", {}).setdefault(name, "")
        yield "Mistakes, the most frequent first:" if found else "No array has wrong numbers."
        for mistake, by in sorted(found.items(), key=lambda pair: -len(pair[1])):
            yield f"  {len(by)} × {mistake} ({_some([*by])}). {next(iter(by.values()))}".rstrip()

    def csv(self, level: int = 3) -> str:
        """A table with a row for each submission and question."""
        file = io.StringIO()
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(map(_harmless, row) for row in self._rows(level))
        return file.getvalue()

    def _rows(self, level: int) -> Iterator[tuple[object, ...]]:
        for name, result in self.results.items():
            for a in result.arrays.values():
                reason = " ".join(a.reason(level).split())
                yield name, a.name, a.points, a.possible, a.verdict, _mistake(a) if level >= 3 else "", reason
        for name, reason in self.failures.items():
            yield from (
                (name, question, 0.0, most, "unreadable", "", reason)
                for question, most in self.points.items()
            )


def grade_folder(exercise: Exercise | JacobianPuzzle, folder: Path, level: int) -> ClassReport:
    """The grades of every file of answers in the folder and its subfolders; a bad file does no harm to the others."""
    report = ClassReport(exercise.title, exercise.points, {}, {}, {})
    for file in sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()):
        name = clean(file.relative_to(folder).as_posix())
        while name in report.results or name in report.failures:  # names that differ in what cannot be seen
            name += "'"
        if reason := _not_submitted(file, folder):
            report.skipped[name] = reason
            continue
        try:
            report.results[name] = exercise.check(read_answers(file), level)
        except AnswersError as error:
            report.failures[name] = f"the answers {error}"
    return report


def _not_submitted(file: Path, folder: Path) -> str:
    """The reason why a file is not a submission; an empty text if it is one."""
    if any(part.startswith((".", "__")) for part in file.relative_to(folder).parts):
        return "it is hidden"
    if file.is_symlink():
        return "it is a link"
    if not file.is_file():
        return "it is no file"
    return "" if file.suffix.lower() in SUBMITTED else f"it does not end in {', '.join(SUBMITTED)}"


def _not_right(result: Result) -> list[Graded]:
    return [array for array in result.arrays.values() if array.verdict not in ("right", "follows")]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return f"{', '.join(names[:MAX_NAMES])}{more}"


def _word(array: Graded) -> str:
    return WORDS[array.verdict]


def _mistake(array: Graded) -> str:
    """The name of the mistake, or those that explain the array equally well."""
    return " or ".join(dict.fromkeys(e.mistake for e in array.explanations))


def _harmless(cell: object) -> object:
    """A text that a spreadsheet takes for text and not for a formula: file names are the students'."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
