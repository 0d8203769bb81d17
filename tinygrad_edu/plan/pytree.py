"""What a step may return: Tensors in lists, tuples and dicts, walked in one place."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same structure, with `function` of everything that is not a list, tuple or dict."""
    if isinstance(tree, dict):
        if type(tree) is not dict:
            kept = copy.copy(tree)  # of its type, and with what else it knows
            for key, item in tree.items():
                kept[key] = mapped(function, item)
            return kept
        return {key: mapped(function, item) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)._make(  # type: ignore[attr-defined]
            [mapped(function, item) for item in tree]
        )
    if isinstance(tree, list | tuple):
        return type(tree)([mapped(function, item) for item in tree])
    return function(tree)


def mapped_records(function: Callable[[Any], Any], tree: Any) -> Any:
    """The same dicts, namedtuples and dataclasses, with `function` of everything else, lists included."""
    if isinstance(tree, dict):
        return {key: mapped_records(function, item) for key, item in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)._make([mapped_records(function, item) for item in tree])  # type: ignore[attr-defined]
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        kept = copy.copy(tree)
        for field in dataclasses.fields(tree):
            object.__setattr__(kept, field.name, mapped_records(function, getattr(tree, field.name)))
        return kept
    return function(tree)


def leaves(tree: Any) -> list[Any]:
    """Everything in it that is not a list, tuple or dict."""
    found: list[Any] = []
    mapped(found.append, tree)
    return found


def flat(inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """All arguments of a call: what lists, tuples and dicts among them contain, by itself."""
    nested = named or any(isinstance(x, list | tuple | dict) for x in inputs)
    return leaves(_in_order((inputs, named))) if nested else list(inputs)


def structure(inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What two calls must share for `flat` to mean the same: names and containers, without what is in them."""
    if not named and not any(isinstance(x, list | tuple | dict) for x in inputs):
        return len(inputs)
    return mapped(lambda _x: None, _in_order((inputs, named)))


def _in_order(tree: Any) -> Any:
    """The same with all dicts in the order of their keys, as a call may name its arguments in any."""
    if isinstance(tree, dict):
        return {key: _in_order(tree[key]) for key in sorted(tree, key=repr)}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return type(tree)._make(map(_in_order, tree))  # type: ignore[attr-defined]
    return type(tree)(map(_in_order, tree)) if isinstance(tree, list | tuple) else tree
