"""A student's code is run on arrays, apart from this process; arrays come back, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.exercise.sandbox import process, wasi
from tinygrad_edu.exercise.sandbox.submitted_program import Submission
from tinygrad_edu.exercise.sandbox.worker import pack, unpack
from tinygrad_edu.text.words import clean

GARBAGE = "what the program wrote is not what a function returns"
MAX_REASON = 400


@dataclass(frozen=True)
class Run:
    """What came back for one input: `answers`, a mapping or a single one, or else the `reason` why there is nothing."""

    answers: Any = None
    reason: str = ""


@dataclass(frozen=True)
class Outcome:
    """A `Run` for each input, or a single one if the program has the answers themselves; `note` says how it was run."""

    runs: tuple[Run, ...]
    note: str = ""


def run(submission: Submission, inputs: Sequence[Mapping[str, np.ndarray]]) -> Outcome:
    """Run the program once, and its function on each of the inputs, `function(**arrays)`.

    In WebAssembly if the extra `sandbox` is installed, and else in a child process. Raises nothing on account of the
    program.
    """
    job, advice = _job(submission, inputs), process.INSTALL
    if wasi.available():
        try:
            return Outcome(_runs(wasi.run(job, submission.limits), len(inputs)))
        except Exception as error:  # whatever keeps WebAssembly from running on this machine
            advice = f"the one that is installed does not start: {clean(str(error)[:MAX_REASON])}"
    return Outcome(_runs(process.run(job, submission.limits), len(inputs)), f"{process.NOTE}; {advice}")


def is_program(answers: Any) -> bool:
    """True for answers that have to be run: a function, or the `Submission` of a file."""
    return callable(answers) or isinstance(answers, Submission)


def ran_on(program: Submission | Callable[..., Any], inputs: Sequence[Mapping[str, np.ndarray]]) -> Outcome:
    """`run`, also for a function; one that cannot be run apart from this process has that as its reason."""
    try:
        submission = program if isinstance(program, Submission) else Submission.from_function(program)
    except ValueError as error:
        return Outcome((Run(reason=f"the function cannot be run: {error}"),) * len(inputs))
    return run(submission, inputs)


def _job(submission: Submission, inputs: Sequence[Mapping[str, np.ndarray]]) -> bytes:
    arrays = [array for names in inputs for array in names.values()]
    places = iter(range(len(arrays)))
    head = {
        "parts": submission.parts,
        "name": submission.name,
        "file": submission.file,
        "inputs": [{name: next(places) for name in names} for names in inputs],
        "most": submission.limits.results,
    }
    return pack(head, arrays)


def _runs(written: bytes | str, count: int) -> tuple[Run, ...]:
    """The runs that the bytes tell of; nothing in them is taken on trust."""
    if isinstance(written, str):
        return (Run(reason=written),) * count
    try:
        head, arrays = unpack(written)
        if "reason" in head:
            return (Run(reason=_words(head["reason"])),) * count
        runs = tuple(_run(found, arrays) for found in head["runs"])
    except Exception:  # whatever a student's program wrote
        return (Run(reason=GARBAGE),) * count
    return runs if len(runs) in (1, count) else (Run(reason=GARBAGE),) * count


def _run(found: Mapping[str, Any], arrays: Sequence[np.ndarray]) -> Run:
    if "reason" in found:
        return Run(reason=_words(found["reason"]))
    if "answer" in found:
        return Run(_value(found["answer"], arrays))
    return Run({str(key): _value(value, arrays) for key, value in found["answers"].items()})


def _value(value: Mapping[str, Any], arrays: Sequence[np.ndarray]) -> Any:
    return arrays[value["array"]] if "array" in value else value["json"]


def _words(reason: Any) -> str:
    return clean(str(reason)[:MAX_REASON]) or GARBAGE
