"""First weights whose spread fits the number of inputs, of outputs, and the activation: Xavier and Kaiming."""

from __future__ import annotations

import math
from reprlib import repr as short
from typing import Any

from tinygrad_edu.nn.init.filling import filling
from tinygrad_edu.tensor.tensor import Tensor

_GAINS = {
    **dict.fromkeys(("linear", "conv1d", "conv2d", "conv3d", "sigmoid"), 1.0),
    **dict.fromkeys(("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), 1.0),
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which an activation shrinks the spread of its inputs, which first weights make up for.

    1 for linear layers, convolutions and the sigmoid; 5/3 for tanh, sqrt(2) for ReLU, 3/4 for SELU, and
    sqrt(2 / (1 + slope^2)) for a leaky ReLU, whose slope is `param`, or 0.01.
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"calculate_gain needs the slope of leaky_relu as a number, got {short(param)}")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in _GAINS:
        known = ", ".join([*_GAINS, "leaky_relu"])
        raise ValueError(f"calculate_gain needs one of {known}, got {nonlinearity!r}")
    return _GAINS[nonlinearity]


def _fans(call: str, tensor: Tensor) -> tuple[int, int]:
    """How many inputs reach each output of a weight (out, in, *window), and how many outputs each input reaches."""
    if tensor.ndim < 2:
        raise ValueError(
            f"{call} needs a weight of at least 2 dimensions, (out, in, ...), got shape {tensor.shape}; "
            "start biases with zeros_ or uniform_"
        )
    window = math.prod(tensor.shape[2:])
    return tensor.shape[1] * window, tensor.shape[0] * window


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """`(fan_in, fan_out)` of a weight, under the name by which layers written for PyTorch call it."""
    return _fans("_calculate_fan_in_and_fan_out", tensor)


@filling
def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """U(-k, k) with k = gain * sqrt(6 / (fan_in + fan_out)).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), eq. 16.
    """
    k = gain * math.sqrt(6 / max(sum(_fans("xavier_uniform_", tensor)), 1))
    return tensor.uniform_(-k, k, generator=generator)


@filling
def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """N(0, std^2) with std = gain * sqrt(2 / (fan_in + fan_out)).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), eq. 12.
    """
    std = gain * math.sqrt(2 / max(sum(_fans("xavier_normal_", tensor)), 1))
    return tensor.normal_(0, std, generator=generator)


def _kaiming_std(call: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """The gain of the activation over the root of the fan; `a` is the slope of a leaky ReLU."""
    fan_in, fan_out = _fans(call, tensor)
    fans = {"fan_in": fan_in, "fan_out": fan_out}
    word = mode.lower() if isinstance(mode, str) else mode
    if word not in fans:
        raise ValueError(f"{call} needs mode 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(max(fans[word], 1))


@filling
def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """U(-k, k) with k = gain * sqrt(3 / fan); the gain is that of `nonlinearity`, with `a` as slope of a leaky ReLU.

    Source: He et al., Delving Deep into Rectifiers (2015), eq. 14.
    """
    k = math.sqrt(3) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return tensor.uniform_(-k, k, generator=generator)


@filling
def kaiming_normal_(
    tensor: Tensor,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """N(0, std^2) with std = gain / sqrt(fan); the gain is that of `nonlinearity`, with `a` as slope of a leaky ReLU.

    Source: He et al., Delving Deep into Rectifiers (2015), eq. 14.
    """
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return tensor.normal_(0, std, generator=generator)
