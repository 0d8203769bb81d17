"""The start of a child process that runs a student's code: limits, NumPy, what the kernel refuses, then the worker.

Called as `python -I -S child.py PACKAGES SECONDS MEMORY RESULTS`; it needs Python and NumPy alone, as the worker does.
"""

from __future__ import annotations

import importlib
import math
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

STARTED = (
    b"started"  # the first it prints, unless something keeps Python and NumPy from starting under the limits
)


class Packages:
    """A finder of modules that finds these packages of a folder, and no others."""

    def __init__(self, folder: str, names: tuple[str, ...]) -> None:
        self.folder, self.names = folder, names

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The place of a package; its modules are found by Python, as usual."""
        return (
            PathFinder.find_spec(name, [self.folder], target) if path is None and name in self.names else None
        )


def limit(seconds: float, memory: int, results: int) -> None:
    """Set the limits that the system has; not all systems have all."""
    try:
        resource: Any = importlib.import_module("resource")
    except ImportError:  # Windows
        return
    whole = math.ceil(seconds)
    set_limit(resource, "CPU", whole, whole + 1)
    for name, most in {"AS": memory, "FSIZE": results, "NPROC": 0, "CORE": 0, "NOFILE": 64}.items():
        set_limit(resource, name, most, most)


def set_limit(resource: Any, name: str, soft: int, hard: int) -> None:
    """Set one limit, if the system has it and lets it be set."""
    try:
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (soft, hard))
    except (AttributeError, ValueError, OSError):
        return


def names_of(file: str) -> dict[str, Any]:
    """The names of a file beside this one, run without its package."""
    path = Path(__file__).with_name(file)
    names: dict[str, Any] = {"__name__": path.stem, "__file__": str(path)}
    exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), names)
    return names


def start(folder: str, seconds: str, memory: str, results: str) -> Any:
    """Set up this process; returns the worker's `main`."""
    limit(float(seconds), int(memory), int(results))
    kernel = names_of("kernel_limits.py")
    sys.meta_path.append(Packages(folder, kernel["PACKAGES"]))
    main = names_of("worker.py")["main"]
    kernel["restrict"](folder)
    return main


if __name__ == "__main__":
    main = start(*sys.argv[1:])
    os.write(1, STARTED)
    main()
