"""Special functions of each number: one row each, with its derivative.

A row needs a kernel `@in_double`, or the name that SciPy has for the function, and rules; `special.entr` is short for
`torch.special.entr`. Where Python's `math` has the function, plain numbers use that.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NoReturn

import numpy as np

from tinygrad_edu.engine.operation import Data, Rule
from tinygrad_edu.ops import special_kernels as kernels
from tinygrad_edu.ops.elementwise import Elementwise, between, equal, exp, less_equal, log, sign, where
from tinygrad_edu.ops.logic import bitwise_and
from tinygrad_edu.ops.special_kernels import Kernel, SciPy, Zeta, in_double
from tinygrad_edu.ops.transcendental import log1p
from tinygrad_edu.text import notation as written

_ROOT_PI, _ROOT_2 = math.sqrt(math.pi), math.sqrt(2)
_NOT_IN_JAX = {"erfcx", "j0", "j1", "y0", "y1", "k0", "k1", "k0e", "k1e"}


class Special(Elementwise):
    """A function of each number whose kernel computes in float64. JAX names it as SciPy does."""

    def __init__(
        self, kernel: Kernel, *rules: Rule, on_numbers: Kernel | None = None, **readings: Any
    ) -> None:
        name = kernel.__name__.lstrip("_")
        scipy = getattr(kernel, "function", name)
        readings.setdefault("public", f"special.{name}")
        if scipy not in _NOT_IN_JAX:
            readings.setdefault("jax", f"jax.scipy.special.{scipy}({', '.join('xy'[: len(rules)])})")
        super().__init__(kernel, on_numbers, *rules, name=name, **readings)

    @functools.cached_property
    def input_names(self) -> list[str]:
        return ["x", "y"][: len(self.rules)]


@in_double
def _entr(x: Any) -> Any:
    """-x log(x), 0 at 0, -inf below."""
    return np.where(x == 0, 0, np.where(x < 0, -np.inf, -x * np.log(x)))


@in_double
def _logit(x: Any) -> Any:
    """log(x / (1 - x)), the inverse of sigmoid."""
    return np.log(x / (1 - x))


@in_double
def _xlogy(x: Any, y: Any) -> Any:
    """x log(y), 0 where x is 0."""
    return np.where((x == 0) & ~np.isnan(y), 0, x * np.log(y))


@in_double
def _i0(x: Any) -> Any:
    """The modified Bessel function of order 0."""
    return np.i0(x)


def unknown_derivative(_g: Data, _z: Data, _x: Data, _y: Data) -> NoReturn:
    """The rule of an input by which there is no formula for the derivative."""
    raise NotImplementedError(
        "zeta, igamma and igammac have a derivative by their second input only; use input.detach() for the first"
    )


def _ratio(y: Data, x: Data) -> Data:
    """y / x for a function y that is x / 2 near 0."""
    zero = equal(x, 0)
    return where(zero, 0.5, y / where(zero, 1, x))


# fmt: off

# y = f(x)
erf      = Special(kernels.erf,    lambda g, _y, x: g * (2 / _ROOT_PI) * exp(-x * x), on_numbers=math.erf,
                   public="erf special.erf")
erfc     = Special(kernels.erfc,   lambda g, _y, x: -g * (2 / _ROOT_PI) * exp(-x * x), on_numbers=math.erfc,
                   public="erfc special.erfc", paper=lambda x: 1 - erf(x))
erfinv   = Special(kernels.erfinv, lambda g, y, _x: g * (_ROOT_PI / 2) * exp(y * y),
                   public="erfinv special.erfinv", example=between(0.1, 0.9))
erfcx    = Special(SciPy("erfcx", "erfcx"),       lambda g, y, x: g * (2 * x * y - 2 / _ROOT_PI),
                   paper=lambda x: exp(x * x) * (1 - erf(x)))
log_ndtr = Special(SciPy("log_ndtr", "log_ndtr"), lambda g, _y, x: g * (_ROOT_2 / _ROOT_PI) / erfcx(x * (-1 / _ROOT_2)),
                   paper=lambda x: log((1 + erf(x / _ROOT_2)) / 2))
ndtri    = Special(SciPy("ndtri", "ndtri"),       lambda g, y, _x: g * (_ROOT_2 * _ROOT_PI) * exp(y * y / 2),
                   example=between(0.1, 0.9), paper=lambda x: _ROOT_2 * erfinv(2 * x - 1))
entr     = Special(_entr,  lambda g, _y, x: -g * (1 + log(x)), paper=lambda x: -x * log(x))
logit    = Special(_logit, lambda g, y, x: g / where(equal(y, y), x * (1 - x), y),  # nan outside
                   public="", example=between(0.1, 0.9), paper=lambda x: log(x / (1 - x)))
lgamma:  Special = Special(kernels.lgamma,  lambda g, _y, x: g * digamma(x), public="lgamma special.gammaln",
                           notation=written.function("log Γ"), jax="jax.scipy.special.gammaln(x)")
digamma: Special = Special(kernels.digamma, lambda g, _y, x: g * zeta(2, x),
                           public="digamma special.digamma special.psi", notation=written.function("ψ"))

# z = f(x, y)
xlogy   = Special(_xlogy, lambda g, _z, x, y: g * where(bitwise_and(equal(x, 0), less_equal(y, 0)), 0, log(y)),
                  lambda g, _z, x, y: g * x / y, public="xlogy special.xlogy", paper=lambda x, y: x * log(y))
xlog1py = Special(SciPy("xlog1py", "xlog1py"),
                  lambda g, _z, x, y: g * where(bitwise_and(equal(x, 0), less_equal(y, -1)), 0, log1p(y)),
                  lambda g, _z, x, y: g * x / (1 + y), paper=lambda x, y: x * log1p(y))
zeta:    Special = Special(Zeta("zeta", "zeta"), unknown_derivative, lambda g, _z, x, y: -g * x * zeta(x + 1, y),
                           example=lambda n: ([between(1.5, 3.0)(n)[0][0], between(0.5, 1.5)(n)[0][0]], {}),
                           notation=written.function("ζ"))
igamma  = Special(SciPy("igamma", "gammainc"),   unknown_derivative,
                  lambda g, _z, x, y: g * exp((x - 1) * log(y) - y - lgamma(x)),
                  kinds="f", numbers="second", public="igamma special.gammainc", notation=written.function("P"))
igammac = Special(SciPy("igammac", "gammaincc"), unknown_derivative,
                  lambda g, _z, x, y: -g * exp((x - 1) * log(y) - y - lgamma(x)),
                  kinds="f", numbers="second", public="igammac special.gammaincc", notation=written.function("Q"))

# Bessel functions: those of order 0 and 1 are each other's derivatives.
i0:  Special = Special(_i0,               lambda g, _y, x: g * i1(x),
                       public="i0 special.i0 special.modified_bessel_i0")
i1:  Special = Special(SciPy("i1", "i1"), lambda g, y, x: g * (i0(x) - _ratio(y, x)),
                       public="special.i1 special.modified_bessel_i1")
i0e: Special = Special(SciPy("i0e", "i0e"), lambda g, y, x: g * (i1e(x) - sign(x) * y))
i1e: Special = Special(SciPy("i1e", "i1e"), lambda g, y, x: g * (i0e(x) - sign(x) * y - _ratio(y, x)))
bessel_j0: Special = Special(SciPy("bessel_j0", "j0"), lambda g, _y, x: -g * bessel_j1(x))
bessel_j1: Special = Special(SciPy("bessel_j1", "j1"), lambda g, y, x: g * (bessel_j0(x) - _ratio(y, x)))
bessel_y0: Special = Special(SciPy("bessel_y0", "y0"), lambda g, _y, x: -g * bessel_y1(x))
bessel_y1: Special = Special(SciPy("bessel_y1", "y1"), lambda g, y, x: g * (bessel_y0(x) - y / x))
modified_bessel_k0: Special = Special(SciPy("modified_bessel_k0", "k0"), lambda g, _y, x: -g * modified_bessel_k1(x))
modified_bessel_k1: Special = Special(SciPy("modified_bessel_k1", "k1"),
                                      lambda g, y, x: -g * (modified_bessel_k0(x) + y / x))
scaled_modified_bessel_k0: Special = Special(SciPy("scaled_modified_bessel_k0", "k0e"),
                                             lambda g, y, x: g * (y - scaled_modified_bessel_k1(x)))
scaled_modified_bessel_k1: Special = Special(SciPy("scaled_modified_bessel_k1", "k1e"),
                                             lambda g, y, x: g * (y - scaled_modified_bessel_k0(x) - y / x))
# fmt: on
