"""Places in memory: a container and a key, or a closure variable; what they hold, and what they are called."""

from __future__ import annotations

import types
from typing import Any

_NOTHING = object()


def name_of_place(owner: Any, key: Any) -> str:
    """What a place is called in messages."""
    return str(key) if isinstance(key, str | int) else f"an entry of a {type(owner).__name__}"


def held(owner: Any, key: Any) -> Any:
    """What stands at `owner[key]`, or a mark that nobody else has if nothing does."""
    try:
        return owner[key]
    except LookupError:
        return _NOTHING


def contents_or_none(cell: Any) -> Any:
    """What a closure variable holds, if anything."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def put(owner: Any, key: Any, value: Any) -> None:
    """Set `owner[key]`, or what a closure variable holds."""
    if isinstance(owner, types.CellType):
        owner.cell_contents = value
    else:
        owner[key] = value
