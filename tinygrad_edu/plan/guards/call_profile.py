"""Python reports its calls: how a step is seen at what it does without saying so."""

from __future__ import annotations

import sys
import sysconfig
from numbers import Number
from types import CodeType, FrameType, ModuleType
from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor


class Profile:
    """A `with` block in which Python tells `note` of every call and return; who listened before goes on after it."""

    def __enter__(self) -> Self:
        self._before: Any = sys.getprofile()
        sys.setprofile(self.note)
        return self

    def __exit__(self, *error: object) -> None:
        if hasattr(self._before, "enable"):  # cProfile's own, which is no function
            self._before.enable()
        else:
            sys.setprofile(self._before)

    def note(self, frame: FrameType, event: str, result: Any) -> None:
        """One call or return."""
        raise NotImplementedError


Frame = tuple[CodeType, dict[str, Any], dict[str, Any]]  # with its global variables and its own


class OnValues(BaseException):
    """The step computes on Values. No Exception: nobody but the plan may catch it."""


_ON_VALUES = (Value.__init__.__code__, Value.apply.__code__)
_ADMIT = Tensor.admit.__code__
_OURS = (Module.__call__.__code__, Optimizer.step.__code__)
_ZERO_GRAD = Optimizer.zero_grad.__code__
_SET_GRAD = Tensor.grad.fset.__code__  # type: ignore[attr-defined]
_NO_ATTRIBUTES = (
    Tensor,
    Value,
    np.ndarray,
    ModuleType,
    list,
    tuple,
    dict,
    set,
    type(None),
    str,
    bytes,
    Number,
)
_PACKAGES = sysconfig.get_path("stdlib")


def _is_installed(code: CodeType) -> bool:
    """Whether a piece of code is of this package, of Python's own, or of another that is installed."""
    file = code.co_filename
    return is_own(code) or file.startswith((_PACKAGES, "<frozen")) or "-packages" in file


class FirstLook(Profile):
    """Collects the modules and optimizers that are called; raises `OnValues` before a Value is made or used.

    `frames`: of functions outside of installed packages, what their variables stood for, without numbers and Tensors.
    """

    def __init__(self) -> None:
        self.called: dict[Module | Optimizer, None] = {}
        self.frames: dict[Any, Frame] = {}
        self._cleared: dict[Tensor, None] = {}  # whose gradient was set to None

    def cleared(self) -> list[Tensor]:
        """Whose gradient was forgotten and has not come back."""
        return [x for x in self._cleared if x._grad is None]

    def note(self, frame: FrameType, event: str, *_: Any) -> None:
        """One call."""
        if event in ("call", "return") and not _is_installed(frame.f_code):
            variables = {name: x for name, x in frame.f_locals.items() if not isinstance(x, _NO_ATTRIBUTES)}
            mark = (frame.f_code, *((name, id(x)) for name, x in variables.items()))
            self.frames.setdefault(mark, (frame.f_code, frame.f_globals, variables))
        if event != "call":
            return
        if frame.f_code in _OURS:
            self.called[frame.f_locals["self"]] = None
        elif frame.f_code is _ZERO_GRAD:
            groups = frame.f_locals["self"].param_groups
            self._cleared |= dict.fromkeys(p for group in groups for p in group["params"])
        elif frame.f_code is _SET_GRAD and frame.f_locals["value"] is None:
            self._cleared[frame.f_locals["self"]] = None
        elif frame.f_code in _ON_VALUES or (
            frame.f_code is _ADMIT and isinstance(frame.f_locals["x"], Value)
        ):
            raise OnValues
