"""The names of parameters and of what optimizers remember of them: `net.0.weight`, `net.0.weight_momentum`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer


def state_names(step: Callable[..., Any]) -> dict[int, str]:
    """The names, by id, of the parameters of modules that the step reaches by name, and of what optimizers keep."""
    return _module_names(_named(step)) | optimizer_names(step)


def optimizer_names(step: Callable[..., Any]) -> dict[int, str]:
    """The names, by id, of what the optimizers keep that the step reaches by name."""
    named = _named(step)
    paths, found = _module_names(named), dict[int, str]()
    for each in named.values():
        if isinstance(each, Optimizer):
            found |= _remembered(each, paths)
    return found


def model_states(step: Callable[..., Any]) -> list[dict[str, Any]]:
    """What `state_dict` has of each module that the step reaches by name: the Tensors themselves, by path."""
    return [
        {f"{path}{name}": x for name, x in module.state_dict(keep_vars=True).items() if hasattr(x, "raw")}
        for path, module in _modules(_named(step))
    ]


def _named(step: Callable[..., Any]) -> dict[str, Any]:
    """What the step reaches by name; the module whose method it is, or that it is, by the name ""."""
    while isinstance(step, functools.partial):
        step = step.func
    step = inspect.unwrap(step)
    if isinstance(step, Module):
        return {"": step}
    function = step if inspect.isroutine(step) else type(step).__call__
    if not hasattr(function, "__code__"):  # not written in Python
        return {}
    variables = inspect.getclosurevars(function)
    owner = getattr(step, "__self__", step)
    own = {"": owner} if isinstance(owner, Module) else {}
    # In this order, as names of attributes are among those of variables, too.
    return {**own, **variables.globals, **variables.nonlocals, **getattr(owner, "__dict__", {})}


def _module_names(named: dict[str, Any]) -> dict[int, str]:
    paths: dict[int, str] = {}
    for path, module in _modules(named):
        paths |= {id(p): f"{path}{name}" for name, p in type(module).named_parameters(module)}
        paths |= {id(b): f"{path}{name}" for name, b in type(module).named_buffers(module)}
    return paths


def _modules(named: dict[str, Any]) -> Iterator[tuple[str, Module]]:
    """The modules among these, with how the paths of what is in them begin."""
    return ((f"{name}." if name else "", x) for name, x in named.items() if isinstance(x, Module))


def _remembered(optimizer: Optimizer, paths: dict[int, str]) -> dict[int, str]:
    """The names of what an optimizer keeps for each parameter that has a name."""
    found: dict[int, str] = {}
    for parameter, kept in optimizer.state.items():
        path = paths.get(id(parameter)) or getattr(parameter, "name", "")
        for key, tensor in kept.items() if path else ():
            if hasattr(tensor, "raw"):
                found[id(tensor)] = f"{path}_{key.removesuffix('_buffer')}"
    return found
