"""Tensors in einops: its functions are those of NumPy, which Tensors take part in.

einops asks each subclass of its backends whether a value is theirs: ours is defined when it imports the others.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from typing import Any

import numpy as np

from tinygrad_edu.tensor.tensor import Tensor, tensor

MODULE = "einops._backends"


class _WhenImported:
    """A finder of the module of the backends, which defines ours when that has been run."""

    @staticmethod
    def find_spec(name: str, path: Any, _target: Any = None) -> Any:
        if name != MODULE:
            return None
        sys.meta_path.remove(_WhenImported)
        spec: Any = PathFinder.find_spec(name, path)
        run = spec.loader.exec_module

        def run_and_define(module: Any) -> None:
            run(module)
            _define_backend(module)

        spec.loader.exec_module = run_and_define
        return spec


def _define_backend(module: Any) -> None:
    own = {
        "framework_name": "tinygrad_edu",
        "is_appropriate_type": lambda _, x: isinstance(x, Tensor),
        "from_numpy": lambda _, x: tensor(x),
        "to_numpy": lambda _, x: x.numpy(force=True),
        "transpose": lambda _, x, axes: np.transpose(x, axes),
        "reduce": lambda _, x, operation, axes: getattr(np, operation)(x, axis=tuple(axes)),
    }
    module.TinygradEduBackend = type("TinygradEduBackend", (module.NumpyBackend,), own)


if MODULE in sys.modules:
    _define_backend(sys.modules[MODULE])
else:
    sys.meta_path.insert(0, _WhenImported)
