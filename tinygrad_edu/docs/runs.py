"""Examples that are run while the site is built: the code, what it printed, the graph it made."""

from __future__ import annotations

import contextlib
import io
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import tinygrad_edu
from tinygrad_edu.tensor.random_tensors import get_rng_state, set_rng_state


class Run(NamedTuple):
    """Code, what it printed, and the names it left."""

    code: str
    printed: str
    names: dict[str, Any]


def run(code: str) -> Run:
    """Run an example, with `torch` for the package; the generator of random numbers is left as it was."""
    names: dict[str, Any] = {"torch": tinygrad_edu, "__name__": "example"}
    printed, state = io.StringIO(), get_rng_state()
    try:
        with contextlib.redirect_stdout(printed), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(code, "<example>", "exec"), names)
    finally:
        set_rng_state(state)
    return Run(code, printed.getvalue().rstrip("\n"), names)


@contextlib.contextmanager
def empty_folder() -> Iterator[Path]:
    """A new folder as the current one, for code that saves files."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield Path(folder)
