"""Formulas as NumPy code that runs: `dZ2 @ W2.T`.

Every operation has a line of NumPy in the names of its inputs and settings, `x.sum(axis=dims)`; Python's `ast` puts
the code of the inputs into the line, with brackets where they are needed.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.shape import expand, reshape
from tinygrad_edu.symbolic.expression import Expression, number_in, rebuilt, size, with_inputs
from tinygrad_edu.symbolic.on_paper import on_paper
from tinygrad_edu.symbolic.writers.index_code import CodeError, index_code

MAX_SIGNS = 200  # of a line of code: `ast` writes by recursion, and nobody reads a longer line
_NUMBERS = {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}


def numpy_code(root: Any, names: Mapping[int, str]) -> str:
    """`root` as a line of NumPy, of its whole shape; `names` gives the variables, by the id of each symbol.

    Raises `CodeError` where there is no short form.
    """
    constant = number_in(root)
    if isinstance(root, Expression) and constant is not None and root.shape:
        return f"np.full({root.shape}, {float(constant)!r})"
    return ast.unparse(_written(_repeated_once(on_paper(root, _has_line)), names))


def line_of_numpy(operation: Operation, settings: Mapping[str, Any]) -> str:
    """The line of NumPy that computes an operation, in the names of its inputs and settings; "" if there is none."""
    line = operation.readings.numpy
    if line is None:
        known = isinstance(operation.forward, np.ufunc)
        return f"np.{operation.forward.__name__}({', '.join(operation.input_names)})" if known else ""
    return line if isinstance(line, str) else line(**settings)


def _has_line(node: Expression) -> bool:
    return bool(line_of_numpy(node.operation, node.settings))  # type: ignore[arg-type]


def _written(root: Any, names: Mapping[int, str]) -> ast.expr:
    if size(root) > MAX_SIGNS:
        raise CodeError("a formula too long to be written")

    def written(node: Expression, inputs: tuple[Any, ...]) -> ast.expr:
        if node.operation is None:
            return _symbol(node, names)
        return _line(node, [x if isinstance(x, ast.expr) else _number(x) for x in inputs])

    code = rebuilt(root, written)
    return code if isinstance(code, ast.expr) else _number(code)


def _symbol(node: Expression, names: Mapping[int, str]) -> ast.expr:
    if id(node) not in names:
        raise CodeError(f"no variable holds {node.name}")
    return ast.Name(names[id(node)])


def _line(node: Expression, parts: list[ast.expr]) -> ast.expr:
    number, operation = number_in(node), node.operation
    assert operation is not None
    if number is not None:
        return _number(number)
    line = line_of_numpy(operation, {**node.settings, "shape": node.shape})
    if not line:
        raise CodeError(f"{operation.name} has no short form in NumPy")
    places: dict[str, Any] = {"shape": _setting(node.shape)}
    places |= {key: _index(x, parts) if key == "index" else _setting(x) for key, x in node.settings.items()}
    for position, name in enumerate(operation.input_names):
        places[name.lstrip("*")] = parts[position:] if name.startswith("*") else parts[position]
    return _Filled(places).visit(_parsed(line))


def _parsed(line: str) -> ast.expr:
    """The code as a tree of its own, in which names will be replaced."""
    return ast.parse(line, mode="eval").body


def _number(x: Any) -> ast.expr:
    """The exact number in Python's writing."""
    text = str(float(x)) if not np.isfinite(x) else repr(x)
    return _parsed(_NUMBERS.get(text, text))


def _setting(x: Any) -> ast.expr:
    return _parsed(repr(str(x) if isinstance(x, np.dtype) else x))


def _index(index: Any, parts: list[ast.expr]) -> ast.expr:
    arrays: dict[str, Any] = {f"array{i}": part for i, part in enumerate(parts[1:])}
    subscript = _parsed(f"x[{index_code(index, list(arrays))}]")
    assert isinstance(subscript, ast.Subscript)
    return _Filled(arrays).visit(subscript.slice)


class _Filled(ast.NodeTransformer):
    """A line with code in place of names, without `axis=None` and `keepdims=False`, the defaults."""

    def __init__(self, places: Mapping[str, Any]) -> None:
        self.places = places

    def visit_Name(self, node: ast.Name) -> Any:
        return self.places.get(node.id, node)

    def visit_Starred(self, node: ast.Starred) -> Any:
        several = self.visit(node.value)
        if isinstance(several, ast.Tuple):  # of the empty shape () itself: `reshape()` needs an argument
            return several.elts or several
        return several

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        node.keywords = [x for x in node.keywords if ast.unparse(x.value) not in ("None", "False")]
        for keyword in node.keywords:
            if (
                keyword.arg == "axis"
                and isinstance(keyword.value, ast.Tuple)
                and len(keyword.value.elts) == 1
            ):
                (keyword.value,) = keyword.value.elts
        return node


def _repeated_once(root: Any) -> Any:
    """`root` in which one `expand` does the work of several, or of a `reshape` before it."""
    return rebuilt(root, _repeated_at_once)


def _repeated_at_once(node: Expression, inputs: tuple[Any, ...]) -> Expression:
    x = inputs[0] if inputs else None
    while node.operation is expand and isinstance(x, Expression) and _only_in_front(x):
        (x,) = inputs = x.inputs
    return with_inputs(node, inputs)


def _only_in_front(x: Expression) -> bool:
    """True if `x` does to its input only what broadcasting does anyway."""
    if x.operation is not reshape or not isinstance(x.inputs[0], Expression):
        return x.operation is expand and isinstance(x.inputs[0], Expression)
    before = x.inputs[0].shape
    return x.shape == (1,) * (len(x.shape) - len(before)) + before
