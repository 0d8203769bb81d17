"""`Puzzle`: a task with a function to write, hints in three levels, verdicts, and the explained solution."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.exercise.sandbox import Submission, run
from tinygrad_edu.explanation.derivation import explain
from tinygrad_edu.puzzles import bug_puzzles
from tinygrad_edu.puzzles.progress_file import Progress
from tinygrad_edu.puzzles.puzzle_row import Row
from tinygrad_edu.puzzles.puzzle_verdict import (
    CASES,
    OF_FUNCTIONS,
    OF_NUMBERS,
    Returned,
    Verdict,
    call,
    judge,
)

HINTS = 3
MARK = "# puzzle: "


class Puzzle:
    """The puzzle of a row, with the progress that it is noted in. A prompt shows the task."""

    def __init__(self, number: int, row: Row, progress: Progress) -> None:
        self.number, self.row, self.progress = number, row, progress
        self._last: Verdict | None = None

    @property
    def name(self) -> str:
        """The name to find it by."""
        return self.row.name

    @property
    def data(self) -> dict[str, Any]:
        """The arrays that are shown, by name."""
        return self.row.inputs(0)

    @property
    def solved(self) -> bool:
        """True if a function was right."""
        return self.progress.count("solved", self.name) > 0

    @property
    def text(self) -> str:
        """The task with the shapes, the numbers that are shown and the function to write."""
        head = f"Puzzle {self.number}, {self.name}: {self.row.title}"
        task = "\n".join([self._task, *self._choices("  ")])
        return "\n\n".join([head, task, self._arrays, self.stub.rstrip()])

    @property
    def _arrays(self) -> str:
        return "\n\n".join(
            f"{name}, of shape {x.shape}:\n{x}" if x.ndim else f"{name} = {x}"
            for name, x in self.data.items()
        )

    @property
    def _task(self) -> str:
        if self.row.bug is not None:
            return f"{self.row.text} The program has one bug. Name it, then mend it; the name alone is no solution."
        return self.row.text

    def _choices(self, mark: str) -> list[str]:
        return [f"{mark}({letter}) {name}" for letter, name in self.choices.items()]

    @property
    def choices(self) -> dict[str, str]:
        """Of a planted bug, names to choose from, by letter."""
        if self.row.bug is None:
            return {}
        names = [row.bug[2] for row in bug_puzzles.ROWS if row.bug is not None]
        at = names.index(self.row.bug[2])
        near = sorted({(at + step) % len(names) for step in (0, 2, 3, 5)})
        return {chr(97 + i): names[j] for i, j in enumerate(near)}

    @property
    def stub(self) -> str:
        """The program to fill in, or with the planted bug."""
        body = "...  # return the answer, an array" if self.row.bug is None else self.row.buggy
        program = (
            self.row.program(body) if self.row.bug else self.row.program("return").replace("return", body)
        )
        return f"{MARK}{self.name}\n{program}"

    def check(self, answer: Any) -> Verdict:
        """The verdict on a function of the arrays, on the array for the numbers shown, or on the letter of a bug.

        A function is called here, with several sizes, and its verdict printed, so that `@puzzle.check` may stand above
        it; its name is then that of the verdict, which a notebook shows with the picture. A `Submission`, the program
        of a file, runs apart from this process. A letter, which can be guessed, does not solve the puzzle. Raises
        nothing on account of `answer`.
        """
        if self.row.bug is not None and isinstance(answer, str):
            return self._named(answer)
        if isinstance(answer, Submission):
            verdict = self._ran(answer)
        elif callable(answer):
            verdict = judge(self.row, [call(answer, self.row, case) for case in CASES], OF_FUNCTIONS)
            print(verdict.text)
        else:
            verdict = judge(self.row, [Returned(answer)], OF_NUMBERS)
        if verdict.right:
            self.progress.record("solved", self.name)
        self._last = verdict
        return verdict

    def _named(self, guess: str) -> Verdict:
        assert self.row.bug is not None
        said = self.choices.get(guess.strip().strip("()").lower(), guess)
        right = said == self.row.bug[2]
        return Verdict(right, f"Right: it is {said}. Now mend it." if right else f"Wrong: it is not {said}.")

    def _ran(self, program: Submission) -> Verdict:
        outcome = run(program, [self.row.inputs(case) for case in CASES])
        answers = [Returned(found.answers, found.reason) for found in outcome.runs]
        verdict = judge(self.row, answers, OF_FUNCTIONS if len(answers) > 1 else OF_NUMBERS)
        note = f"\nNote: {outcome.note}." if outcome.note else ""
        return Verdict(verdict.right, verdict.text + note, verdict.picture)

    def hint(self, level: int | None = None) -> str:
        """The next hint, or that of a level from 1 to 3; the last one is nearly the solution.

        Raises `ValueError` for another level.
        """
        level = min(self.progress.count("hints", self.name) + 1, HINTS) if level is None else level
        if level not in range(1, HINTS + 1):
            raise ValueError(f"hint needs a level from 1 to {HINTS}, got {level}")
        self.progress.record("hints", self.name, level)
        return self.hints[level - 1]

    @property
    def hints(self) -> tuple[str, str, str]:
        """All hints."""
        lines = self.row.program(self.row.solution).splitlines()[4:]
        if self.row.bug is not None:
            right, wrong, _ = self.row.bug
            last = f"put {right.strip()}" + (f" where {wrong.strip()} stands" if wrong else " back")
            return (*self.row.hints, f"In the program, {last}.")
        return (*self.row.hints, "\n".join(["The last lines are:", *lines[-2:]]))

    def difference(self) -> str:
        """An SVG of how far the last answer was off. Raises `ValueError` if there is none to be drawn."""
        if self._last is None or not self._last.picture:
            raise ValueError("difference needs a wrong answer of the right shape: check one first")
        return self._last.picture

    def solution(self) -> str:
        """The right program, and the derivation of the numbers that are shown. It is noted that it was read."""
        self.progress.record("solutions", self.name)
        parts = [self.row.program(self.row.solution).rstrip()]
        parts += [f"The bug was {self.row.bug[2]}."] if self.row.bug is not None else []
        if self.row.forward is not None and not self.row.jacobian:
            loss, x = self.row.graph(self.data)
            parts.append(
                f"With L = Σ g·y:\n{explain(loss, x)}" if "g" in self.data else str(explain(loss, x))
            )
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        blocks = f"```text\n{self._arrays}\n```\n\n```python\n{self.stub}```"
        choices = "\n".join(self._choices("- "))
        return "\n\n".join(
            [f"**{self.number}. {self.row.title}**", self._task, *filter(None, [choices]), blocks]
        )
