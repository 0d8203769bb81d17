"""Fused operations opened to their parts: `linear` as `x @ w.T + b`, `cross_entropy` down to its exponentials.

The user's graph stays as it is: the parts, and copies of what was computed from them, are nodes beside it. A copy has
the serial number of its node, and parts have serial numbers between those of their operation and of the one before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.grad_mode import enable_grad, watch
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Array, Computation, nodes_in
from tinygrad_edu.tensor.tensor import Tensor, around
from tinygrad_edu.text.notation import function
from tinygrad_edu.viz.graph.module_boxes import CallPath, ModuleCall

MAX_ROUNDINGS = 1e4  # by which the numbers of an operation and of its parts may differ


def check_parts(parts: Any) -> None:
    """Raise `TypeError` unless `parts` is True, False, a name or several names."""
    several = isinstance(parts, list | tuple | set) and all(isinstance(x, str) for x in parts)
    if not several and not isinstance(parts, bool | str):
        raise TypeError(
            f"draw needs parts=True or names of operations, got {short(parts)}; write parts=['cross_entropy']"
        )


class Opened(NamedTuple):
    """The computation with operations in parts, what stands in it for each node, and the operations around parts."""

    computation: Computation
    now: Mapping[Any, Any]
    operations: Mapping[Any, CallPath]


def in_parts(computation: Computation, parts: bool | str | Collection[str], names: Names) -> Opened:
    """The computation with fused operations in their parts, and these again in theirs.

    An operation whose parts do not give its numbers and gradients, as where exp overflows, stays whole.
    Raises `ValueError` for a name that no fused operation of the graph has.
    """
    wanted = [""] if parts is True else [parts] if isinstance(parts, str) else list(parts or ())
    _check_known(computation, wanted)
    now = {x: x for x in computation} if wanted else {}
    operations: dict[Any, CallPath] = {}
    while again := _opened(computation, wanted, names, operations):
        now = {x: again.get(y, y) for x, y in now.items()}
        computation = Computation(*(again.get(x, x) for x in computation.ends))
    return Opened(computation, now, operations)


def _check_known(computation: Computation, wanted: Collection[str]) -> None:
    fused = {node.operation for node in computation.results if _written_out(node)}
    for name in wanted:
        if name and not any(name in operation.name for operation in fused):
            there = ", ".join(sorted(map(_called, fused))) or "no operation that has parts"
            raise ValueError(f"draw needs parts of operations in the graph, got {name!r}; it has {there}")


def _called(operation: Operation) -> str:
    """The name of an operation in formulas: `conv`, `cross_entropy`."""
    form, name, _ = operation.readings.notation or function(operation.name)
    return name if form in ("function", "along") else operation.name


def _written_out(node: Any) -> Callable[..., Any] | None:
    """The function that does in simpler operations what `node` did in one, if there is one."""
    if not isinstance(node, Tensor) or node.operation is None:
        return None
    readings = node.operation.readings
    return readings.scalars if callable(readings.scalars) else readings.paper


def _opened(
    computation: Computation, wanted: Collection[str], names: Names, operations: dict[Any, CallPath]
) -> dict[Any, Any]:
    """What stands for the operations with `wanted` in their names, and for what was computed from them.

    Notes the `operations` around each part.
    """
    again: dict[Any, Any] = {}
    before = 0.0
    with computation.rewound():
        for node in reversed(computation.results):
            steps = _steps(node) if any(name in node.operation.name for name in wanted) else []
            path = operations.get(node, ())
            if steps:
                path = (*path, ModuleCall("", _called(node.operation), node.serial))
                _place(steps, node, max(before, math.ceil(node.serial) - 1))
            if steps or any(x in again for x in nodes_in(node)):
                again[node] = _alike(node, *steps[-1:])
                again[node].name = names.find(node) or None
                for step in (*steps[:-1], again[node]):
                    step.inputs, operations[step] = _exchanged(step.inputs, again), path
            before = node.serial
    return again


def _place(steps: list[Tensor], node: Any, begin: float) -> None:
    """Let the `steps` be done one after the other from the moment `begin` to that of `node`, and at its line."""
    for k, step in enumerate(steps, 1):
        step.serial = begin + (node.serial - begin) * k / len(steps)
        step.call_site = node.call_site


def _exchanged(inputs: tuple[Any, ...], others: Mapping[Any, Any]) -> tuple[Any, ...]:
    return tuple(others.get(x, x) if isinstance(x, Node) else x for x in inputs)


def _alike(node: Any, step: Any = None) -> Any:
    """A copy of `node`, which was computed as `step` was."""
    computed = node if step is None else step
    copy = around(node.raw)
    vars(copy).update(vars(node))
    copy.operation, copy.settings, copy.common = computed.operation, computed.settings, computed.common
    copy.inputs = computed.inputs
    return copy


def _steps(node: Any) -> list[Tensor]:
    """The operations of which `node` consists, oldest first; none if they give other numbers, or are one themselves."""
    function = _written_out(node)
    if function is None:
        return []
    copies = {x: _copy(x) for x in nodes_in(node)}
    calls: list[tuple[Any, ...]] = []
    with enable_grad(), watch(lambda *call: calls.append(call)), np.errstate(all="ignore"):
        last = function(*_exchanged(node.inputs, copies), **node.settings)
    for k, (operation, inputs, settings, result) in enumerate(calls):
        result.operation, result.inputs, result.settings = operation, inputs, settings  # of constants, too
        result.serial = k
    steps = newest_first(last)[::-1]
    if len(steps) < 2 or not _agree(node, last, copies):
        return []
    originals = {copy: x for x, copy in copies.items()}
    for step in steps:
        step.inputs = _exchanged(step.inputs, originals)
    return steps


def _copy(x: Any) -> Tensor:
    copy = around(x.raw.copy())
    copy.requires_grad = x.requires_grad
    return copy


def _agree(node: Any, last: Tensor, copies: Mapping[Any, Tensor]) -> bool:
    """True if `last` is as `node` is, and passes the same gradients to the inputs. Notes the gradients on the way."""
    stored = node.raw_grad()
    g = np.ones_like(node.raw) if stored is None else stored
    with np.errstate(all="ignore"):
        passed: dict[Any, Array] = {}
        for x, share in node.shares(g):
            passed[x] = passed[x] + share if x in passed else share
    found = gradients_of(last, g)
    if stored is not None:
        for step, gradient in found.items():
            step._grad = gradient
    largest = float(np.abs(g).max(initial=0))
    return _close(node.raw, last.raw) and all(
        copies[x] in found and _close(share, found[copies[x]], largest) for x, share in passed.items()
    )


def _close(a: Array, b: Array, largest: float = 0.0) -> bool:
    """True if `a` and `b` differ by rounding, relative to the largest number in `a` or to `largest`."""
    scale = max(largest, float(np.abs(a).max(initial=0)))
    slack = MAX_ROUNDINGS * np.finfo(a.dtype).eps * scale
    return np.allclose(a, b, rtol=0, atol=slack if np.isfinite(slack) else 0, equal_nan=True)
