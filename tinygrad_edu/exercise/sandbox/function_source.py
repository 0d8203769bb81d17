"""The source of a function, with all that it uses, so that another process can define it."""

from __future__ import annotations

import ast
import base64
import dis
import inspect
import sys
from collections.abc import Iterator, Mapping
from reprlib import repr as short
from types import CodeType, FunctionType, ModuleType, NoneType
from typing import Any

import numpy as np

from tinygrad_edu.exercise.sandbox.kernel_limits import PACKAGES
from tinygrad_edu.exercise.sandbox.worker import TYPES

MODULES = {*sys.stdlib_module_names, *PACKAGES} - {"__main__"}
LAMBDA = "_handed_in"
Definition = ast.FunctionDef | ast.Lambda


class FunctionSource:
    """The pieces of a program that define a function: `name`, and `parts`, each with the number of its first line.

    Raises `ValueError` if it is no function with a source, or if it uses an object that has no plain source.
    """

    def __init__(self, function: Any) -> None:
        if not isinstance(function, FunctionType):
            raise ValueError(f"a function written with def is needed, got {short(function)}")
        self.name = LAMBDA if function.__name__ == "<lambda>" else function.__name__
        self.parts: list[tuple[str, int]] = []
        self._values: dict[str, Any] = {}
        self._add(self.name, function)

    def _add(self, name: str, value: Any) -> None:
        """Add the piece that gives `name` this value, after those that it needs itself."""
        if name in self._values:
            if self._values[name] is not value:
                raise ValueError(f"it uses two objects called {name}; give each a name of its own")
            return
        self._values[name] = value
        if not isinstance(value, FunctionType) or _importable(value):
            self.parts.append((f"{_statement(name, value)}\n", 1))
            return
        text, line = _text(value, name)
        for used, found in _used(text, value):
            self._add(used, found)
        self.parts.append((text, line))


def _text(function: FunctionType, name: str) -> tuple[str, int]:
    """The text that defines the function by this name, and the line at which it begins."""
    node, lines = _definition(function)
    if isinstance(node, ast.Lambda):
        return f"{name} = ({ast.get_source_segment(''.join(lines), node)}\n)\n", node.lineno
    first = function.__code__.co_firstlineno
    text = "".join(lines[first - 1 : node.end_lineno]).rstrip() + "\n"
    text += "" if node.name == name else f"{' ' * node.col_offset}{name} = {node.name}\n"
    return (f"if True:\n{text}", first - 1) if node.col_offset else (text, first)


def _definition(function: FunctionType) -> tuple[Definition, list[str]]:
    """The definition of the function, and the lines in which it stands."""
    try:
        lines = inspect.findsource(function)[0]
        tree = ast.parse("".join(lines))
    except (OSError, TypeError, SyntaxError) as error:
        raise ValueError(f"the source of {function.__name__} is not there; hand in its file") from error
    nodes = (node for node in ast.walk(tree) if isinstance(node, Definition))
    found = [node for node in nodes if _defines(node, function.__code__)]
    if not found:
        raise ValueError(f"the source of {function.__name__} has changed since then; define it again")
    return found[-1], lines  # of lambdas within each other, the inner one


def _defines(node: Definition, code: CodeType) -> bool:
    """True if the code has the name, the arguments and the place of this definition."""
    a = node.args
    names = [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if x is not None]
    if getattr(node, "name", "<lambda>") != code.co_name or names != list(code.co_varnames[: len(names)]):
        return False
    first = min(x.lineno for x in (node, *getattr(node, "decorator_list", ())))
    start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    places = [(line, column) for line, _, column, _ in code.co_positions() if line and column]
    return first == code.co_firstlineno and all(start <= place < end for place in places)


def _used(text: str, function: FunctionType) -> Iterator[tuple[str, Any]]:
    """The names that a definition takes from outside, with their values; those that Python has are left out."""
    known = {**function.__globals__, **inspect.getclosurevars(function).nonlocals}
    for name in dict.fromkeys(_names(compile(text, "<function>", "exec", dont_inherit=True))):
        if name in known:
            yield name, known[name]


def _names(code: CodeType) -> Iterator[str]:
    """The names that the code, or a function in it, takes from its module."""
    yield from (x.argval for x in dis.get_instructions(code) if x.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _importable(value: Any) -> bool:
    """True for what a package offers that is there wherever the function runs."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", "")
    known = isinstance(module, str) and module.split(".")[0] in MODULES
    return known and getattr(sys.modules.get(str(module)), str(name), None) is value


def _statement(name: str, value: Any) -> str:
    """The line that gives a name this value."""
    if isinstance(value, ModuleType) and value.__name__.split(".")[0] in MODULES:
        return f"import {value.__name__} as {name}"
    if _importable(value):
        return f"from {value.__module__} import {value.__name__} as {name}"
    text = _literal(value)
    if text is None:
        kind = (
            f"the module {value.__name__}" if isinstance(value, ModuleType) else f"a {type(value).__name__}"
        )
        raise ValueError(f"it uses {name}, {kind}, and may use functions, numbers, and arrays of NumPy alone")
    return f"{name} = {text}"


def _literal(value: Any) -> str | None:
    """The expression of plain data, and None for anything else."""
    if type(value) in (bool, int, str, bytes, NoneType):
        return repr(value)
    if type(value) is float:
        return f"float({str(value)!r})"
    if isinstance(value, np.ndarray | np.generic) and value.dtype.str in TYPES:
        data = f"__import__('base64').b64decode({base64.b64encode(value.tobytes())!r})"
        return (
            f"__import__('numpy').frombuffer({data}, {value.dtype.str!r}).reshape({value.shape})[...].copy()"
        )
    if type(value) in (list, tuple, set, dict):
        return _container(value)
    return None


def _container(value: Any) -> str | None:
    items = value.items() if isinstance(value, Mapping) else value
    texts = [_literal(item) for item in items]
    if None in texts:
        return None
    return f"{type(value).__name__}([{', '.join(map(str, texts))}])"
