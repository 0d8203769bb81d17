"""Normalization: numbers shifted and scaled to mean 0 and variance 1, over examples, features or groups of these."""

from __future__ import annotations

import math
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.ops.standardization import standardize
from tinygrad_edu.tensor.functions.public import public

_module = public(within="nn.functional", method=False)


def _shared(call: str, name: str, x: Any, size: int) -> None:
    if x is not None and tuple(x.shape) != (size,):
        raise ValueError(
            f"{call} needs {name} with one number for each of {size} channels, got shape {tuple(x.shape)}"
        )


def _per_channel(x: Any, input: Any) -> Any:
    """One number for each channel, beside (N, C, ...)."""
    return x.reshape(1, -1, *[1] * (input.ndim - 2))


def _scaled(x: Any, weight: Any, bias: Any) -> Any:
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _affine(call: str, x: Any, weight: Any, bias: Any) -> Any:
    """`x * weight + bias`, with one number of each for every channel."""
    for name, part in (("weight", weight), ("bias", bias)):
        _shared(call, name, part, x.shape[1])
    return _scaled(x, *(None if part is None else _per_channel(part, x) for part in (weight, bias)))


@_module
def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Any:
    """`(x - mean) / sqrt(var + eps) * weight + bias` for each channel, over examples and places.

    While training, with mean and variance of the batch, to which the running ones move by `momentum` (the variance
    with n - 1); otherwise with the running ones.
    Shapes: (N, C) or (N, C, ...); all others (C,).
    Raises `ValueError` if there is only one number for a channel while training, or no running mean otherwise.
    Source: Ioffe and Szegedy, Batch Normalization (2015).
    """
    call = "batch_norm"
    if not input.numel():
        return input * 1
    _check_dims(call, input, 2)
    if eps <= 0:
        raise ValueError(f"{call} needs eps above 0, got {eps}")
    for name, x in (("running_mean", running_mean), ("running_var", running_var)):
        _shared(call, name, x, input.shape[1])
        if x is None and not training:
            raise ValueError(f"{call} needs {name} unless training=True, got None")
    dims = (0, *range(2, input.ndim))
    if not training:
        shifted = input - _per_channel(running_mean, input)
        return _affine(call, shifted * (_per_channel(running_var, input) + eps) ** -0.5, weight, bias)
    count = math.prod(input.shape[i] for i in dims)
    if count == 1:
        raise ValueError(
            f"{call} needs more than one number for each channel while training, as their variance divides, "
            f"got shape {input.shape}; use a larger batch, or eval()"
        )
    _move(running_mean, running_var, input, dims, momentum)
    return _affine(call, standardize(input, dims=dims, eps=eps), weight, bias)


def _move(mean: Any, var: Any, x: Any, dims: tuple[int, ...], momentum: float) -> None:
    """Move the running mean and variance towards those of the batch."""
    with no_grad():
        if mean is not None:
            mean.copy_((1 - momentum) * mean + momentum * x.mean(dims))
        if var is not None:
            var.copy_((1 - momentum) * var + momentum * x.var(dims))


@_module
def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Any:
    """`batch_norm` for each example by itself, over its places.

    Shapes: (N, C, ...); all others (C,).
    Source: Ulyanov et al., Instance Normalization (2016).
    """
    call = "instance_norm"
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    _check_dims(call, input, 3)
    dims = tuple(range(2, input.ndim))
    if math.prod(input.shape[2:]) == 1:
        raise ValueError(f"{call} needs more than one place for each channel, got shape {input.shape}")
    with no_grad():
        if running_mean is not None:
            running_mean.copy_((1 - momentum) * running_mean + momentum * input.mean(dims).mean(0))
        if running_var is not None:
            running_var.copy_((1 - momentum) * running_var + momentum * input.var(dims).mean(0))
    return _affine(call, standardize(input, dims=dims, eps=eps), weight, bias)


@_module
def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-05) -> Any:
    """Each group of channels of each example shifted and scaled; weight and bias for each channel.

    Shapes: (N, C, ...) with C a multiple of `num_groups`; weight and bias (C,).
    Source: Wu and He, Group Normalization (2018).
    """
    call = "group_norm"
    _check_dims(call, input, 2)
    if num_groups < 1 or input.shape[1] % num_groups:
        raise ValueError(
            f"{call} needs channels that are a multiple of num_groups={num_groups}, got {input.shape[1]}"
        )
    if input.shape[0] * math.prod(input.shape[2:]) * input.shape[1] // num_groups == 1:
        raise ValueError(f"{call} needs more than one number for each group, got shape {input.shape}")
    grouped = input.reshape(input.shape[0], num_groups, math.prod(input.shape[1:]) // num_groups)
    return _affine(call, standardize(grouped, dims=(2,), eps=eps).reshape(input.shape), weight, bias)


def _last_dims(call: str, x: Any, normalized_shape: Any, *scales: Any) -> tuple[int, ...]:
    """The dimensions that `normalized_shape` names: the last ones of `x`."""
    sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not sizes or tuple(x.shape[-len(sizes) :]) != sizes:
        raise ValueError(f"{call} needs an input that ends in the shape {sizes}, got {tuple(x.shape)}")
    for scale in scales:
        if scale is not None and tuple(scale.shape) != sizes:
            raise ValueError(f"{call} needs weight and bias of shape {sizes}, got {tuple(scale.shape)}")
    return tuple(range(x.ndim - len(sizes), x.ndim))


@_module
def layer_norm(
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-05,
) -> Any:
    """`(x - mean) / sqrt(var + eps) * weight + bias`, over the last dimensions, those of `normalized_shape`.

    Source: Ba et al., Layer Normalization (2016).
    """
    dims = _last_dims("layer_norm", input, normalized_shape, weight, bias)
    return _scaled(standardize(input, dims=dims, eps=eps), weight, bias)


@_module
def rms_norm(
    input: Any,
    normalized_shape: int | Sequence[int],
    weight: Any = None,
    eps: float | None = None,
) -> Any:
    """`x / sqrt(mean(x²) + eps) * weight` over the last dimensions; `eps` is the dtype's, if None.

    Source: Zhang and Sennrich, Root Mean Square Layer Normalization (2019).
    """
    dims = _last_dims("rms_norm", input, normalized_shape, weight)
    eps = float(np.finfo(input.dtype).eps) if eps is None else eps
    return _scaled(input * ((input * input).mean(dims, keepdim=True) + eps) ** -0.5, weight, None)


def _check_dims(call: str, x: Any, least: int) -> None:
    if x.ndim < least:
        raise ValueError(
            f"{call} needs at least {least} dimensions, (N, C, ...), got shape {short(tuple(x.shape))}"
        )
