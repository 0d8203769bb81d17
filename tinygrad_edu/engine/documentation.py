"""The documentation of an operation, made from its row: its call, its formula and the source of its rules."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import linecache
from collections.abc import Callable
from types import CodeType
from typing import Any


class Documentation:
    """The attribute `__doc__`: of a class of operations its own text, of an operation what its row says."""

    def __init__(self, of_the_class: str | None) -> None:
        self._of_the_class = of_the_class

    def __get__(self, operation: Any, kind: type) -> str | None:
        return self._of_the_class if operation is None else operation.documentation()


def documentation(operation: Any) -> str:
    """The text of `help(operation)`."""
    rules = []
    for name, rule in zip(operation.input_names, operation.rules, strict=False):
        source = "" if rule is None else rule_source(rule)
        rules.append(f"    by {name}: {source or ('none' if rule is None else 'a function without source')}")
    result = _result_name(operation.rules)
    parts = [
        f"{operation.name}{operation.__signature__}".replace(", /", ""),
        computed(operation),
        "\n".join([f"Gradients, from the gradient g of the result {result}:", *rules])
        if operation.differentiable
        else "No gradient passes: the derivative is 0 wherever there is one.",
    ]
    return "\n\n".join(parts)


def computed(operation: Any) -> str:
    """The formula of an operation: the docstring of its kernel, or the line of NumPy that it is."""
    if hasattr(operation.forward, "__code__"):
        return inspect.getdoc(operation.forward) or ""
    name, inputs = operation.forward.__name__, ", ".join(operation.input_names)
    return f"{operation.readings.numpy or f'np.{name}({inputs})'}, for each number."


def _result_name(rules: Any) -> str:
    """`y`, or `z` where y is an input."""
    names = {
        getattr(r, "func", r).__code__.co_varnames[1].lstrip("_") for r in itertools.islice(rules, 3) if r
    }
    return min(names, default="y")


def signature(inputs: list[str], forward: Callable[..., Any]) -> inspect.Signature:
    """The call of an operation: inputs by position, settings by name."""
    parameters = []
    for name in inputs:
        kind = inspect.Parameter.VAR_POSITIONAL if name[0] == "*" else inspect.Parameter.POSITIONAL_ONLY
        parameters.append(inspect.Parameter(name.lstrip("*"), kind))
    code = getattr(forward, "__code__", None)
    if code is not None:
        settings = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        parameters += [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in settings if name != "out"
        ]
    return inspect.Signature(parameters)


def rule_source(rule: Callable[..., Any]) -> str:
    """The expression that a rule states, as it is written in its file; empty if there is no file."""
    node = source_node(rule)
    if isinstance(node, ast.Lambda):
        return ast.unparse(node.body)
    if node is None:
        return ""
    (*before, last) = [statement for statement in node.body if not _is_text(statement)]
    lines = [*map(ast.unparse, before), ast.unparse(last).removeprefix("return ")]
    return (
        "; ".join(lines) if all("\n" not in line for line in lines) else f"{node.name}({_written(node.args)})"
    )


def source_node(rule: Callable[..., Any]) -> ast.Lambda | ast.FunctionDef | None:
    """The function that a rule is, in the syntax tree of its source; None if there is none."""
    code: CodeType = getattr(rule, "func", rule).__code__
    return next(
        (node for node in _functions(source_text(code.co_filename)) if _is_source_of(node, code)), None
    )


def source_text(file: str) -> str:
    """The text of a file, or of the cell of a notebook that goes by this name; empty if there is none."""
    if file == "<string>":  # a name that many texts share
        return ""
    return "".join(linecache.getlines(file))


@functools.cache
def _functions(text: str) -> list[ast.Lambda | ast.FunctionDef]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Lambda | ast.FunctionDef)]


def _is_source_of(node: ast.Lambda | ast.FunctionDef, code: CodeType) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == code.co_name and node.lineno == code.co_firstlineno
    columns = [start for line, _, start, _ in code.co_positions() if line == node.body.lineno and start]
    return code.co_name == "<lambda>" and node.body.col_offset == min(columns, default=-1)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _written(arguments: ast.arguments) -> str:
    return ", ".join(a.arg for a in [*arguments.posonlyargs, *arguments.args])
