"""The name that a user gave a tensor or Value: the same in explain, draw, diagnose and compare_orders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from reprlib import repr as short
from types import FrameType
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.nn.module import Module
from tinygrad_edu.text.words import clean

_GRADIENT = re.compile(r"[d∂]\w*?\s*[/_]\s*[d∂]([\w.]+)|[d∂]([\w.]+)|([\w.]+)[._]grad|grad_([\w.]+)")


class Names:
    """The names of the nodes of a graph: the first of four.

    1. the name under which the caller passes the node in `names`, chosen for this call.
    2. the node's own name, `tensor.name` or `value.label`.
    3. of a parameter, its path in a module among `names`: `net.0.weight`.
    4. of a constant, the name of the equal array or constant among `names`, if there is just one.

    `implicit` names are the variables of the caller, taken because no `names` were passed, or all of `globals()`.
    Nobody chose these names for this call, and the node's own name comes before them.
    Of several names for one node the first in `names` counts: the variable of a loop over the parameters of a module
    comes after the module. Names that start with `_` do not count.
    """

    def __init__(self, names: Mapping[str, Any] | None = None, *, implicit: bool = False) -> None:
        self.implicit = implicit or "__name__" in (names or {})
        self._passed: dict[int, str] = {}
        self._paths: dict[int, str] = {}
        self.arrays: list[tuple[str, np.ndarray]] = []  # the constants among them
        self._kept: list[Any] = []  # an id means something only while the object lives
        chosen = {name: x for name, x in (names or {}).items() if clean(name) and not name.startswith("_")}
        whole = outermost(chosen)
        for name, x in chosen.items():
            self._note(name, x)
            if name in whole or not isinstance(x, Module):
                self._note_parameters(name, x)

    def _note(self, name: str, x: Any) -> None:
        self._kept.append(x)
        array = x.raw if isinstance(x, Variable) and not x.requires_grad else x
        if isinstance(array, np.ndarray):
            self.arrays.append((name, array))
        if id(x) not in self._paths:
            self._passed.setdefault(id(x), name)

    def _note_parameters(self, name: str, module: Any) -> None:
        """Note the paths of the parameters of a module, or of an object that lists parameters as a module does."""
        listed = getattr(type(module), "named_parameters", None)
        for path, parameter in listed(module) if callable(listed) else ():
            self._kept.append(parameter)
            if id(parameter) not in self._passed:
                self._paths.setdefault(id(parameter), f"{name}.{path}")

    def find(self, node: Any) -> str:
        """The name of `node`, empty if it has none."""
        leaf = node.operation is None
        key = id(getattr(node, "tensor", node) if leaf else node)  # a leaf of a plan stands for a tensor
        passed, own = self._passed.get(key, ""), _own_name(node)
        chosen = (own or passed) if self.implicit else (passed or own)
        return chosen or self._paths.get(key, "") or (self._equal_array(node) if leaf else "")

    def _equal_array(self, leaf: Any) -> str:
        raw = getattr(leaf, "raw", None)
        if not isinstance(raw, np.ndarray) or not raw.ndim:
            return ""
        return self.of_array(raw)

    def of_array(self, array: np.ndarray) -> str:
        """The name of the equal array or constant among `names`, if there is just one; else empty."""
        equal = [name for name, a in self.arrays if a.shape == array.shape and np.array_equal(a, array)]
        return equal[0] if len(equal) == 1 else ""

    def of_all(self, nodes: Sequence[Any], loss: Any = None) -> list[str]:
        """One name for each of `nodes`; a node without a name is `L` if it is the `loss`, else `v0`, `v1` and so on.

        No generated name is the name of another node.
        """
        found = [self.find(node) for node in nodes]
        taken = {name for name in found if name}
        spare = (name for i in range(len(nodes) + len(taken)) if (name := f"v{i}") not in taken)
        first = "" if "L" in taken else "L"
        return [
            name or (first if node is loss else "") or next(spare)
            for node, name in zip(nodes, found, strict=True)
        ]


def check_names(names: Any, call: str = "draw") -> None:
    """Raise `TypeError` unless `names` maps texts to something, as `locals()` does."""
    if names is not None and not isinstance(names, Mapping):
        raise TypeError(
            f"{call} needs names that map a name to a tensor, got {type(names).__name__} {short(names)}; "
            "pass names=locals() or names={'W1': W1}"
        )
    strange = [name for name in names or () if not isinstance(name, str)]
    if strange:
        raise TypeError(
            f"{call} needs every name in names as a text, got {short(strange[0])}; turn the mapping around"
        )


def names_for(
    call: str, names: Mapping[str, Any] | None, frame: FrameType, *, nameless: Mapping[str, Any] | None = None
) -> Names:
    """The `names` that were passed to `call`, or if None the variables where it was called, in `frame`.

    Variables that are as in `nameless` give no names. Raises `TypeError` for anything but a mapping of names.
    """
    check_names(names, call)
    if names is not None:
        return Names(names)
    without = nameless or {}
    found = {name: x for name, x in variables(frame).items() if name not in without or without[name] is not x}
    return Names(found, implicit=True)


def variables(frame: FrameType) -> dict[str, Any]:
    """The variables of a running function, before those of its file."""
    found = {**frame.f_locals, **{x: y for x, y in frame.f_globals.items() if x not in frame.f_locals}}
    return {name: x for name, x in found.items() if name.isidentifier() and name != "self"}


def by_path(name: str, known: Iterable[str]) -> str | None:
    """`name` if it is known, or the only known path that ends with it: `net.fc1.weight` for `fc1.weight`."""
    names = list(known)
    found = [path for path in names if path.endswith(f".{name}")] if name else []
    return name if name in names else found[0] if len(found) == 1 else None


def of_gradient(name: str) -> str:
    """The tensor whose gradient is called so: W1 of dW1, dL/dW1, dL_dW1, ∂L/∂W1, W1.grad and grad_W1; or none."""
    found = _GRADIENT.fullmatch(name.strip())
    return next(filter(None, found.groups())) if found else ""


def called(name: str, known: Iterable[str]) -> str | None:
    """The known name, or path, of the tensor that is meant by its name or by that of its gradient."""
    names = list(known)
    return by_path(name, names) or by_path(of_gradient(name), names)


def outermost(names: Mapping[str, Any]) -> dict[str, Module]:
    """The modules among `names` that are not part of another module there; a module with two names has the first."""
    modules = {name: x for name, x in names.items() if isinstance(x, Module) and not name.startswith("_")}
    inner = {id(part) for x in modules.values() for part in type(x).modules(x) if part is not x}
    found: dict[int, tuple[str, Module]] = {}
    for name, module in modules.items():
        if id(module) not in inner:
            found.setdefault(id(module), (name, module))
    return dict(found.values())


def _own_name(x: Any) -> str:
    name = str(getattr(x, "name", None) or getattr(x, "label", None) or "")
    return name if clean(name) else ""
