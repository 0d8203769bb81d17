"""Activations, as `torch.nn.functional`: of straight pieces, and smooth ones.

`inplace=True` overwrites the input, as the functions `relu_`, `elu_` and so on do. Derivatives at kinks are PyTorch's.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops.elementwise import (
    absolute,
    greater,
    greater_equal,
    less,
    less_equal,
    sigmoid,
    tanh,
    where,
)
from tinygrad_edu.ops.index import along
from tinygrad_edu.ops.special_functions import erf
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.public import public, row

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805

activation = functools.partial(public, within="nn.functional", method=False)


def stored(input: Data, inplace: bool, result: Data) -> Data:
    """The result, put into `input` if `inplace`."""
    return input.overwrite("inplace=True", result) if inplace else result


@activation()
def leaky_relu(input: Data, negative_slope: float = 0.01, inplace: bool = False) -> Data:
    """x above 0, negative_slope x below."""
    return stored(input, inplace, where(greater(input, 0), input, negative_slope * input))


@activation("prelu", method=True)
def prelu(input: Data, weight: Data) -> Data:
    """x above 0, weight x below, with one weight or one for each channel, dimension 1 of the input."""
    return where(greater(input, 0), input, _by_channel(input, weight) * input)


def _by_channel(input: Data, weight: Data) -> Data:
    if not hasattr(weight, "ndim"):
        raise TypeError(f"prelu needs a Tensor as weight, got {weight!r}; write tensor(...)")
    if weight.shape in ((), (1,)):
        return weight.reshape(())
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.shape != (channels,):
        raise ValueError(
            f"prelu needs one weight, or one for each of the {channels} channels of its input of shape {input.shape}, "
            f"got shape {weight.shape}"
        )
    return weight.reshape((-1,) + (1,) * (input.ndim - 2))


@activation()
def elu(input: Data, alpha: float = 1.0, inplace: bool = False) -> Data:
    """x above 0, alpha (exp(x) - 1) below."""
    return stored(input, inplace, _exponential_below(input, alpha, 1))


@activation("celu")
def celu(input: Data, alpha: float = 1.0, inplace: bool = False) -> Data:
    """x above 0, alpha (exp(x / alpha) - 1) below: a smooth elu."""
    if alpha == 0:
        raise ValueError("celu needs alpha other than 0, got 0")
    return stored(input, inplace, _exponential_below(input, alpha, 1 / alpha))


def _exponential_below(x: Data, height: float, speed: float) -> Data:
    """x above 0, height (exp(speed x) - 1) below."""
    below = less_equal(x, 0)
    half = tanh(where(below, x, 0) * (speed / 2))
    exponential = 2 * half / (1 - half)  # exp(2 a) - 1 by tanh(a): no digit is lost near 0
    return where(below, height * exponential, x)


@activation("threshold")
def threshold(input: Data, threshold: float, value: float, inplace: bool = False) -> Data:
    """x above the threshold, `value` elsewhere."""
    threshold, value = _fitting(input, threshold, value)
    return stored(input, inplace, where(less_equal(input, threshold), value, input))


@activation()
def hardtanh(input: Data, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Data:
    """x kept between min_val and max_val; the derivative at both is 0."""
    if min_val > max_val:
        raise ValueError(f"hardtanh needs min_val of at most max_val, got {min_val} and {max_val}")
    low, high = _fitting(input, min_val, max_val)
    kept = where(less_equal(input, low), low, where(greater_equal(input, high), high, input))
    return stored(input, inplace, kept)


def _fitting(input: Data, *numbers: float) -> Any:
    """The numbers in the kind of the input: whole for whole numbers."""
    dtype = input.dtype
    if dtype is None or dtype.kind == "f":  # an Expression has none
        return numbers
    if dtype.kind == "b" or (dtype.kind == "u" and min(numbers) < 0):
        raise TypeError(f"an activation with bounds {numbers} needs numbers that can reach them, got {dtype}")
    return [int(number) for number in numbers]


@activation("hardshrink", method=True)
def hardshrink(input: Data, lambd: float = 0.5) -> Data:
    """x, and 0 from -lambd to lambd."""
    return where(less_equal(absolute(input), lambd), 0, input)


@activation()
def softshrink(input: Data, lambd: float = 0.5) -> Data:
    """x moved towards 0 by lambd, and 0 from -lambd to lambd."""
    if lambd < 0:
        raise ValueError(f"softshrink needs lambd of 0 or more, got {lambd}")
    return where(greater(input, lambd), input - lambd, where(less(input, -lambd), input + lambd, input * 0))


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


def _row(names: str, formula: str, function: Callable[[Data], Data]) -> Callable[..., Data]:
    """Make a function of each number public, with `inplace`, under `names`, of which the first is its own."""

    def of_each(input: Data, inplace: bool = False) -> Data:
        return stored(input, inplace, function(input))

    of_each.__name__, *aliases = names.split()
    of_each.__doc__ = f"{formula}."
    return activation(*aliases)(of_each)


relu = _row("relu", "max(x, 0)", elementwise.relu)
relu6 = _row("relu6", "x kept between 0 and 6", lambda x: hardtanh(x, 0, 6))
selu = _row(
    "selu selu",
    "1.0507 elu(x, 1.6733): a layer of it keeps mean 0 and variance 1 (Klambauer et al., 2017)",
    lambda x: _SELU_SCALE * _exponential_below(x, _SELU_ALPHA, 1),
)
silu = _row("silu", "x sigmoid(x)", lambda x: x * sigmoid(x))
mish = _row("mish", "x tanh(softplus(x))", lambda x: x * tanh(elementwise.softplus(x)))
hardsigmoid = _row("hardsigmoid", "(x + 3) / 6 kept between 0 and 1", lambda x: relu6(x + 3) / 6)
hardswish = _row("hardswish", "x hardsigmoid(x)", lambda x: x * hardsigmoid(x))
row(
    "nn.functional.logsigmoid",
    "log(sigmoid(x)), without the log of a rounded 0",
    lambda x: -elementwise.softplus(-x),
)
row("nn.functional.softsign", "x / (1 + |x|)", lambda x: x / (1 + absolute(x)))
row("nn.functional.tanhshrink", "x - tanh(x)", lambda x: x - tanh(x))


def overwriting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with inplace=True."""

    @functools.wraps(function)
    def call(input: Data, *args: Any, **options: Any) -> Data:
        return function(input, *args, inplace=True, **options)

    call.__name__ = f"{function.__name__}_"
    return call


_OVERWRITING: dict[Callable[..., Data], tuple[str, ...]] = {
    celu: ("celu_",),
    elu: (),
    hardtanh: (),
    leaky_relu: (),
    relu: ("relu_",),
    selu: ("selu_",),
    threshold: ("threshold_",),
}
for _function, _at_the_top_level in _OVERWRITING.items():
    activation(*_at_the_top_level)(overwriting(_function))
