"""Checks of gradients against central differences, by PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.checks.gradient_test import gradient_test
from tinygrad_edu.tensor.nested import leaves


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
