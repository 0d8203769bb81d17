"""The names of PyTorch that a program uses, found in its text: nothing is run.

Aliases are followed: `nn`, `F` and `optim` mean what the imports say. Of a call such as `y.view(-1)` the text does not
say what `y` is: its name counts if Tensors, modules or optimizers of PyTorch have it, and neither a class of the
program nor Python's own types do.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tinygrad_edu.hints.missing_names import pytorch_names
from tinygrad_edu.programs.notebook_cells import cells
from tinygrad_edu.programs.torch_modules import PACKAGES

CLASSES = {"torch.Tensor": "Tensor", "torch.nn.Module": "Module", "torch.optim.Optimizer": "Optimizer"}
_OTHERS = frozenset(name for kind in (dict, list, str, set, bytes, int, np.ndarray) for name in dir(kind))


class Use(NamedTuple):
    """A name of PyTorch, `torch.nn.Linear` or `Tensor.view`, and where it stands: its cell, 0 in a script, and line."""

    name: str
    place: tuple[int, int]


def names_used(path: Path) -> list[Use]:
    """The names of PyTorch in a script or notebook, in the order of the text. Raises `ValueError` and `SyntaxError`."""
    if path.suffix == ".ipynb":
        parts = [(cell.number, cell.source) for cell in cells(path)]
    else:
        parts = [(0, path.read_text("utf-8-sig"))]
    trees = [(number, ast.parse(source, path.name)) for number, source in parts]
    own = {name for _, tree in trees for name in _defined(tree)}
    aliases: dict[str, str] = {}
    uses = []
    for number, tree in trees:
        reader = _Reader(aliases, own)
        reader.visit(tree)
        uses += [Use(name, (number, line)) for name, line in reader.found]
    return uses


def _defined(tree: ast.AST) -> set[str]:
    """The names of functions, methods and attributes that a program defines itself."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return names


def methods() -> dict[str, str]:
    """The class for each name of a method: `Tensor` for `view`."""
    listed = pytorch_names()
    return {name: kind for place, kind in reversed(CLASSES.items()) for name in listed.get(place, ())}


class _Reader(ast.NodeVisitor):
    """Collects the names, and the aliases that the imports of a program make."""

    def __init__(self, aliases: dict[str, str], own: set[str]) -> None:
        self.aliases, self.own, self.methods = aliases, own, methods()
        self.found: list[tuple[str, int]] = []
        self.strangers: set[str] = set()  # modules that are not PyTorch's

    def visit_Import(self, node: ast.Import) -> None:
        for each in node.names:
            if _is_torch(each.name):
                self.aliases[each.asname or each.name.partition(".")[0]] = (
                    each.name if each.asname else each.name.partition(".")[0]
                )
                self.found.append((each.name, node.lineno))
            else:
                self._forget(each.asname or each.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for each in node.names:
            if node.module and not node.level and _is_torch(node.module):
                name = f"{node.module}.{each.name}" if each.name != "*" else node.module
                self.aliases[each.asname or each.name] = name
                self.found.append((name, node.lineno))
            else:
                self._forget(each.asname or each.name)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        name = self._dotted(node.value)
        for target in node.targets:
            if isinstance(target, ast.Name) and name:
                self.aliases[target.id] = name  # F = torch.nn.functional
            self.visit(target)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Inside a function its parameters hide names of PyTorch."""
        given = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        outside, self.aliases = (
            self.aliases,
            {name: x for name, x in self.aliases.items() if name not in given},
        )
        self.generic_visit(node)
        inside, self.aliases = self.aliases, outside
        self.aliases |= {name: x for name, x in inside.items() if name not in given | outside.keys()}

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if name := self._dotted(node):
            self.found.append((name, node.end_lineno or node.lineno))
            return
        self.visit(node.value)
        known = node.attr in self.own or node.attr in _OTHERS or self._is_strange(node.value)
        if node.attr in self.methods and not known and isinstance(node.ctx, ast.Load):
            self.found.append((f"{self.methods[node.attr]}.{node.attr}", node.end_lineno or node.lineno))

    def _dotted(self, node: ast.expr) -> str | None:
        """`torch.nn.Linear` for `nn.Linear`, if `nn` is a name of PyTorch's."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id)
        if isinstance(node, ast.Attribute):
            before = self._dotted(node.value)
            return before and f"{before}.{node.attr}"
        return None

    def _is_strange(self, node: ast.expr) -> bool:
        """True for a module that is not PyTorch's, and for what is looked up in one."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.strangers

    def _forget(self, name: str) -> None:
        self.aliases.pop(name, None)
        self.strangers.add(name)


def _is_torch(module: str) -> bool:
    return module.partition(".")[0] in PACKAGES | {"torch"}
