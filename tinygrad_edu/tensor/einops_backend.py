"""Tensors in einops: its functions are those of NumPy, which Tensors take part in.

einops asks each of its backends whether a value is theirs, so that ours is made when einops is imported.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable

MODULE = "einops._backends"


def register() -> None:
    """Make the backend, now if einops is imported already, else as soon as it is."""
    if MODULE in sys.modules:
        _define_backend(sys.modules[MODULE])
    elif not any(isinstance(finder, _AfterImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AfterImport())


class _AfterImport:
    """A finder that finds nothing, but lets the module of the backends define ours when it has been run."""

    def find_spec(self, name: str, path: Sequence[str] | None, _target: Any = None) -> Any:
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_define(module: ModuleType) -> None:
                run(module)
                _define_backend(module)

            spec.loader.exec_module = run_and_define  # type: ignore[method-assign]
        return spec


def _define_backend(module: Any) -> None:
    """Define the backend in the module of the others; einops finds it among the subclasses."""

    class TinygradEduBackend(module.NumpyBackend):  # type: ignore[misc]
        framework_name = "tinygrad_edu"

        def is_appropriate_type(self, tensor: Any) -> bool:
            return isinstance(tensor, Variable)

        def from_numpy(self, x: Any) -> Any:
            return sys.modules["tinygrad_edu"].tensor(x)

        def to_numpy(self, x: Any) -> Any:
            return x.numpy(force=True)

        def transpose(self, x: Any, axes: Any) -> Any:
            return np.transpose(x, axes)

        def reduce(self, x: Any, operation: str, axes: Any) -> Any:
            return getattr(np, operation)(x, axis=tuple(axes))

    module.TinygradEduBackend = TinygradEduBackend
