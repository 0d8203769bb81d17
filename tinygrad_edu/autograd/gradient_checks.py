"""Checks of gradients, by PyTorch's names: against central differences, and for the rule that made a nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.autograd.checks.gradient_test import gradient_test
from tinygrad_edu.autograd.evaluation import leaves
from tinygrad_edu.hints.not_finite import check_finite


class GradcheckError(RuntimeError):
    """A gradient that differs from central differences."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,  # noqa: ARG001 - the step is chosen for float64
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    order: int = 1,
    **_pytorchs: Any,
) -> bool:
    """True if the gradients of `func` by all inputs that require one agree with central differences, in float64.

    Raises `GradcheckError`, which names the worst number, or returns False unless `raise_exception`;
    `ValueError` if no input requires a gradient. See `testing.check_gradients`.
    """
    given = inputs if isinstance(inputs, tuple | list) else (inputs,)
    if not any(x.requires_grad for x in leaves(given)):
        raise ValueError("gradcheck needs at least one input that requires a gradient, got none")
    verdict = gradient_test(
        func, given, order=order, rtol=rtol, atol=atol, moves=lambda x: bool(x.requires_grad)
    )
    if not verdict and raise_exception:
        raise GradcheckError(verdict.text)
    return bool(verdict)


def gradgradcheck(func: Callable[..., Any], inputs: Any, grad_outputs: Any = None, **options: Any) -> bool:  # noqa: ARG001
    """`gradcheck`, and the same for the gradients of the gradients; what flows back is drawn."""
    return gradcheck(func, inputs, **{**options, "order": 2})


class detect_anomaly(check_finite):  # noqa: N801 - PyTorch's name
    """`with detect_anomaly():` raises `RuntimeError` at the first derivative rule of a backward pass that makes a nan.

    The message names the operation, its line in the forward pass, the element and the numbers that met there. Also a
    decorator. `check_finite()` looks at results and at infinities, too.
    """

    error = RuntimeError
    forward = False
    bad: Any = staticmethod(np.isnan)

    def __init__(self, check_nan: bool = True) -> None:
        super().__init__()
        if not check_nan:
            self.bad = np.zeros_like  # finds nothing


class set_detect_anomaly(detect_anomaly):  # noqa: N801 - PyTorch's name
    """Switches `detect_anomaly` on or off, at once; a `with` block ends it."""

    _switched_on: list[detect_anomaly] = []  # noqa: RUF012 - one list for all: the open switch, if any

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(check_nan)
        while self._switched_on:
            self._switched_on.pop().__exit__()
        if mode:
            super().__enter__()
            self._switched_on.append(self)

    def __enter__(self) -> set_detect_anomaly:
        return self  # it is on, or off, since it was made
