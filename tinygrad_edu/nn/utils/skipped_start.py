"""Modules whose first numbers do not matter, as they will be overwritten."""

from __future__ import annotations

import inspect
from typing import Any

from tinygrad_edu.nn.module import Module


def skip_init(module_cls: type[Module], *args: Any, **kwargs: Any) -> Any:
    """`module_cls(*args, **kwargs)`, whose parameters will be overwritten: here they are drawn all the same.

    Raises `TypeError` for what is no class of modules, or has no argument `device`, as in PyTorch.
    """
    if not isinstance(module_cls, type) or not issubclass(module_cls, Module):
        raise TypeError(f"skip_init needs a class of modules, got {module_cls!r}")
    parameters = inspect.signature(module_cls).parameters
    if "device" not in parameters and not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        raise TypeError(f"skip_init needs a class that takes device=, and {module_cls.__name__} does not")
    return module_cls(*args, **kwargs)
