"""Normalization of each channel over the examples of a batch, or over the places of one example, as layers."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints.training_mode import warn_training_mode
from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.starting_values import floats, parameter, start_constant, whole
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]

_SHAPES = {2: "(N, {})", 3: "(N, {}, L)", 4: "(N, {}, H, W)", 5: "(N, {}, D, H, W)"}


class _ChannelNorm(Module):
    """Weight and bias for each channel, and running mean and variance as buffers."""

    dims: ClassVar[tuple[int, ...]]  # those that an input may have, with examples
    weight: Parameter | None
    bias: Parameter | None
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Any

    def _build(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        bias: bool,
        track: bool,
        kind: Any,
    ) -> None:
        whole(type(self).__name__, num_features=num_features)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track
        self.register_parameter("weight", parameter(num_features, kind) if affine else None)
        self.register_parameter("bias", parameter(num_features, kind) if affine and bias else None)
        for name in ("running_mean", "running_var"):
            self.register_buffer(name, Tensor(np.zeros(num_features, kind)) if track else None)
        self.register_buffer("num_batches_tracked", Tensor(np.array(0)) if track else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Running mean 0 and variance 1, of no batch."""
        start_constant(0, self.running_mean, self.num_batches_tracked)
        start_constant(1, self.running_var)

    def _add_later_names(self, state_dict: dict[str, Any], prefix: str) -> None:
        """The number of batches, which PyTorch saves since 0.4.1: many published weights have none."""
        if self.num_batches_tracked is not None:
            state_dict.setdefault(f"{prefix}num_batches_tracked", self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Weight 1 and bias 0, running mean 0 and variance 1."""
        self.reset_running_stats()
        start_constant(1, self.weight)
        start_constant(0, self.bias)

    def _refusal(self, shape: tuple[int, ...], shapes: list[str]) -> ValueError:
        n = self.num_features
        return ValueError(
            f"{type(self).__name__}({n}) takes {n} channels {' or '.join(shapes).format(*[n] * len(shapes))}, "
            f"but x has shape {shape}"
        )

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_ChannelNorm):
    """While training, with mean and variance of the batch; after `eval()` with the running ones, if there are any.

    The running ones move by `momentum` towards those of each batch; with `momentum=None` they are the mean over all
    batches. Weight starts from 1, bias from 0.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        kind = floats(type(self).__name__, device, dtype)
        self._build(num_features, eps, momentum, affine, bias, track_running_stats, kind)

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`(x - mean) / sqrt(var + eps) * weight + bias` for each channel."""
        x = traced(input)
        if x.ndim not in self.dims or x.shape[1] != self.num_features:
            raise self._refusal(x.shape, [_SHAPES[n] for n in self.dims])
        tracked = self.running_mean is not None
        moved = self.training and tracked and self.track_running_stats
        if self.training and tracked:
            warn_training_mode(
                type(self).__name__, "it uses mean and variance of the batch, and moves its own"
            )
        momentum: Any = self.momentum
        if moved and momentum is None:
            momentum = 1 / (self.num_batches_tracked + 1)
        # Without running ones, or while they are not to be moved, the batch's own.
        mean, var = (self.running_mean, self.running_var) if moved or not self.training else (None, None)
        of_batch = self.training or not tracked
        result = functional.batch_norm(x, mean, var, self.weight, self.bias, of_batch, momentum, self.eps)
        if moved:
            with no_grad():
                self.num_batches_tracked.add_(1)
        return result


class BatchNorm1d(_BatchNorm):
    """Each channel of vectors or signals shifted and scaled over the batch: see `functional.batch_norm`.

    Shapes: (N, num_features) or (N, num_features, L).
    """

    dims = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Each channel of images shifted and scaled over the batch: see `functional.batch_norm`.

    Shapes: (N, num_features, H, W).
    """

    dims = (4,)


class BatchNorm3d(_BatchNorm):
    """Each channel of volumes shifted and scaled over the batch: see `functional.batch_norm`.

    Shapes: (N, num_features, D, H, W).
    """

    dims = (5,)


class _InstanceNorm(_ChannelNorm):
    """With mean and variance of each example; after `eval()` with the running ones, if they are tracked."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        kind = floats(type(self).__name__, device, dtype)
        self._build(num_features, eps, momentum, affine, bias, track_running_stats, kind)

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """`(x - mean) / sqrt(var + eps) * weight + bias` for each channel of each example."""
        x = traced(input)
        n = self.dims[0]
        if x.ndim not in (n - 1, n) or (self.affine and x.shape[1 - n] != self.num_features):
            raise self._refusal(x.shape, [_SHAPES[n], _SHAPES[n].replace("N, ", "")])
        of_example = self.training or not self.track_running_stats
        examples = x if x.ndim == n else x.unsqueeze(0)
        buffers = (self.running_mean, self.running_var)
        result = functional.instance_norm(
            examples, *buffers, self.weight, self.bias, of_example, self.momentum or 0.0, self.eps
        )
        return result if x.ndim == n else result.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Each channel of each signal shifted and scaled: see `functional.instance_norm`.

    Shapes: (N, num_features, L) or (num_features, L).
    """

    dims = (3,)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each image shifted and scaled: see `functional.instance_norm`.

    Shapes: (N, num_features, H, W) or (num_features, H, W).
    """

    dims = (4,)


class InstanceNorm3d(_InstanceNorm):
    """Each channel of each volume shifted and scaled: see `functional.instance_norm`.

    Shapes: (N, num_features, D, H, W) or (num_features, D, H, W).
    """

    dims = (5,)
