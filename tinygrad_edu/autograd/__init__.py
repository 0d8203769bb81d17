"""Derivatives as functions, operations of your own, and checks of both, as `torch.autograd`."""

from __future__ import annotations

import importlib as _importlib
import typing as _typing

from tinygrad_edu.autograd import functional
from tinygrad_edu.autograd.anomalies import detect_anomaly, set_detect_anomaly
from tinygrad_edu.autograd.custom_function import Function
from tinygrad_edu.autograd.derivatives import backward, grad
from tinygrad_edu.autograd.functional import hessian, hvp, jacobian, jvp, vjp
from tinygrad_edu.autograd.variable import Variable
from tinygrad_edu.engine.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled
from tinygrad_edu.hints.missing_names import refusal as _refusal

__all__ = [
    "Function",
    "GradcheckError",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "hessian",
    "hvp",
    "inference_mode",
    "jacobian",
    "jvp",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
    "vjp",
]

# Imported when asked for: a sixth of the time of `import tinygrad_edu`, and seldom used.
_LATER = dict.fromkeys(("GradcheckError", "gradcheck", "gradgradcheck"), "gradient_checks")

if _typing.TYPE_CHECKING:
    from tinygrad_edu.autograd.gradient_checks import GradcheckError, gradcheck, gradgradcheck
else:
    _refuse = _refusal(__name__, __all__)

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            return _refuse(name)
        return getattr(_importlib.import_module(f"tinygrad_edu.autograd.{_LATER[name]}"), name)
