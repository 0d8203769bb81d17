"""The module that computed each tensor. Every module notes on its results when its call began.

Tensors have serial numbers: a call of a module is a span of numbers, and the results of the call lie inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tinygrad_edu.nn.module import Module
from tinygrad_edu.reading.nodes import nodes_in
from tinygrad_edu.viz.graph.module_boxes import CallPath, ModuleCall, common

# By the id of a module or parameter: the modules from the outermost one to it, or to its own.
Homes = dict[int, CallPath]


def homes_of(modules: Mapping[str, Module]) -> Homes:
    """The home of each module and parameter inside the outermost `modules`, which are given by name."""
    found: Homes = {}
    for root, net in modules.items():
        steps = {
            path: ModuleCall(path, type(module).__name__)
            for path, module in type(net).named_modules(net, prefix=root)
        }
        for path, part in (
            *type(net).named_modules(net, prefix=root),
            *type(net).named_parameters(net, root),
        ):
            ends = [0, *(i for i, character in enumerate(path) if character == "."), len(path)]
            around = dict.fromkeys(path[:end] for end in ends if path[:end] in steps)
            found.setdefault(id(part), tuple(steps[name] for name in around))
    return found


def paths_of(tensors: Sequence[Any], homes: Homes) -> list[CallPath]:
    """The path of each of `tensors`, inputs before results."""
    computed = _computed(tensors, homes)
    users: dict[Any, list[CallPath]] = {}
    for tensor in tensors:
        for x in nodes_in(tensor):
            users.setdefault(x, []).append(computed.get(tensor, ()))
    for tensor in tensors:
        if tensor.operation is None and tensor in users:
            computed[tensor] = _inside(common(users[tensor]), homes.get(id(_tensor(tensor)), ()))
    return [computed.get(tensor, ()) for tensor in tensors]


def _computed(tensors: Sequence[Any], homes: Homes) -> dict[Any, CallPath]:
    """The path of each result: the calls in whose spans its serial number lies."""
    results = sorted((x for x in tensors if x.operation is not None), key=_serial)
    spans = _spans(results, homes)
    paths: dict[Any, CallPath] = {}
    running: list[
        tuple[float, CallPath]
    ] = []  # the calls that have begun: where they end, and the path inside
    for x in results:
        while spans and spans[-1][0] < _serial(x):
            start, end, home = spans.pop()
            while running and running[-1][0] < start:
                running.pop()
            running.append((end, _extended(running[-1][1] if running else (), home, start)))
        while running and running[-1][0] < _serial(x):
            running.pop()
        if _serial(x):
            paths[x] = running[-1][1] if running else ()
    _fill(paths, [x for x in tensors if x.operation is not None])
    return paths


def _fill(paths: dict[Any, CallPath], results: Sequence[Any]) -> None:
    """Results without a serial number, as random numbers in a plan have none, get the path of their neighbours."""
    after: dict[Any, CallPath] = {}
    path: CallPath = ()
    for x in reversed(results):
        after[x] = path = paths.get(x, path)
    for x in results:
        path = paths[x] = paths.get(x) or common([path, after[x]])


def _spans(results: Sequence[Any], homes: Homes) -> list[tuple[int, float, CallPath]]:
    """The serial numbers at which each call began and ended, and the home of its module; the first call comes last."""
    ends: dict[int, tuple[float, CallPath]] = {}
    for x in results:  # oldest first: of several results the newest is the end
        call = getattr(_tensor(x), "call", None)
        while call is not None:
            module, start, call = call
            if id(module()) in homes:
                ends[start] = (_serial(x), homes[id(module())])
    return sorted(((start, *end) for start, end in ends.items()), reverse=True)


def _extended(path: CallPath, home: CallPath, call: int) -> CallPath:
    """`path`, and from there the modules down to the one called, whose place is `home`."""
    between = home[len(path) :] if len(_inside(path, home)) == len(path) < len(home) else home[-1:]
    return (*path, *between[:-1], between[-1]._replace(call=call))


def _inside(path: CallPath, home: CallPath) -> CallPath:
    """The part of `path` that leads to `home`."""
    length = 0
    for step, other in zip(path, home, strict=False):
        if step.path != other.path:
            break
        length += 1
    return path[:length]


def _tensor(x: Any) -> Any:
    """The Tensor behind `x`, if `x` is a place in a plan that noted its Tensor; else `x`."""
    return getattr(x, "tensor", x)


def _serial(x: Any) -> float:
    return float(_tensor(x).serial)
