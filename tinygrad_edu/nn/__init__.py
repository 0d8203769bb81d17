"""Layers, containers and losses, with PyTorch's names."""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from tinygrad_edu.hints.missing_names import missing as _missing
from tinygrad_edu.nn import functional as functional
from tinygrad_edu.nn.module import Module as Module

if _typing.TYPE_CHECKING:
    from tinygrad_edu.nn.all_layers import *
else:

    def __getattr__(name: str) -> object:
        layers = vars(_importlib.import_module("tinygrad_edu.nn.all_layers"))
        if name == "__all__":
            return ["Module", "functional", *(each for each in layers if each[0] != "_")]
        if name in layers:
            return layers[name]
        raise _missing(__name__, name, __getattr__("__all__"))

    def __dir__() -> list[str]:
        """The public names: what Tab offers."""
        return __getattr__("__all__")
