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
    eps: float = 1e-6,  # noqa: ARG001 - the step is chosen for each number
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,  # noqa: ARG001 - a function that is random is no function
    check_undefined_grad: bool = True,  # noqa: ARG001 - zeros stand for gradients that are not there
    check_grad_dtypes: bool = False,  # noqa: ARG001 - the engine keeps dtypes
    check_batched_grad: bool = False,  # noqa: ARG001
    check_batched_forward_grad: bool = False,  # noqa: ARG001
    check_forward_ad: bool = False,  # noqa: ARG001 - forward mode is made of the rules that are checked
    check_backward_ad: bool = True,  # noqa: ARG001
    fast_mode: bool = False,  # noqa: ARG001
    masked: bool | None = None,  # noqa: ARG001
) -> bool:
    """True if the gradients of `func` by all inputs that require one agree with central differences, in float64.

    Raises `GradcheckError`, which says what is wrong, or returns False unless `raise_exception`; `ValueError` if no
    input requires a gradient. `testing.gradient_verdict` returns the verdict.
    """
    return _agrees(func, inputs, 1, rtol, atol, raise_exception)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,  # noqa: ARG001 - what flows back is drawn
    *,
    eps: float = 1e-6,  # noqa: ARG001
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,  # noqa: ARG001
    raise_exception: bool = True,
    nondet_tol: float = 0.0,  # noqa: ARG001
    check_undefined_grad: bool = True,  # noqa: ARG001
    check_grad_dtypes: bool = False,  # noqa: ARG001
    check_batched_grad: bool = False,  # noqa: ARG001
    check_fwd_over_rev: bool = False,  # noqa: ARG001
    check_rev_over_rev: bool = True,  # noqa: ARG001
    fast_mode: bool = False,  # noqa: ARG001
    masked: bool = False,  # noqa: ARG001
) -> bool:
    """`gradcheck`, and the same for the gradients of the gradients; what flows back is drawn."""
    return _agrees(func, inputs, 2, rtol, atol, raise_exception)


def _agrees(
    func: Callable[..., Any], inputs: Any, order: int, rtol: float, atol: float, raise_exception: bool
) -> bool:
    given = inputs if isinstance(inputs, tuple | list) else (inputs,)
    if not any(x.requires_grad for x in leaves(given)):
        raise ValueError("gradcheck needs at least one input that requires a gradient, got none")
    verdict = gradient_test(
        func, given, order=order, rtol=rtol, atol=atol, moves=lambda x: bool(x.requires_grad)
    )
    if not verdict and raise_exception:
        raise GradcheckError(verdict.text)
    return bool(verdict)


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
