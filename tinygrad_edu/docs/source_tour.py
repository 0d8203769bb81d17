"""The tour of the source: the functions that a small step really calls, in their order, with their numbers."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import tinygrad_edu as torch
from tinygrad_edu import nn
from tinygrad_edu.docs.page_markup import code, heading, html, inline

PACKAGE = Path(torch.__file__).parent
_LINES = 24  # of an excerpt


@dataclass
class Stop:
    """A function that a run called: how often, how deep at first, and what it returned at first."""

    code: CodeType
    depth: int
    calls: int = 0
    returned: str = ""


def calls_of(action: Callable[[], object]) -> list[Stop]:
    """The functions of the package that `action` calls, in the order of their first calls."""
    stops: dict[CodeType, Stop] = {}
    depth = 0

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal depth
        here = frame.f_code
        if not here.co_filename.startswith(str(PACKAGE)) or here.co_filename == __file__:
            return
        if event == "call":
            stops.setdefault(here, Stop(here, depth)).calls += 1
            depth += 1
        elif event == "return":
            depth = max(depth - 1, 0)
            if here in stops and not stops[here].returned:
                stops[here].returned = _number(argument)

    sys.setprofile(profile)
    try:
        action()
    finally:
        sys.setprofile(None)
    return list(stops.values())


def _number(value: Any) -> str:
    """The numbers that a function returned, as NumPy writes them; empty for anything else."""
    array = getattr(value, "_data", value)
    return str(array) if type(array).__module__ == "numpy" and hasattr(array, "dtype") else ""


def source_tour() -> str:
    """The page in reStructuredText."""
    x = torch.tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    net(x).sum().backward()  # what is imported or looked up once is not on the tour
    loss = net(x).sum()
    runs: list[tuple[str, Callable[[], object]]] = [
        ("x.sum()", lambda: x.sum()),
        ("y = net(x)", lambda: net(x)),
        ("loss.backward()", loss.backward),
    ]
    words = (
        "Each function below was called, in this order, when this page was made, by the line in the heading. "
        "`x` is `[[1, -2], [0.5, 3]]`, `net` is `Linear(2, 2)` and `Tanh()` after `manual_seed(0)`, and "
        "`loss = net(x).sum()`. Python's `sys.setprofile` took the notes; lambdas and comprehensions are left out."
    )
    return heading("A tour of the source") + html(f"<p>{inline(words)}</p>") + "".join(_run(*r) for r in runs)


def _run(line: str, action: Callable[[], object]) -> str:
    stops = [stop for stop in calls_of(action) if not stop.code.co_name.startswith("<")]
    files = {stop.code.co_filename for stop in stops}
    counted = html(f"<p>{len(stops)} functions in {len(files)} files.</p>")
    return heading(line, "-") + counted + "".join(map(_stop, stops))


def _stop(stop: Stop) -> str:
    lines = inspect.getsource(stop.code).rstrip().splitlines()
    shown = lines[:_LINES] + ([f"# ... {len(lines) - _LINES} more lines"] if len(lines) > _LINES else [])
    place = f"{Path(stop.code.co_filename).relative_to(PACKAGE).as_posix()}:{stop.code.co_firstlineno}"
    words = _sentence(stop.code)
    often = "once" if stop.calls == 1 else f"{stop.calls} times"
    returned = f"; the first call returned <code>{inline(stop.returned)}</code>" if stop.returned else ""
    facts = f"<p><code>{place}</code>, called {often}, first at depth {stop.depth}{returned}. {inline(words)}</p>"
    return heading(stop.code.co_qualname, "~") + html(facts) + code(inspect.cleandoc("\n".join(["", *shown])))


def _sentence(function: CodeType) -> str:
    """The first line of the docstring of a function, which is the first of its constants."""
    first = function.co_consts[0] if function.co_consts else None
    has_text = bool(function.co_flags & 0x4000000) or '"""' in inspect.getsource(function)
    return first.strip().partition("\n")[0] if has_text and isinstance(first, str) else ""
