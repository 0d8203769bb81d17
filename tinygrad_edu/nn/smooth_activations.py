"""Activations without kinks, or with one at 0 only, as modules; the formulas stand with the functions they call."""

from __future__ import annotations

from tinygrad_edu.nn import functional
from tinygrad_edu.nn.function_modules import FunctionModule

__all__ = ["CELU", "ELU", "GELU", "SELU", "LogSigmoid", "Mish", "SiLU", "Softplus", "Softsign", "Tanhshrink"]


class ELU(FunctionModule):
    """x above 0, `alpha (exp(x) - 1)` below: see `functional.elu`."""

    function = staticmethod(functional.elu)


class CELU(FunctionModule):
    """x above 0, `alpha (exp(x / alpha) - 1)` below: see `functional.celu`."""

    function = staticmethod(functional.celu)


class SELU(FunctionModule):
    """`1.0507 elu(x, 1.6733)`, which keeps mean 0 and variance 1: see `functional.selu`."""

    function = staticmethod(functional.selu)


class GELU(FunctionModule):
    """x times the probability that a normally distributed number is below x: see `functional.gelu`."""

    function = staticmethod(functional.gelu)

    def __init__(self, approximate: str = "none") -> None:
        super().__init__(approximate=approximate)


class SiLU(FunctionModule):
    """`x sigmoid(x)`: see `functional.silu`."""

    function = staticmethod(functional.silu)


class Mish(FunctionModule):
    """`x tanh(softplus(x))`: see `functional.mish`."""

    function = staticmethod(functional.mish)


class LogSigmoid(FunctionModule):
    """`log(sigmoid(x))`: see `functional.logsigmoid`."""

    function = staticmethod(functional.logsigmoid)


class Softplus(FunctionModule):
    """`log(1 + exp(beta x)) / beta`: see `functional.softplus`."""

    function = staticmethod(functional.softplus)

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__(beta=beta, threshold=threshold)


class Softsign(FunctionModule):
    """`x / (1 + |x|)`: see `functional.softsign`."""

    function = staticmethod(functional.softsign)


class Tanhshrink(FunctionModule):
    """`x - tanh(x)`: see `functional.tanhshrink`."""

    function = staticmethod(functional.tanhshrink)
