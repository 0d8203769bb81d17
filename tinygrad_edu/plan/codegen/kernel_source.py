"""The source of the functions that a program calls, with all they need: NumPy, and SciPy for special functions."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.special_kernels import SciPy, in_double
from tinygrad_edu.plan.codegen.jax.jax_kernels import helpers, jax_kernel


def kernels(functions: Iterable[tuple[str, Any]], jax: bool = False) -> tuple[list[str], list[str]]:
    """The imports and the definitions, in an order that runs, for what is to be called by the given names.

    Operations stand for their kernels, with `jax` for those that JAX needs in place of them.
    """
    found = _Collected(jax)
    for name, function in functions:
        found.add(name, function)
    return sorted(found.imports), list(found.definitions.values())


class _Collected:
    def __init__(self, jax: bool) -> None:
        self._jax = jax
        self.imports: set[str] = {"import numpy as np"}
        self.definitions: dict[str, str] = {}
        self._trees: dict[str, ast.Module] = {}
        self._things: dict[str, Any] = {"np": np, "step": None}  # what every name stands for

    def add(self, name: str, function: Any) -> None:
        """The definition of `function`, after what it uses; and `name` for it, if that is another."""
        if self._jax and isinstance(function, Operation) and (text := jax_kernel(function)):
            for helper in helpers(function):
                self.add(*helper)
            self.definitions[function.name] = text
            return
        function = _plainly(function)
        if isinstance(function, SciPy):
            self.imports.add("from scipy import special")
            self.add("in_double", in_double)
            self.definitions[name] = f"{name} = in_double(special.{function.function})"
        if not isinstance(function, types.FunctionType | type):
            return
        own = function.__name__
        self._claim(own, function)
        self._claim(name, function)
        if own not in self.definitions:
            scope = vars(sys.modules[function.__module__])
            if _plainly(scope.get(own)) is not function:
                raise _nameless(own, function.__module__)
            node = _Plain().visit(copy.deepcopy(self._statement(scope, own)))
            self.definitions[own] = ""  # so that a function that calls itself is not looked for again
            self._needs(node, scope)
            del self.definitions[own]  # it comes after what it needs
            self.definitions[own] = ast.unparse(node)
        if name != own:
            self.definitions[name] = f"{name} = {own}"

    def _claim(self, name: str, thing: Any) -> None:
        if self._things.setdefault(name, thing) is not thing:
            raise RuntimeError(
                f"source() needs a name of its own for everything it writes down, but {name} stands for two things; "
                "rename one of them"
            )

    def _is_new(self, name: str, thing: Any) -> bool:
        self._claim(name, thing)
        return name not in self.definitions

    def _needs(self, node: ast.AST, scope: dict[str, Any]) -> None:
        """Everything global that `node` names."""
        local = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and not _loads(inner)}
        local |= {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}
        for name in sorted({inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} - local):
            if name not in scope:
                continue
            thing = scope[name]
            if isinstance(thing, types.ModuleType):
                self._claim(name, thing)
                alias = f"import {thing.__name__}" + (f" as {name}" if name != thing.__name__ else "")
                self.imports.add(alias)
            elif isinstance(kernel := _plainly(thing), np.ufunc):
                self.definitions[name] = f"{name} = np.{kernel.__name__}"
            elif isinstance(inspect.unwrap(thing), types.FunctionType | type) or hasattr(thing, "forward"):
                self.add(name, thing)
            elif self._is_new(name, thing):
                statement = self._statement(scope, name)
                value = statement.value  # type: ignore[attr-defined]
                self._needs(value, scope)
                self.definitions[name] = f"{name} = {ast.unparse(value)}"

    def _statement(self, scope: dict[str, Any], name: str) -> ast.stmt:
        """The statement that defines `name`, in its module or in the one from where that has it."""
        file = scope.get("__file__")
        if file is None:
            raise _nameless(name, scope["__name__"])
        if file not in self._trees:
            self._trees[file] = ast.parse(Path(file).read_text(encoding="utf-8"))
        for node in self._trees[file].body:
            if _defines(node, name):
                return node
            if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
                return self._statement(vars(sys.modules[str(node.module)]), name)
        raise _nameless(name, file)


def _plainly(thing: Any) -> Any:
    """A function without what is around it."""
    return inspect.unwrap(getattr(thing, "forward", thing))


def _nameless(name: str, file: str) -> RuntimeError:
    return RuntimeError(
        f"source() needs functions defined at the top of a file, under their own name, but {name} in {file} is not"
    )


class _Plain(ast.NodeTransformer):
    """A definition without annotations and decorators with arguments, and as if there were no `out`."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list = [x for x in node.decorator_list if isinstance(x, ast.Name)]
        node.returns = None
        for arguments, defaults in (
            (node.args.args, node.args.defaults),
            (node.args.kwonlyargs, node.args.kw_defaults),
        ):
            if arguments and arguments[-1].arg == "out":
                arguments.pop()
                defaults.pop()
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = [x for x in node.args if _name(x) != "out"]
        node.keywords = [x for x in node.keywords if _name(x.value) != "out"]
        return self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self.visit(node.body) if _asks_for_out(node.test) else self.generic_visit(node)

    def visit_If(self, node: ast.If) -> Any:
        if _asks_for_out(node.test):
            return [self.visit(statement) for statement in node.body]
        return self.generic_visit(node)


def _asks_for_out(test: ast.expr) -> bool:
    return ast.unparse(test) == "out is None"


def _name(node: ast.AST) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _loads(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Load)


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name == name
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)
