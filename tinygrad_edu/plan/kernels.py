"""The source of the functions that a program calls, with all they need: nothing but NumPy and the standard library."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import types
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def kernels(functions: Iterable[tuple[str, Callable[..., Any]]]) -> tuple[list[str], list[str]]:
    """The imports and the definitions, in an order that runs, for functions to be called by the given names."""
    found = _Collected()
    for name, function in functions:
        found.add(name, function)
    return sorted(found.imports), list(found.definitions.values())


class _Collected:
    def __init__(self) -> None:
        self.imports: set[str] = {"import numpy as np"}
        self.definitions: dict[str, str] = {}
        self._trees: dict[str, ast.Module] = {}

    def add(self, name: str, function: Any) -> None:
        """The definition of `function`, after what it uses; and `name` for it, if that is another."""
        function = inspect.unwrap(getattr(function, "forward", function))
        if not isinstance(function, types.FunctionType | type):
            return
        own = function.__name__
        if own not in self.definitions:
            scope = vars(sys.modules[function.__module__])
            node = _plain(copy.deepcopy(self._statement(scope, own)))
            self.definitions[own] = ""  # so that a function that calls itself is not looked for again
            self._needs(node, scope)
            del self.definitions[own]  # it comes after what it needs
            self.definitions[own] = ast.unparse(node)
        if name != own:
            self.definitions[name] = f"{name} = {own}"

    def _needs(self, node: ast.AST, scope: dict[str, Any]) -> None:
        """Everything global that `node` names."""
        local = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and not _loads(inner)}
        local |= {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
        for name in sorted({inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - local):
            if name not in scope:
                continue
            thing = scope[name]
            if isinstance(thing, types.ModuleType):
                alias = f"import {thing.__name__}" + (f" as {name}" if name != thing.__name__ else "")
                self.imports.add(alias)
            elif isinstance(inspect.unwrap(thing), types.FunctionType | type) or hasattr(thing, "forward"):
                self.add(name, thing)
            elif name not in self.definitions:
                statement = self._statement(scope, name)
                value = statement.value  # type: ignore[attr-defined]
                self._needs(value, scope)
                self.definitions[name] = f"{name} = {ast.unparse(value)}"

    def _statement(self, scope: dict[str, Any], name: str) -> ast.stmt:
        """The statement of a module that defines `name`."""
        file = scope["__file__"]
        if file not in self._trees:
            self._trees[file] = ast.parse(Path(file).read_text(encoding="utf-8"))
        for node in self._trees[file].body:
            if _defines(node, name):
                return node
        raise RuntimeError(
            f"source() needs functions defined at the top of a file, under their own name, but {name} in {file} is not"
        )


def _plain(definition: ast.stmt) -> ast.stmt:
    """A definition without decorators and annotations, and without `out=`, which only hands an array on."""
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef):
            node.decorator_list, node.returns = [], None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.Call):
            node.args = [x for x in node.args if _name(x) != "out"]
            node.keywords = [x for x in node.keywords if _name(x.value) != "out"]
    if isinstance(definition, ast.FunctionDef) and "out" not in map(_name, ast.walk(definition)):
        _drop_out(definition.args)
    return definition


def _drop_out(arguments: ast.arguments) -> None:
    """`out=None` is the last of the arguments that may be left out, or of those with a keyword."""
    if arguments.args and arguments.args[-1].arg == "out":
        arguments.args.pop()
        arguments.defaults.pop()
    if arguments.kwonlyargs and arguments.kwonlyargs[-1].arg == "out":
        arguments.kwonlyargs.pop()
        arguments.kw_defaults.pop()


def _name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _loads(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
