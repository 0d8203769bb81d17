"""A user's script or notebook, run for one of its results, `train.py:loss`, by the commands that look at results."""

from __future__ import annotations

import contextlib
import difflib
import sys
import traceback
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.programs.execution import execute, is_of, main_module
from tinygrad_edu.tensor.gradient_flow import listening


class ScriptError(Exception):
    """A script, or a name in a script, that cannot be used; the message is for the user."""


class Found(NamedTuple):
    """The value of the name that was looked up, and all names of the script.

    `step`: of a loss, at which call of `backward()` it came, from 1; else 0.
    """

    value: Any
    names: dict[str, Any]
    step: int = 0


class _Enough(BaseException):
    """Ends a script at the loss that is looked for."""


def load(target: str) -> Found:
    """Run the script of `FILE.py:name`, and return its value of that name.

    The script runs as it would by `python FILE.py`, but its output goes to stderr. Raises `ScriptError`.
    """
    file, colon, name = target.rpartition(":")
    if not colon or not name or not file:
        raise ScriptError(f"a script and a name in it are needed as FILE.py:name, got {target}")
    names = _run(program_file(file), _Last())
    return Found(look_up(name, names), names)


def load_result(target: str, step: int = 0) -> Found:
    """Run a script as `load` does; without a name after the file, return its loss, or else its last result.

    The loss is what the script calls `loss`, or else the last one whose `backward()` it called, in a function perhaps.
    With `step` it is the loss of that call of `backward()`, and the script ends there, before weights are updated.
    Raises `ScriptError`, also if the script has computed nothing.
    """
    if not target.endswith((".py", ".ipynb")):
        return load(target)
    last = _Last(step)
    names = _run(program_file(target), last)
    results = [x for key, x in names.items() if key[0] != "_" and getattr(x, "operation", None) is not None]
    if "loss" in names and (last.loss is None or not step):
        return Found(names["loss"], names, last.calls if names["loss"] is last.loss else 0)
    if last.loss is not None:
        return Found(last.loss, names | last.names, last.calls)
    if not results:
        raise ScriptError(f"the script has no loss and no other result; say which one, as {target}:name")
    return Found(max(results, key=lambda x: int(x.serial)), names)


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


class _Last:
    """The last loss whose `backward()` was called, with the names around the call."""

    def __init__(self, step: int = 0) -> None:
        self.step, self.calls = step, 0
        self.loss: Any = None
        self.names: dict[str, Any] = {}

    def __call__(self, loss: Any) -> None:
        self.calls += 1
        self.loss, self.names = loss, dict(_users_frame().f_locals)
        if self.calls == self.step:
            raise _Enough


def _run(path: Path, last: _Last) -> dict[str, Any]:
    """The names of a script after it ran."""
    with main_module(path) as main, listening(last), contextlib.redirect_stdout(sys.stderr):
        try:
            execute(path, vars(main))
        except _Enough:
            pass
        except SystemExit as stop:
            raise ScriptError(
                f"{path.name} ended with sys.exit({stop.code!r}) before its names could be read"
            ) from stop
        except Exception as error:
            where = _line(error, path)
            raise ScriptError(f"{path.name} failed{where}: {type(error).__name__}: {error}") from error
        return vars(main)


def _users_frame() -> FrameType:
    """The innermost frame outside this package."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and is_own(frame.f_code):
        frame = frame.f_back
    assert frame is not None
    return frame


def _line(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f" at line {error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_of(path, f.filename)]
    cell = frames[-1].filename.removeprefix(f"{path.name} ") if frames and path.suffix == ".ipynb" else ""
    return f" at {cell} line {frames[-1].lineno}".replace("  ", " ") if frames else ""
