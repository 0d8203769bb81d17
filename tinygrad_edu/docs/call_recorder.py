"""Which functions of the package a piece of code calls, in their order, with what they were given and returned."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent


@dataclass
class Call:
    """A function, at its first call: `times` counts its calls, `caller` is the function of ours that called first."""

    code: CodeType
    caller: CodeType | None
    returned: str = ""
    times: int = 1

    @property
    def file(self) -> str:
        """The file, from the folder of the package on."""
        return Path(self.code.co_filename).relative_to(PACKAGE.parent).as_posix()


def recorded(function: Callable[[], Any]) -> list[Call]:
    """The functions of the package that run while `function` runs, by their first call."""
    calls: dict[CodeType, Call] = {}

    def note(frame: FrameType, event: str, value: Any) -> None:
        code = frame.f_code
        if not _is_function_of_ours(code):
            return
        if event == "call":
            if code in calls:
                calls[code].times += 1
            else:
                calls[code] = Call(code, _caller(frame))
        elif event == "return" and code in calls and not calls[code].returned:
            calls[code].returned = _written(value)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(before)
    return list(calls.values())


def _is_function_of_ours(code: CodeType) -> bool:
    file = Path(code.co_filename)
    if not file.is_relative_to(PACKAGE) or file.is_relative_to(PACKAGE / "docs"):
        return False
    return code.co_name[0] != "<" or code.co_name == "<lambda>"  # no comprehension


def _caller(frame: FrameType) -> CodeType | None:
    outer = frame.f_back
    while outer is not None and not _is_function_of_ours(outer.f_code):
        outer = outer.f_back
    return None if outer is None else outer.f_code


def _written(value: Any) -> str:
    """The number, array or Tensor that a function returned; empty for anything else."""
    if isinstance(value, bool | int | float | np.ndarray | np.generic | tinygrad_edu.Tensor):
        text = " ".join(repr(value).split())
        return text if len(text) <= 150 else text[:147] + "..."
    return ""
