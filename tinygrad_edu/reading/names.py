"""What the tensors of a picture are called: their own name, the name of a variable, or a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.text.numbers import clean


def name_all(things: Sequence[Any], given: Mapping[str, Any] | None, loss: Any) -> list[str]:
    """One name for each of `things`, in order.

    `given` maps names to Tensors, arrays or modules, as `locals()` does. An unnamed `loss` is `L`; the others
    are `v0`, `v1` and so on. No generated name is one that somebody gave.
    """
    found = known_names(things, given)
    taken = {name for name in found if name}
    spare = (name for i in range(2 * len(things) + 1) if (name := f"v{i}") not in taken)
    loss_name = ["L"] if "L" not in taken else []
    return [
        name or (loss_name.pop() if x is loss and loss_name else next(spare))
        for x, name in zip(things, found, strict=True)
    ]


def known_names(things: Sequence[Any], given: Mapping[str, Any] | None) -> list[str]:
    """What each of `things` is called by itself or in `given`; empty for those without a name."""
    known = _Known(given or {})
    return [_own_name(x) or known.name_of(x) for x in things]


def check_names(names: Any, call: str = "draw") -> None:
    """Raise `TypeError` unless `names` maps texts to things."""
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


def outermost(names: Mapping[str, Any]) -> dict[str, Module]:
    """The modules among `names` that are not part of another one there; one with two names has the first."""
    given = {name: x for name, x in names.items() if isinstance(x, Module) and not name.startswith("_")}
    inner = {id(part) for x in given.values() for part in type(x).modules(x) if part is not x}
    found: dict[int, tuple[str, Module]] = {}
    for name, module in given.items():
        if id(module) not in inner:
            found.setdefault(id(module), (name, module))
    return dict(found.values())


def _own_name(x: Any) -> str:
    name = str(getattr(x, "name", None) or getattr(x, "label", None) or "")
    return name if clean(name) else ""


class _Known:
    """Names by the thing they stand for; a name that starts with `_` is nobody's choice."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.by_id: dict[int, str] = {}
        self.arrays: list[tuple[str, np.ndarray]] = []
        whole = outermost(given)  # first, so that paths begin at the outermost module
        for name, thing in (whole | dict(given)).items():
            if name.startswith("_"):
                continue
            if isinstance(thing, np.ndarray):
                self.arrays.append((name, thing))
            self.by_id.setdefault(id(thing), name)
            for path, parameter in _parameters(thing):
                self.by_id.setdefault(id(parameter), f"{name}.{path}")

    def name_of(self, x: Any) -> str:
        """The name of `x`; a constant has the name of the array that is equal to it, if there is just one."""
        name = self.by_id.get(id(x)) or (
            "" if x.operation else self.by_id.get(id(getattr(x, "tensor", x)), "")
        )
        if (
            name
            or not self.arrays
            or x.operation is not None
            or not isinstance(getattr(x, "raw", None), np.ndarray)
        ):
            return name
        equal = [n for n, a in self.arrays if a.shape == x.raw.shape and a.ndim and np.array_equal(a, x.raw)]
        return equal[0] if len(equal) == 1 else ""


def _parameters(thing: Any) -> list[tuple[str, Any]]:
    """The paths and parameters of a module."""
    listed = getattr(type(thing), "named_parameters", None)
    return list(listed(thing)) if callable(listed) else []
