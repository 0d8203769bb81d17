"""A user's script or notebook, run for one of its results, `train.py:loss`, by the commands that look at results."""

from __future__ import annotations

import contextlib
import difflib
import sys
import traceback
from inspect import isfunction
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from tinygrad_edu.programs.execution import execute, is_of, main_module
from tinygrad_edu.programs.last_pass import LastPass


class ScriptError(Exception):
    """A script, or a name in a script, that cannot be used; the message is for the user."""


class Found(NamedTuple):
    """The value of the name that was looked up, and all names of the script."""

    value: Any
    names: dict[str, Any]


def load(target: str) -> Found:
    """Run the script of `FILE.py:name`, and return its value of that name.

    The script runs as it would by `python FILE.py`, but its output goes to stderr. Raises `ScriptError`.
    """
    file, colon, name = target.rpartition(":")
    if not colon or not name or not file:
        raise ScriptError(f"a script and a name in it are needed as FILE.py:name, got {target}")
    names, last = _run(program_file(file))
    return _found(look_up(name, names), names, last)


def load_result(target: str) -> Found:
    """Run a script as `load` does; without a name after the file, return its loss, or else its last result.

    The loss is what the script calls `loss`, or else the last one whose `backward()` it called, in a function perhaps.
    Raises `ScriptError`, also if the script has computed nothing.
    """
    if not target.endswith((".py", ".ipynb")):
        return load(target)
    names, last = _run(program_file(target))
    results = [x for key, x in names.items() if key[0] != "_" and getattr(x, "operation", None) is not None]
    if "loss" not in names and last.loss is not None:
        return _found(last.loss, names | last.names, last)
    if "loss" not in names and not results:
        raise ScriptError(f"the script has no loss and no other result; say which one, as {target}:name")
    chosen = names["loss"] if "loss" in names else max(results, key=lambda x: int(x.serial))
    return _found(chosen, names, last)


def _found(value: Any, names: dict[str, Any], last: LastPass) -> Found:
    """A result with the parameters it was computed from, which the last step of the script has moved, mostly.

    A function will compute with those of the last backward pass, by which its gradients were found.
    """
    if isfunction(value):
        last.rewind()
    else:
        last.restore(value)
    return Found(value, names)


def program_file(file: str) -> Path:
    """The path of a script or notebook. Raises `ScriptError` if there is none."""
    path = Path(file)
    if not path.is_file():
        raise ScriptError(f"the script {path} is not there; give the path to a Python file")
    return path


def look_up(name: str, names: dict[str, Any]) -> Any:
    """The value of `name` in `names`, which may be the path of a parameter, `net.0.weight`. Raises `ScriptError`."""
    if name in names:
        return names[name]
    first, _, path = name.partition(".")
    listed = getattr(names.get(first), "named_parameters", None)
    parameters = dict(listed()) if path and callable(listed) else {}
    if path in parameters:
        return parameters[path]
    known = [key for key, x in names.items() if not key.startswith("_") and not isinstance(x, ModuleType)]
    by_small = {key.lower(): key for key in [*known, *(f"{first}.{key}" for key in parameters)]}
    near = difflib.get_close_matches(name.lower(), by_small, n=1)
    hint = (
        f"did you mean {by_small[near[0]]}?"
        if near
        else f"it has {', '.join(known[:20]) or 'no names at all'}"
    )
    raise ScriptError(f"the script has no {name}; {hint}")


def _run(path: Path) -> tuple[dict[str, Any], LastPass]:
    with main_module(path) as main, contextlib.redirect_stdout(sys.stderr), LastPass() as last:
        try:
            execute(path, vars(main))
        except SystemExit as stop:
            raise ScriptError(
                f"{path.name} ended with sys.exit({stop.code!r}) before its names could be read"
            ) from stop
        except Exception as error:
            where = _line(error, path)
            raise ScriptError(f"{path.name} failed{where}: {type(error).__name__}: {error}") from error
        return vars(main), last


def _line(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f" at line {error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_of(path, f.filename)]
    cell = frames[-1].filename.removeprefix(f"{path.name} ") if frames and path.suffix == ".ipynb" else ""
    return f" at {cell} line {frames[-1].lineno}".replace("  ", " ") if frames else ""
