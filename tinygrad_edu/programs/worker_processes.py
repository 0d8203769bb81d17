"""Processes that a program starts: `import torch` means the same in them as in the program.

A process that is forked inherits that. One that is spawned runs the program's file anew as `__mp_main__`, and needs the
finder before: this file is named to it as its main module.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

SPAWN = "multiprocessing.spawn"


@contextlib.contextmanager
def workers_import_the_same(main: ModuleType) -> Iterator[None]:
    """Prepare processes that are spawned inside for a program whose main module is `main`."""
    spawn: Any = importlib.import_module(SPAWN)
    prepare = spawn.get_preparation_data

    def prepare_program(name: str) -> dict[str, Any]:
        data = dict(prepare(name))
        data.pop("init_main_from_path", None)
        data["sys_argv"] = [sys.argv[0], getattr(main, "__file__", ""), *sys.argv[1:]]
        return data | {"init_main_from_name": "tinygrad_edu.programs.worker_main"}

    spawn.get_preparation_data = prepare_program
    try:
        yield
    finally:
        spawn.get_preparation_data = prepare


def run_again(names: dict[str, Any]) -> None:
    """Run the program's file with these global names: an argument names it, which the program is not to see."""
    file = sys.argv.pop(1)
    if file:
        names["__file__"] = file
        exec(compile(Path(file).read_bytes(), file, "exec", dont_inherit=True), names)
