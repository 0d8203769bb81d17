"""The program that runs a student's code, inside a sandbox or a child process: bytes come in, bytes go out.

It needs Python and NumPy alone: of this library, nothing is within reach of the code that it runs.
A message is a text in JSON, the arrays' own bytes, and an end that says how long both are.
"""

from __future__ import annotations

import ast
import io
import json
import math
import os
import reprlib
import struct
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

END = struct.Struct("<QQ8s")
MARK = b"answers\n"
TYPES = {np.dtype(letter).str for letter in "?bBhHiIqQefd"}
MAX_TEXT = 4_000_000  # characters of JSON
MAX_RESULTS = 1000
MAX_MESSAGE = 200  # characters of an error's own words


def pack(head: Mapping[str, Any], arrays: Sequence[np.ndarray]) -> bytes:
    """The message that `unpack` reads; arrays of other types than `TYPES` become float64."""
    kept = [a if a.dtype.str in TYPES else a.astype(float) for a in arrays]
    text = json.dumps({**head, "arrays": [[a.dtype.str, a.shape] for a in kept]}).encode()
    body = b"".join(a.tobytes() for a in kept)
    return text + body + END.pack(len(text), len(body), MARK)


def unpack(message: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The head and the arrays of a message, which may have anything printed before it.

    Raises an `Exception` of any type for bytes that are no such message.
    """
    length, size, mark = END.unpack(message[-END.size :])
    at = len(message) - END.size - size
    if mark != MARK or not 0 <= length <= MAX_TEXT or at < length:
        raise ValueError("no message")
    head = json.loads(message[at - length : at])
    arrays = []
    for kind, shape in head["arrays"]:
        if kind not in TYPES or any(type(n) is not int or n < 0 for n in shape):
            raise ValueError("no array of numbers")
        if at + math.prod(shape) * np.dtype(kind).itemsize > len(message) - END.size:
            raise ValueError("an array is longer than the message")
        arrays.append(np.ndarray(shape, kind, message, at).copy())
        at += arrays[-1].nbytes
    return head, arrays


def answer(job: Mapping[str, Any], arrays: Sequence[np.ndarray]) -> bytes:
    """The reply to a job: what the student's function returned for each input, or why it returned nothing."""
    try:
        value = _load(job)
    except BaseException as error:  # whatever a student's program does
        return pack({"reason": _told(error, job["file"], job["file"])}, [])
    runs: list[Mapping[str, Any]] = []
    kept: list[np.ndarray] = []
    for names in job["inputs"] if callable(value) else [None]:
        try:
            with np.errstate(all="ignore"):
                found = value if names is None else value(**{name: arrays[i] for name, i in names.items()})
            runs.append(_written(found, kept, job["most"]))
        except BaseException as error:
            runs.append({"reason": _told(error, "the function", job["file"])})
    reply = pack({"runs": runs}, kept)
    if END.unpack(reply[-END.size :])[0] > MAX_TEXT:
        return pack({"reason": "the results hold too much that is not an array of numbers"}, [])
    return reply


def _load(job: Mapping[str, Any]) -> Any:
    """The value of the name that is asked for, after all parts of the program have run."""
    module = sys.modules["answers"] = ModuleType("answers")
    for text, line in job["parts"]:
        tree = ast.increment_lineno(ast.parse(text, job["file"]), line - 1)
        exec(compile(tree, job["file"], "exec", dont_inherit=True), vars(module))
    if job["name"] not in vars(module):
        known = ", ".join(name for name in vars(module) if name[0] != "_")
        raise _Refused(f"{job['file']} has no {job['name']}; it has {known[:MAX_MESSAGE] or 'no names'}")
    return vars(module)[job["name"]]


class _Refused(Exception):  # noqa: N818 - a reason, no fault of the program
    """A reason why there are no answers, in its own words."""


def _written(found: Any, kept: list[np.ndarray], most: int) -> dict[str, Any]:
    """What the function returned as JSON, with its arrays in `kept`."""
    if not isinstance(found, Mapping):
        return {"answer": _value(found, kept, most)}
    if len(found) > MAX_RESULTS:
        raise _Refused(f"there are {len(found):,} results, and {MAX_RESULTS:,} at most can be read")
    return {"answers": {str(key)[:MAX_MESSAGE]: _value(value, kept, most) for key, value in found.items()}}


def _value(value: Any, kept: list[np.ndarray], most: int) -> dict[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            array = np.asarray(value)
    except Exception:  # ragged lists, objects that cannot be read
        array = np.empty(0, object)
    if array.dtype.kind in "biuf":
        if array.nbytes + sum(a.nbytes for a in kept) > most:
            raise _Refused(f"the results are larger than {most / 1e6:.0f} MB")
        kept.append(array)
        return {"array": len(kept) - 1}
    try:
        json.dumps(value)
    except Exception:  # complex numbers, other objects
        return {"json": _short(value)}
    return {"json": value}


def _short(value: Any) -> str:
    try:
        return reprlib.repr(value)[:MAX_MESSAGE]
    except Exception:  # an object may fail to say what it is
        return type(value).__name__


def _told(error: BaseException, what: str, file: str) -> str:
    """One line on an error of a student's program."""
    lines = [n for frame, n in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    line = f" (line {lines[-1]})" if lines else ""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, SystemExit):
        return f"{what} ended the program with sys.exit{line}"
    if isinstance(error, MemoryError):
        return f"{what} ran out of memory{line}"
    try:
        words = f": {error}"[:MAX_MESSAGE]
    except BaseException:  # an error may fail to say what it is
        words = ""
    if isinstance(error, SyntaxError):
        return f"{what} cannot be read as Python: {error.msg} (line {error.lineno})"
    if isinstance(error, ModuleNotFoundError):
        words += "; numpy, scipy and the modules of Python are there"
    if isinstance(error, PermissionError):
        words += "; files, processes and the network are out of reach"
    return f"{what} raised {type(error).__name__}{words}{line}"


class _Nowhere(io.RawIOBase):
    """A stream that forgets what is written."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        return len(data)


def main() -> None:
    """Answer the job that stdin brings, on stdout; what the student's code prints goes nowhere."""
    finish, write, stdout = os._exit, os.write, sys.stdout  # kept, for the student's code may change them
    job, arrays = unpack(sys.stdin.buffer.read())
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO())  # type: ignore[misc]
    sys.stdout = sys.stderr = io.TextIOWrapper(_Nowhere(), "utf-8", "replace", write_through=True)
    sys.__stdout__ = sys.__stderr__ = sys.stdout  # type: ignore[misc]
    reply = memoryview(answer(job, arrays))
    while reply:
        reply = reply[write(stdout.fileno(), reply) :]
    finish(0)


if __name__ == "__main__":
    main()
