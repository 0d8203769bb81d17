"""A job of a student's code in a child process, with limits: what is used where there is no sandbox."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import numpy as np

from tinygrad_edu.exercise.sandbox.child import STARTED
from tinygrad_edu.exercise.sandbox.limits import Limits, ended
from tinygrad_edu.exercise.sandbox.worker import MAX_TEXT

CHILD = Path(__file__).with_name("child.py")
PACKAGES = Path(np.__file__).parents[1]
NOTE = "it ran in a process with limits, which is no sandbox"
INSTALL = 'pip install "tinygrad_edu[sandbox]" brings one'


def run(job: bytes, limits: Limits) -> bytes | str:
    """The bytes that the child leaves, or the reason why there are none.

    The child has an empty folder, no environment and a group of its own, of which nothing is left in the end. What it
    reads and writes are files without a name.
    """
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        stdin.write(job)
        stdin.seek(0)
        code = _exit_code(stdin, stdout, folder, limits)
        stdout.seek(0)
        written = stdout.read(limits.results + 2 * MAX_TEXT)
    if code == 0:
        return written
    if code and code > 0 and not written.startswith(STARTED):
        return "Python with NumPy does not start under the limits"
    return _reason(code, limits)


def _exit_code(stdin: IO[bytes], stdout: IO[bytes], folder: str, limits: Limits) -> int | None:
    """The exit code of the child, or None if it was not done in time."""
    numbers = (limits.seconds, limits.memory, limits.results + 2 * MAX_TEXT)
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(CHILD), str(PACKAGES), *map(str, numbers)],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(),
        start_new_session=True,
    )
    try:
        return process.wait(limits.clock)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _environment() -> dict[str, str]:
    """NumPy needs one thread; Windows needs one name to start a program."""
    windows = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", **windows}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and all that it started."""
    with contextlib.suppress(OSError, AttributeError):  # nothing is left; Windows
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _reason(code: int | None, limits: Limits) -> str:
    """The reason for an end without results."""
    if code is None:
        return limits.late
    if code >= 0:
        return ended(code)
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name == "SIGXCPU":
        return f"the program was stopped, as it computed for more than {math.ceil(limits.seconds)} seconds"
    if name == "SIGKILL":
        return "the program was stopped by the system, or stopped itself (SIGKILL)"
    return f"the program crashed ({name})"
