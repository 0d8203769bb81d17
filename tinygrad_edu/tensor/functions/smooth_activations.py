"""Smooth activations, as `torch.nn.functional`: compositions of sigmoid, tanh, softplus and softmax."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.hints.warnings import ImplicitDimWarning, warn
from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops.elementwise import absolute, greater, sigmoid, tanh, where
from tinygrad_edu.ops.index import along
from tinygrad_edu.ops.special_functions import erf
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions import probabilities
from tinygrad_edu.tensor.functions.rectifiers import activation, stored


@activation()
def gelu(input: Data, *, approximate: str = "none") -> Data:
    """x times the probability that a normally distributed number is below x; by tanh if `approximate="tanh"`.

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units (2016).
    """
    if approximate == "tanh":
        return input / 2 * (1 + tanh(math.sqrt(2 / math.pi) * (input + 0.044715 * input * input * input)))
    if approximate != "none":
        raise ValueError(f"gelu needs approximate 'none' or 'tanh', got {approximate!r}")
    return input / 2 * (1 + erf(input * math.sqrt(0.5)))


@activation()
def silu(input: Data, inplace: bool = False) -> Data:
    """x sigmoid(x)."""
    return stored(input, inplace, input * sigmoid(input))


@activation()
def mish(input: Data, inplace: bool = False) -> Data:
    """x tanh(softplus(x))."""
    return stored(input, inplace, input * tanh(elementwise.softplus(input)))


@activation()
def glu(input: Data, dim: int = -1) -> Data:
    """The first half along `dim` times the sigmoid of the second."""
    place = one_dim("glu", dim, input.ndim)
    if not input.ndim or input.shape[place] % 2:
        raise ValueError(f"glu needs an even number of entries along dim {dim}, got shape {input.shape}")
    half = input.shape[place] // 2
    return input[along(place, slice(half))] * sigmoid(input[along(place, slice(half, None))])


@activation()
def softplus(input: Data, beta: float = 1, threshold: float = 20) -> Data:
    """log(1 + exp(beta x)) / beta, without overflow; x where beta x is above the threshold."""
    scaled = input if beta == 1 else input * beta
    smooth = elementwise.softplus(scaled)
    return where(greater(scaled, threshold), input, smooth if beta == 1 else smooth / beta)


@activation()
def logsigmoid(input: Data) -> Data:
    """log(sigmoid(x)), without taking the log of a rounded 0."""
    return -elementwise.softplus(-input)


@activation()
def softsign(input: Data) -> Data:
    """x / (1 + |x|)."""
    return input / (1 + absolute(input))


@activation()
def tanhshrink(input: Data) -> Data:
    """x - tanh(x)."""
    return input - tanh(input)


@activation()
def softmax(input: Data, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Data:
    """exp(x) / sum(exp(x)) along `dim`, without overflow."""
    return probabilities.softmax(input, _dim("softmax", input, dim), dtype)


@activation()
def softmin(input: Data, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Data:
    """softmax(-x) along `dim`."""
    return probabilities.softmax(-input, _dim("softmin", input, dim), dtype)


@activation()
def log_softmax(input: Data, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Data:
    """The logarithm of softmax, in nats, without taking the log of a rounded 0."""
    return probabilities.log_softmax(input, _dim("log_softmax", input, dim), dtype)


def _dim(call: str, input: Data, dim: int | None) -> int:
    """The dimension, or PyTorch's choice, which is said."""
    if dim is not None:
        return dim
    chosen = 0 if input.ndim in (0, 1, 3) else 1
    warn(
        ImplicitDimWarning,
        f"{call} without dim takes dim={chosen} for an input of {input.ndim} dimensions; write the dim that is meant",
    )
    return chosen
