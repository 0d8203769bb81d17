"""The C compiler of this machine, and the shared libraries it has made, which are kept for the next time."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Not -ffast-math: sums keep their order, and inf and nan are answers.
FLAGS = ("-std=c99", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-shared", "-fPIC")


@functools.cache
def compiler() -> str | None:
    """The path of cc, gcc or clang; None if there is none."""
    return next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)


def shared_library(source: str) -> Path | None:
    """The library compiled from `source`, kept from an earlier time if there is one; None without a compiler.

    Raises `RuntimeError` with what the compiler says if it fails.
    """
    command = compiler()
    if command is None:
        return None
    key = "\0".join((source, *FLAGS, *_identity(command)))
    library = cache_folder() / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.so"
    if not library.exists():
        _compile(command, source, library)
    return library


def cache_folder() -> Path:
    """The folder of this user for what can be made again; nobody else can write to it."""
    home = Path.home()
    if sys.platform == "darwin":
        base = home / "Library" / "Caches"
    elif sys.platform == "win32":
        base = home / "AppData" / "Local"
    else:
        base = home / ".cache"
    folder = base / "tinygrad_edu" / "c"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _compile(command: str, source: str, library: Path) -> None:
    """Compile in a folder of its own, and move the whole library to its place, as others may look for it meanwhile."""
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        text, made = Path(folder, "step.c"), Path(folder, "step.so")
        text.write_text(source, encoding="utf-8")
        done = subprocess.run(
            [command, *FLAGS, str(text), "-o", str(made), "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command} does not compile the step: {done.stderr.strip()[:2000]}")
        os.replace(made, library)  # noqa: PTH105 - atomic, and replaces


@functools.cache
def _identity(command: str) -> tuple[str, ...]:
    """What else a library depends on: which compiler, and which processor it was made for."""
    there = Path(command).resolve()
    state = there.stat()
    processor = platform.machine() + platform.processor()
    features = Path("/proc/cpuinfo")
    if features.exists():
        lines = features.read_text(encoding="utf-8", errors="replace").splitlines()
        kept = (line for line in lines if line.startswith(("model name", "flags", "Features")))
        processor += "".join(sorted(set(kept)))
    return str(there), str(state.st_size), str(state.st_mtime_ns), processor
