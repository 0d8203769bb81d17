"""Functions of several operations, and the derivative that they take where none exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.autograd import grad
from tinygrad_edu.ops.domain import kinks_of
from tinygrad_edu.tensor.functions import activation_functions as activations
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.text.numbers import significant

# Of one number, and of equal ones.
COMPOSED: dict[str, Callable[[Tensor], Tensor]] = {
    "clamp(x, −1, 1)": lambda x: x.clamp(-1, 1),
    "frac": lambda x: x.frac(),
    "x ** 0.5": lambda x: x**0.5,
    "relu6(x)": activations.relu6,
    "leaky_relu(x)": activations.leaky_relu,
    "selu(x)": activations.selu,
    "hardtanh(x)": activations.hardtanh,
    "hardshrink(x)": activations.hardshrink,
    "softshrink(x)": activations.softshrink,
}
COMPOSED_OF_MANY: dict[str, Callable[[Tensor], Tensor]] = {
    "max(dim)": lambda x: x.max(0).values,
    "min(dim)": lambda x: x.min(0).values,
    "std": lambda x: x.std(),
}


def composed_kinks() -> dict[str, str]:
    """The convention at kinks of each composed function, as `kink` gives it for an operation."""
    of_one = {name: kinks_of(*_value_and_slope(f)) for name, f in COMPOSED.items()}
    return of_one | {name: _at_a_tie(f) for name, f in COMPOSED_OF_MANY.items()}


def _at_a_tie(f: Callable[[Tensor], Tensor]) -> str:
    first, second = map(significant, _gradient(f, [1.0, 1.0]).tolist())
    return (
        f"{first} each for equal numbers"
        if first == second
        else f"{first} and {second} for two equal numbers"
    )


def _value_and_slope(
    f: Callable[[Tensor], Tensor],
) -> tuple[Callable[[float], float], Callable[[float], float]]:
    return lambda x: f(tensor(x)).item(), lambda x: _gradient(f, x).item()


def _gradient(f: Callable[[Tensor], Tensor], at: Any) -> Tensor:
    x = tensor(at, requires_grad=True)
    return grad(f(x), x)[0]
