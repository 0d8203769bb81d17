"""Files of answers: `.json`, `.npz`, `.csv` and `.py`, read without running anything that is in them."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.exercise.sandbox import Submission
from tinygrad_edu.text.words import clean

MAX_LISTED = 10  # files of a student
MAX_BYTES = 64 * 1024 * 1024  # of a file, unpacked


class AnswersError(ValueError):
    """A file of answers that cannot be read; the message goes on from "the answers"."""


def read_answers(path: Path) -> Any:
    """What the file holds, mostly a mapping from names to arrays. Raises `AnswersError`."""
    reader = READERS.get(path.suffix.lower())
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AnswersError(f"are larger than {MAX_BYTES // 2**20} MB")
        if reader is None:
            raise AnswersError(f"are needed as {ENDINGS}, got {path.name}")
        return reader(path)
    except OSError as error:
        raise AnswersError(f"cannot be read: {(error.strerror or str(error)).lower()}") from error


def submitted(path: Path) -> Path:
    """The file of answers in one student's folder, answers.json or the only one; or the file itself.

    Raises `AnswersError` if there is none, or several.
    """
    if not path.is_dir():
        return path
    files = sorted(file for file in path.rglob("[!.]*") if file.is_file())
    readable = [file for file in files if file.suffix.lower() in SUBMITTED]
    named = [file for file in readable if file.stem == "answers"]
    chosen = named if len(named) == 1 else readable
    if len(chosen) != 1:
        there = ", ".join(clean(file.name) for file in files[:MAX_LISTED]) or "nothing"
        raise AnswersError(f"are needed in one file, answers.json, answers.npz or answers.py, got {there}")
    return chosen[0]


def parse_json(text: str) -> Any:
    """The contents of JSON. Raises `AnswersError`."""
    if not text.strip():
        raise AnswersError("are not JSON: there is nothing in it")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise AnswersError("are not JSON that can be read: it is nested too deep") from error
    except ValueError as error:
        raise AnswersError(f"are not JSON: {error}") from error


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnswersError("cannot be read: it is not text in utf-8") from error


def _json(path: Path) -> Any:
    return parse_json(_text(path))


def _npz(path: Path) -> dict[str, Any]:
    """The arrays of `np.savez`, unless something in there would have to be unpickled."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_BYTES:
                raise AnswersError(f"are larger than {MAX_BYTES // 2**20} MB when unpacked")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (ValueError, zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        if isinstance(error, AnswersError):
            raise
        raise AnswersError(f"are not an .npz file with arrays of numbers: {error}") from error


def _csv(path: Path) -> dict[str, Any]:
    """Rows `W1, 0.1, 0.2`: the name of an array and one of its rows; or only numbers of the array `W1` in W1.csv."""
    text = _text(path)
    separator = next((sign for sign in ";\t" if sign in text), ",")
    table = csv.reader(text.splitlines(), delimiter=separator)
    rows = [[cell.strip() for cell in row] for row in table if any(cell.strip() for cell in row)]
    if not rows:
        raise AnswersError("hold no numbers")
    if all(_is_number(row[0]) for row in rows):
        return {path.stem: rows}
    found: dict[str, list[list[str]]] = {}
    for name, *numbers in rows:
        found.setdefault(name, []).append(numbers)
    return {name: array if len(array) > 1 else array[0] for name, array in found.items()}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _script(path: Path) -> Submission:
    """A student's program, which is read here and runs in a sandbox when it is graded."""
    try:
        return Submission.from_file(path)
    except ValueError as error:
        raise AnswersError(f"cannot be read: {error}") from error


READERS: dict[str, Callable[[Path], Any]] = {".json": _json, ".npz": _npz, ".csv": _csv, ".py": _script}
ENDINGS = f"{', '.join([*READERS][:-1])} or {[*READERS][-1]}"
SUBMITTED = (".json", ".npz", ".py")  # a .csv in a folder is rather a table of grades
