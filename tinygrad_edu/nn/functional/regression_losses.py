"""Losses of numbers: absolute and squared errors, and negative log-likelihoods of Gauss and Poisson."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.nn.argument_checks import expandable, reduced, same_shape, weighted
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.functions.public import public

_module = public(within="nn.functional", method=False)


@_module
def l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The absolute difference `|x - y|`, averaged over all elements."""
    call = "l1_loss"
    input, target = same_shape(call, input, target)
    return _averaged(call, (input - target).abs(), weight, reduction, size_average, reduce)


@_module
def mse_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """The squared difference, averaged over all elements (no factor 1/2).

    Shapes: both the same, any; result (), or theirs for "none".
    Raises `ValueError` if the shapes differ.
    """
    input, target = same_shape("mse_loss", input, target)
    difference = input - target
    return _averaged("mse_loss", difference * difference, weight, reduction, size_average, reduce)


def _averaged(call: str, each: Any, weight: Any, reduction: str, size_average: Any, reduce: Any) -> Any:
    """The mean, over the weights if there are any."""
    if weight is None:
        return reduced(call, each, reduction, size_average, reduce)
    total = reduced(call, weighted(call, "a weight", each, weight), reduction, size_average, reduce)
    return total * each.numel() / (weight + 0 * each).sum() if reduction == "mean" else total


@_module
def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """`(x - y)² / (2 beta)` where the difference is below `beta`, `|x - y| - beta / 2` elsewhere."""
    call = "smooth_l1_loss"
    if beta < 0:
        raise ValueError(f"{call} needs beta of 0 or more, got {beta}")
    input, target = same_shape(call, input, target)
    if beta == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    return reduced(call, _huber(input - target, beta) / beta, reduction, size_average, reduce)


@_module
def huber_loss(
    input: Any,
    target: Any,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Any = None,
) -> Any:
    """`(x - y)² / 2` where the difference is at most `delta`, `delta (|x - y| - delta / 2)` elsewhere.

    Source: Huber, Robust Estimation of a Location Parameter (1964).
    """
    call = "huber_loss"
    if delta <= 0:
        raise ValueError(f"{call} needs delta above 0, got {delta}")
    input, target = same_shape(call, input, target)
    return _averaged(call, _huber(input - target, delta), weight, reduction, None, None)


def _huber(difference: Any, delta: float) -> Any:
    size = difference.abs()
    return elementwise.where(size < delta, difference * difference / 2, delta * (size - delta / 2))


@_module
def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-08,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of Poisson's distribution, in nats: `exp(x) - y x`, for the logarithm x of its mean.

    With `log_input=False` x is the mean: `x - y log(x + eps)`. `full` adds Stirling's approximation of log(y!).
    """
    call = "poisson_nll_loss"
    each = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        safe = elementwise.where(target > 1, target, 1.0)
        factorial = safe * safe.log() - safe + 0.5 * (2 * math.pi * safe).log()
        each = each + elementwise.where(target > 1, factorial, 0)
    return reduced(call, each, reduction, size_average, reduce)


@_module
def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-06,
    reduction: str = "mean",
) -> Any:
    """The negative log-likelihood of Gauss's distribution, in nats: `(log var + (x - y)² / var) / 2`.

    `var` is at least `eps`, where it gets the gradient of `eps`. `full` adds `log(2 pi) / 2`.
    Shapes: `var` that of the input, or 1 or nothing for its last dimension, or a number.
    """
    call = "gaussian_nll_loss"
    if isinstance(var, int | float):
        if var < 0:
            raise ValueError(f"{call} needs var of 0 or more, got {var}")
        var = 0 * input + var
    else:
        var = _variance(call, input, var)
    if eps <= 0:
        raise ValueError(f"{call} needs eps above 0, got {eps}")
    var = var + (elementwise.where(var < eps, eps, var) - var).detach()  # the gradient passes by the bound
    difference = input - target
    each = 0.5 * (var.log() + difference * difference / var)
    return reduced(call, each + 0.5 * math.log(2 * math.pi) if full else each, reduction)


def _variance(call: str, input: Any, var: Any) -> Any:
    """`var` with a last dimension, if it has none, and no negative number."""
    if (var.raw < 0).any():
        raise ValueError(f"{call} needs var of 0 or more, got {var.raw.min()}")
    if var.shape == input.shape:
        return var
    if var.shape == input.shape[:-1]:
        return var.reshape(*var.shape, 1)
    if not expandable(var.shape, input.shape):
        raise ValueError(f"{call} needs var that can be expanded to {input.shape}, got {var.shape}")
    return var
