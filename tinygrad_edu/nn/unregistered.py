"""A warning that teaches: tensors and layers of a module that its `parameters()` does not list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinygrad_edu.hints.warnings import UnregisteredWarning, is_told, warn
from tinygrad_edu.nn.module_attributes import Attributes
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor.tensor import Tensor


def warn_unregistered(module: Any) -> None:
    """Warn if a module, or one inside it, holds something to be learned where nobody looks for it."""
    if is_told(UnregisteredWarning):
        return
    found = dict(type(module).named_modules(module))
    known = {id(x) for x in found.values()} | {id(p) for _, p in type(module).named_parameters(module)}
    for path, each in found.items():
        for name, item in vars(each).items():
            if name not in each._registered and (what := _lost(item, known)):
                place = ".".join(part for part in ("net", path, name) if part)
                warn(UnregisteredWarning, f"{place} is {what.format(name=name)}")
                return


def _lost(item: Any, known: set[int]) -> str:
    """What is wrong with an attribute; empty if nothing is."""
    if isinstance(item, Tensor):
        learns = item.requires_grad and item.operation is None and id(item) not in known
        return _TENSOR if learns else ""
    if isinstance(item, list | tuple | dict):
        parts = [x for x in _leaves(item) if isinstance(x, Attributes | Parameter) and id(x) not in known]
        if parts:
            kind = "Module" if isinstance(parts[0], Attributes) else "Parameter"
            return _CONTAINER.format(
                plain=type(item).__name__,
                what=f"{kind.lower()}s",
                kind=f"{kind}{'Dict' if isinstance(item, dict) else 'List'}",
                name="{name}",
            )
    return ""


def _leaves(container: Any) -> Iterator[Any]:
    """The items of lists, tuples and dicts inside one another."""
    for x in container.values() if isinstance(container, dict) else container:
        if isinstance(x, list | tuple | dict):
            yield from _leaves(x)
        else:
            yield x


_TENSOR = (
    "a tensor that requires a gradient but no Parameter, which parameters() does not list and an optimizer never "
    "moves; write self.{name} = nn.Parameter(...)"
)
_CONTAINER = (
    "a {plain} with {what}, which parameters() does not list and an optimizer never moves; write "
    "self.{name} = nn.{kind}(...)"
)
