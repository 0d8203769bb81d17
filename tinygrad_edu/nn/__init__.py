"""Layers, containers and losses, with PyTorch's names."""

from __future__ import annotations

import importlib as _importlib
import types as _types
import typing as _typing

from tinygrad_edu.hints.missing_names import missing as _missing
from tinygrad_edu.nn import functional as functional
from tinygrad_edu.nn.module import Module as Module

if _typing.TYPE_CHECKING:
    from tinygrad_edu.nn.all_layers import *
else:

    def __getattr__(name: str) -> object:
        found = vars(_importlib.import_module("tinygrad_edu.nn.all_layers")).items()
        layers = {each: x for each, x in found if isinstance(x, type | _types.ModuleType) and each[0] != "_"}
        if name == "__all__":
            return ["Module", "functional", *layers]
        if name in layers:
            globals()[name] = layers[name]  # it is asked for once
            return layers[name]
        raise _missing(__name__, name, __getattr__("__all__"))

    def __dir__() -> list[str]:
        """The public names: what Tab offers."""
        return __getattr__("__all__")
