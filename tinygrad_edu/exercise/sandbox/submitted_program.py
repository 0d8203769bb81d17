"""`Submission`: a student's program, as text, and the name in it that gives the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tinygrad_edu.exercise.sandbox.function_source import FunctionSource
from tinygrad_edu.exercise.sandbox.limits import Limits

DEFAULT = Limits()
MAX_BYTES = 600_000  # of a program


@dataclass(frozen=True)
class Submission:
    """A student's program, which is never run in this process: `Exercise.check` takes it as it takes a function.

    `parts` are pieces of Python with the number of the first line; `name` is what they define: a function of the
    arrays, or the answers themselves. `file` is the program's name in reasons, `limits` what it may use.
    """

    parts: tuple[tuple[str, int], ...]
    name: str = "answers"
    file: str = "the program"
    limits: Limits = DEFAULT

    @classmethod
    def from_file(cls, path: str | Path, name: str = "answers", limits: Limits = DEFAULT) -> Self:
        """The program of a file. Raises `OSError`, or `ValueError` for a file that is no text of a program's size."""
        with Path(path).open("rb") as file:
            source = file.read(MAX_BYTES + 1)
        if len(source) > MAX_BYTES:
            raise ValueError(f"{path} is longer than {MAX_BYTES:,} bytes, which is no function")
        try:
            return cls(((source.decode("utf-8-sig"), 1),), name, Path(path).name, limits)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is not text in UTF-8") from error

    @classmethod
    def from_function(cls, function: Callable[..., Any]) -> Self:
        """The source of a function, with what it uses: modules, other functions, numbers and arrays.

        Raises `ValueError` if its source is not there, or if it uses an object of another kind or arrays too large.
        """
        found = FunctionSource(function)
        if sum(len(text) for text, _ in found.parts) > MAX_BYTES:
            raise ValueError(f"what it uses is longer than {MAX_BYTES:,} bytes; hand in its file")
        return cls(tuple(found.parts), found.name, "the function")
