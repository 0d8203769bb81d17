"""Stubs for type checkers, of the functions and methods that the registry makes.

Run as a program it writes them: `python tests/stubs.py`. A test holds them.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tinygrad_edu
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.arithmetic import Arithmetic
from tinygrad_edu.tensor.functions.public import IN_PLACE, METHODS, MODULES
from tinygrad_edu.tensor.vocabulary import WORDS as VOCABULARY

PACKAGE = Path(tinygrad_edu.__file__).parent
HEAD = "# Made by tests/stubs.py: the functions and methods that the registry makes, for type checkers.\n"
IMPORTS = """\
import builtins as _builtins
from collections.abc import Callable as _Callable, Sequence as _Sequence
from typing import Any as _Any, Self as _Self, overload as _overload

import numpy as _np

from tinygrad_edu.tensor.arithmetic import Arithmetic
from tinygrad_edu.tensor.functions.public import Function as _Function
from tinygrad_edu.tensor.pair import ValuesAndIndices as _ValuesAndIndices
from tinygrad_edu.tensor.tensor import Tensor as _Tensor
"""
# Words in annotations, as the stubs have them; PyTorch's names hide Python's own.
WORDS = {
    "Any": "_Any", "Callable": "_Callable", "Data": "_Tensor", "Dim": "_Any", "Self": "_Self", "Sequence": "_Sequence",
    "np": "_np", "R": "_Tensor", "Tensor": "_Tensor",
}  # fmt: skip
MODULE_FILES = {
    "": "__init__.py", "linalg": "linalg.py", "special": "special.py", "nn.functional": "nn/functional/__init__.py",
}  # fmt: skip

# Functions whose results depend on their arguments.
_EXTREME = (
    "{first}, dim: None = ..., keepdim: _builtins.bool = ...) -> _Tensor",
    "{first}, dim: _builtins.int = ..., keepdim: _builtins.bool = ..., *, axis: _builtins.int = ..., "
    "keepdims: _builtins.bool = ...) -> _ValuesAndIndices[_Tensor]",
    "{first}, other: _Tensor | _np.ndarray) -> _Tensor",
)
OVERLOADED = {"max": _EXTREME, "min": _EXTREME}


class _Renamed(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in WORDS:
            return ast.Name(WORDS[node.id])
        return ast.Name(f"_builtins.{node.id}") if hasattr(builtins, node.id) else ast.Name("_Any")

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        known = isinstance(node.value, ast.Name) and node.value.id == "np"
        return ast.Attribute(ast.Name("_np"), node.attr) if known else ast.Name("_Any")


def annotation(text: Any, otherwise: str) -> str:
    """An annotation as a stub may have it: known words, or `otherwise`."""
    if not isinstance(text, str):
        return otherwise
    return ast.unparse(_Renamed().visit(ast.parse(text, mode="eval")))


def signature(function: Callable[..., Any], *, method: bool, otherwise: str = "_Tensor") -> str:
    """`(input: Tensor, dim: int = ...) -> Tensor`."""
    given = inspect.signature(function)
    parameters = [_parameter(p, i == 0) for i, p in enumerate(_with_options(function, given))]
    if method:
        parameters[0] = parameters[0].replace(annotation=inspect.Parameter.empty, name="self")
    written = str(given.replace(parameters=parameters, return_annotation=inspect.Signature.empty))
    return f"{written.replace(repr(_Ellipsis()), '...')} -> {annotation(given.return_annotation, otherwise)}"


def _with_options(function: Callable[..., Any], given: inspect.Signature) -> list[inspect.Parameter]:
    """The parameters, with those by keyword that functions around it take: `axis` for `dim`, `requires_grad`."""
    found = dict(given.parameters)
    while hasattr(function, "__wrapped__"):
        around = inspect.signature(function, follow_wrapped=False).parameters
        found = found | {
            name: p for name, p in around.items() if p.kind is p.KEYWORD_ONLY and name not in found
        }
        function = function.__wrapped__
    return sorted(found.values(), key=lambda p: p.kind)


class _Ellipsis:
    def __repr__(self) -> str:
        return "<...>"


class _Text:
    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _parameter(p: inspect.Parameter, first: bool) -> inspect.Parameter:
    """A parameter with its annotation; a tensor may be a number or an array, but for the first one."""
    written = "_Any" if not first and p.annotation == "Data" else annotation(p.annotation, "_Any")
    default = p.default if p.default is inspect.Parameter.empty else _Ellipsis()
    return p.replace(annotation=_Text(written), default=default)


def function_lines(names: dict[str, Any]) -> list[str]:
    """The functions of a module."""
    return [line for name, function in sorted(names.items()) for line in function_line(name, function)]


def function_line(name: str, function: Any) -> list[str]:
    """A function, in one line or in its overloads."""
    if isinstance(function, Operation):
        return [f"{name}: _Function"]
    return overloads(name, "input: _Tensor") or [f"def {name}{signature(function, method=False)}: ..."]


def overloads(name: str, first: str) -> list[str]:
    """The overloads of a function, or of a method, whose first parameter is `first`."""
    lines = (f"def {name}({text.format(first=first)}: ..." for text in OVERLOADED.get(name, ()))
    return [part for line in lines for part in ("@_overload", line)]


def word_line(name: str, thing: Any) -> str:
    """A word of the top level: a function, a class, or a value of a kind that nobody asks for."""
    if inspect.isroutine(thing):
        return f"def {name}{signature(thing, method=False, otherwise='_Any')}: ..."
    home = sys.modules[thing.__module__] if isinstance(thing, type) else None
    if home is not None and getattr(home, name, None) is thing:
        return f"from {thing.__module__} import {thing.__name__} as {name}"
    return f"{name}: _builtins.float" if isinstance(thing, float) else f"{name}: _Any"


def method_lines() -> list[str]:
    """The methods of Tensor, and those that overwrite."""
    overwriting = {f"{name}_": method for name, method in IN_PLACE.items()}
    return [
        f"    {line}"
        for name, method in sorted({**METHODS, **overwriting}.items())
        if name not in vars(Arithmetic)  # which says it of Values, too
        for line in overloads(name, "self") or [f"def {name}{signature(method, method=True)}: ..."]
    ]


def static_part(file: Path) -> str:
    """What a module states itself: its imports and names, without the lines that only run."""
    tree = ast.parse(file.read_text("utf-8"))
    kept: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            kept += node.body if not isinstance(node.test, ast.UnaryOp) else []
        elif isinstance(node, ast.ImportFrom | ast.Import) or ast.unparse(node).startswith("__version__"):
            kept.append(node)
    return "\n".join(map(_reexported, kept))


def _reexported(node: ast.stmt) -> str:
    """An import with `as`, which offers the name again."""
    if isinstance(node, ast.ImportFrom) and node.module != "__future__":
        node = ast.ImportFrom(node.module, [ast.alias(a.name, a.asname or a.name) for a in node.names], 0)
    return ast.unparse(node)


def stubs() -> dict[Path, str]:
    """The files and their texts."""
    found = {}
    for module, name in MODULE_FILES.items():
        file = PACKAGE / name
        body = [static_part(file), *function_lines(MODULES[module])]
        if not module:
            body += [word_line(*pair) for pair in sorted(VOCABULARY.items())]
        found[file.with_suffix(".pyi")] = "\n".join([HEAD, IMPORTS, *body]) + "\n"
    methods = ["ABSENT: _builtins.dict[_builtins.str, _Any]", "class Methods:", *method_lines()]
    found[PACKAGE / "tensor" / "methods.pyi"] = "\n".join([HEAD, IMPORTS, *methods]) + "\n"
    return found


if __name__ == "__main__":
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")
