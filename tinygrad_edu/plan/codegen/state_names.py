"""The names of parameters and of what optimizers remember of them: `net.0.weight`, `net.0.weight_momentum`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer


def state_names(step: Callable[..., Any]) -> dict[int, str]:
    """The names, by id, of the parameters of modules that the step reaches by name, and of what optimizers keep."""
    while isinstance(step, functools.partial):
        step = step.func
    step = inspect.unwrap(step)
    if isinstance(step, Module):
        return {id(p): path for path, p in type(step).named_parameters(step)}
    function = step if inspect.isroutine(step) else type(step).__call__
    if not hasattr(function, "__code__"):  # not written in Python
        return {}
    variables = inspect.getclosurevars(function)
    owner = getattr(step, "__self__", step)
    paths: dict[int, str] = {}
    if isinstance(owner, Module):
        paths = {id(p): path for path, p in type(owner).named_parameters(owner)}
    named = {**getattr(owner, "__dict__", {}), **variables.globals, **variables.nonlocals}
    for name, thing in named.items():
        if isinstance(thing, Module):
            paths |= {id(p): f"{name}.{path}" for path, p in type(thing).named_parameters(thing)}
            paths |= {id(b): f"{name}.{path}" for path, b in type(thing).named_buffers(thing)}
    for thing in named.values():
        if isinstance(thing, Optimizer):
            paths |= _remembered(thing, paths)
    return paths


def _remembered(optimizer: Optimizer, paths: dict[int, str]) -> dict[int, str]:
    """The names of what an optimizer keeps for each parameter that has a name."""
    found: dict[int, str] = {}
    for parameter, kept in optimizer.state.items():
        path = paths.get(id(parameter)) or getattr(parameter, "name", "")
        for key, tensor in kept.items() if path else ():
            if hasattr(tensor, "raw"):
                found[id(tensor)] = f"{path}_{key.removesuffix('_buffer')}"
    return found
