"""An autograd engine that shows its work: for learning, teaching and tinkering with backpropagation.

`import tinygrad_edu as torch` runs a script written for PyTorch as far as the operations exist.
"""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from tinygrad_edu import autograd, linalg, nn, special
from tinygrad_edu.engine.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
    watch,
)
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.missing_names import missing as _missing
from tinygrad_edu.hints.not_finite import check_finite, where_not_finite
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor import compilers as _compilers  # noqa: F401 - these make functions and words public
from tinygrad_edu.tensor import processes as _processes  # noqa: F401
from tinygrad_edu.tensor import switches as _switches  # noqa: F401
from tinygrad_edu.tensor import torch_version as _torch_version  # noqa: F401
from tinygrad_edu.tensor import triangle_indices as _triangle_indices  # noqa: F401
from tinygrad_edu.tensor.functions.public import MODULES as _MODULES
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS as _WORDS

if _typing.TYPE_CHECKING:
    from tinygrad_edu import datasets, distributions, exercise, func, optim, puzzles, testing, utils, viz
    from tinygrad_edu.exercise import Exercise
    from tinygrad_edu.explanation.derivation import conventions, explain, operation_table
    from tinygrad_edu.explanation.diagnosis import diagnose
    from tinygrad_edu.explanation.why import compare_orders, why_no_grad
    from tinygrad_edu.func import vmap
    from tinygrad_edu.io import load, save
    from tinygrad_edu.nn.summary import summary
    from tinygrad_edu.plan import capture, load_plan
    from tinygrad_edu.viz import draw

_FUNCTIONS = {**_MODULES[""], **_WORDS}  # stated in `tensor/` and in the rule tables
globals().update(_FUNCTIONS)

__all__ = [
    *_FUNCTIONS,
    "OPERATIONS",
    "Exercise",
    "Tensor",
    "Value",
    "autograd",
    "capture",
    "check_finite",
    "compare_orders",
    "conventions",
    "datasets",
    "diagnose",
    "distributions",
    "draw",
    "enable_grad",
    "exercise",
    "explain",
    "func",
    "inference_mode",
    "is_grad_enabled",
    "linalg",
    "load",
    "load_plan",
    "nn",
    "no_grad",
    "operation_table",
    "optim",
    "puzzles",
    "save",
    "set_grad_enabled",
    "special",
    "summary",
    "teaching",
    "testing",
    "utils",
    "viz",
    "vmap",
    "watch",
    "where_not_finite",
    "why_no_grad",
]


# The modules of names that are imported when asked for, which halves the time of `import tinygrad_edu`.
_LATER = {
    "Exercise": "exercise",
    "capture": "plan",
    "compare_orders": "explanation.why",
    "conventions": "explanation.derivation",
    "datasets": "datasets",
    "diagnose": "explanation.diagnosis",
    "distributions": "distributions",
    "draw": "viz",
    "exercise": "exercise",
    "explain": "explanation.derivation",
    "func": "func",
    "load": "io",
    "load_plan": "plan",
    "operation_table": "explanation.derivation",
    "optim": "optim",
    "puzzles": "puzzles",
    "save": "io",
    "summary": "nn.summary",
    "testing": "testing",
    "utils": "utils",
    "viz": "viz",
    "vmap": "func",
    "why_no_grad": "explanation.why",
}

if not _typing.TYPE_CHECKING:  # a type checker would take every name for a name of this module

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise _missing("tinygrad_edu", name, __all__)
        module = _importlib.import_module(f"tinygrad_edu.{_LATER[name]}")
        return module if _LATER[name] == name else getattr(module, name)


def __dir__() -> list[str]:
    """The public names: what Tab offers."""
    return [*__all__, "__version__"]


__version__ = "0.2.0"
