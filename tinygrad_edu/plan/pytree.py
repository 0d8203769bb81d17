"""What a step may take and return: Tensors in lists, tuples, dicts and dataclasses, walked in one place."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any


def mapped(function: Callable[[Any], Any], tree: Any, inner: Any = (list, tuple)) -> Any:
    """The same structure, with `function` of all that is no dict, namedtuple or dataclass, nor of the `inner` kinds."""
    if isinstance(tree, dict):
        if type(tree) is not dict:
            kept = copy.copy(tree)  # of its type, and with what else it knows
            for key, item in tree.items():
                kept[key] = mapped(function, item, inner)
            return kept
        return {key: mapped(function, item, inner) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)._make([mapped(function, item, inner) for item in tree])  # type: ignore[attr-defined]
    if is_record(tree):
        kept = copy.copy(tree)
        for name, item in _fields(tree):
            object.__setattr__(kept, name, mapped(function, item, inner))  # also if it is frozen
        return kept
    if isinstance(tree, inner):
        return type(tree)([mapped(function, item, inner) for item in tree])
    return function(tree)


def is_record(x: Any) -> bool:
    """True for an object of a user's dataclass; those of plans stand for single numbers."""
    return hasattr(type(x), "__dataclass_fields__") and not type(x).__module__.startswith(
        "tinygrad_edu.plan."
    )


def _fields(record: Any) -> list[tuple[str, Any]]:
    return [(each.name, getattr(record, each.name)) for each in dataclasses.fields(record)]


def leaves(tree: Any) -> list[Any]:
    """Everything in it that is no container."""
    found: list[Any] = []
    mapped(found.append, tree)
    return found


def flat(inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """All arguments of a call: what containers among them hold, by itself."""
    nested = named or any(map(_is_container, inputs))
    return leaves(_in_order((inputs, named))) if nested else list(inputs)


def structure(inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What two calls must share for `flat` to mean the same: names and containers, without what is in them."""
    if not named and not any(map(_is_container, inputs)):
        return len(inputs)
    return mapped(lambda _x: None, _in_order((inputs, named)))


def _is_container(x: Any) -> bool:
    return isinstance(x, list | tuple | dict) or is_record(x)


def _in_order(tree: Any) -> Any:
    """The same with all dicts in the order of their keys, as a call may name its arguments in any; records as dicts."""
    if is_record(tree):
        return {(type(tree), name): _in_order(item) for name, item in _fields(tree)}
    if isinstance(tree, dict):
        return {key: _in_order(tree[key]) for key in sorted(tree, key=repr)}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)._make(map(_in_order, tree))  # type: ignore[attr-defined]
    return type(tree)(map(_in_order, tree)) if isinstance(tree, list | tuple) else tree
