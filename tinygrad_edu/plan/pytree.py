"""What a step may return: Tensors in lists, tuples and dicts, walked in one place."""

from __future__ import annotations

import copy
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


def leaves(tree: Any) -> list[Any]:
    """Everything in it that is not a list, tuple or dict."""
    found: list[Any] = []
    mapped(found.append, tree)
    return found


def flat(inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """All arguments of a call: what lists, tuples and dicts among them contain, by itself."""
    nested = named or any(isinstance(x, list | tuple | dict) for x in inputs)
    return leaves((inputs, named)) if nested else list(inputs)


def structure(inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """What two calls must share for `flat` to mean the same: names and containers, without what is in them."""
    if not named and not any(isinstance(x, list | tuple | dict) for x in inputs):
        return len(inputs)
    return mapped(lambda _x: None, (inputs, named)), _orders((inputs, named))


def _orders(tree: Any) -> list[Any]:
    """The keys of all dicts in it, as two dicts are equal in any order."""
    if not isinstance(tree, list | tuple | dict):
        return []
    parts = tree.values() if isinstance(tree, dict) else tree
    return [list(tree)] * isinstance(tree, dict) + [keys for x in parts for keys in _orders(x)]
