"""Functions as Python has compiled them: which names are asked for, and what parameters stand for."""

from __future__ import annotations

import dis
import functools
import re
import types
from typing import Any


@functools.lru_cache(maxsize=256)
def instructions(code: types.CodeType) -> list[tuple[str, Any]]:
    """What a piece of code does, and to which name: the two variables of newer Pythons' instructions one by one."""
    found: list[tuple[str, Any]] = []
    for instruction in dis.get_instructions(code):
        what, key = instruction.opname, instruction.argval
        if isinstance(key, tuple) and what.startswith(("LOAD_FAST", "STORE_FAST")):
            found += zip(re.findall("LOAD_FAST|STORE_FAST", what), key)
        else:
            found.append((what, key))
    return found


def defaults(function: types.FunctionType) -> dict[str, tuple[Any, str]]:
    """What the variables of parameters stand for that are not given: `def step(x, y, net=net)`."""
    values = function.__defaults__ or ()
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    found = dict(zip(names[len(names) - len(values) :], values)) | (function.__kwdefaults__ or {})
    return {name: (value, name) for name, value in found.items()}
