"""First numbers that are no draw: one everywhere, or layers that pass on their inputs."""

from __future__ import annotations

from tinygrad_edu.nn.init.filling import filling, need_dims
from tinygrad_edu.tensor.tensor import Tensor


@filling
def constant_(tensor: Tensor, val: float) -> Tensor:
    """`val` everywhere."""
    return tensor.fill_(val)


@filling
def ones_(tensor: Tensor) -> Tensor:
    """1 everywhere."""
    return tensor.fill_(1)


@filling
def zeros_(tensor: Tensor) -> Tensor:
    """0 everywhere."""
    return tensor.zero_()


@filling
def eye_(tensor: Tensor) -> Tensor:
    """The identity matrix: a linear layer that returns its inputs, as many as fit. For 2 dimensions."""
    need_dims("eye_", tensor, 2)
    tensor.zero_()
    each = range(min(tensor.shape))
    tensor[list(each), list(each)] = 1
    return tensor


@filling
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """A convolution that returns its channels, as many as fit, in each of the `groups`. For 3, 4 or 5 dimensions."""
    need_dims("dirac_", tensor, 3, 4, 5)
    if groups < 1 or tensor.shape[0] % groups:
        raise ValueError(
            f"dirac_ needs output channels that are a multiple of groups={groups}, got {tensor.shape[0]}"
        )
    size = tensor.shape[0] // groups
    channels = range(min(size, tensor.shape[1]))
    outputs = [group * size + channel for group in range(groups) for channel in channels]
    tensor.zero_()
    tensor[(outputs, [*channels] * groups, *(n // 2 for n in tensor.shape[2:]))] = 1
    return tensor
