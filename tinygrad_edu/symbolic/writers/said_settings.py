"""The settings of an operation that a formula says, and how: `dim=1`; those that everybody expects are left out."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.symbolic.expression import Expression

_UNSAID = {"keepdim", "dtype", "index"}  # of no consequence, or among the arguments
_USUAL = {"stride": 1, "dilation": 1, "groups": 1, "padding": 0}  # the number, or each of several


def said_settings(node: Expression, unsaid: tuple[str, ...] = ()) -> list[str]:
    """The settings of `node` as a call writes them: `dim=1`, `stride=(2, 2)`."""
    said = []
    for name, value in node.settings.items():
        if name in ("dim", "dims"):
            said += _dimension(node, value)
        elif name not in _UNSAID | {*unsaid} and not _is_usual(name, value):
            said.append(f"{name}={value}")
    return said


def _dimension(node: Expression, dims: Any) -> list[str]:
    """The dimension along which an operation works: not said of a vector, nor if it works within each row."""
    shape = node.inputs[0].shape
    dims = (dims,) if isinstance(dims, int) else dims
    if dims is None or len(dims) == len(shape):
        return []
    within_rows = len(shape) == 2 and dims == (1,) and node.shape == shape
    return [] if within_rows else [f"dim={dims[0] if len(dims) == 1 else dims}"]


def _is_usual(name: str, value: Any) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return name in _USUAL and all(x == _USUAL[name] for x in values)


def summed(shape: tuple[int, ...], dims: tuple[int, ...] | None) -> str:
    """`rows` if the rows of a matrix are added up, `columns`, `dim 1`; nothing for all numbers."""
    is_row = len(shape) == 2 and shape[0] == 1 and dims == (1,)
    if dims is None or len(dims) == len(shape) or is_row:
        return ""
    if len(shape) == 2:
        return "rows" if dims == (0,) else "columns"
    return f"dim{'s' * (len(dims) > 1)} {', '.join(map(str, dims))}"
