"""Special functions of each number: one row each, with its derivative.

A row needs a kernel `@in_double`, rules, and the names under which users find it; `special.entr` is short
for `torch.special.entr`. Where Python's `math` has the function, plain numbers use that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from tinygrad_edu.engine.operation import Data, Rule
from tinygrad_edu.ops import bessel_kernels, error_kernels, gamma_kernels
from tinygrad_edu.ops.double_precision import in_double
from tinygrad_edu.ops.elementwise import Elementwise, between, equal, exp, less_equal, log, sign, where
from tinygrad_edu.ops.exponentials import log1p
from tinygrad_edu.ops.logic import bitwise_and
from tinygrad_edu.text import notation as written

_ROOT_PI, _ROOT_2 = math.sqrt(math.pi), math.sqrt(2)


# The names of those that jax.scipy.special has.
_JAX = {
    **{
        name: name
        for name in ("digamma", "entr", "erf", "erfc", "erfinv", "i0", "i0e", "i1", "i1e", "log_ndtr")
    },
    **{name: name for name in ("logit", "ndtri", "xlog1py", "xlogy", "zeta")},
    "igamma": "gammainc",
    "igammac": "gammaincc",
    "lgamma": "gammaln",
}


class Special(Elementwise):
    """A function of each number whose kernel computes in float64 and serves plain numbers, too."""

    def __init__(
        self,
        kernel: Callable[..., Any],
        *rules: Rule,
        on_numbers: Callable[..., float] | None = None,
        **readings: Any,
    ) -> None:
        name = kernel.__name__.lstrip("_")
        if name in _JAX:
            readings["jax"] = f"jax.scipy.special.{_JAX[name]}({', '.join('xy'[: len(rules)])})"
        super().__init__(
            kernel, on_numbers or (lambda *xs: float(kernel(*xs))), *rules, name=name, **readings
        )


@in_double
def _entr(x: Any) -> Any:
    """-x log(x), 0 at 0, -inf below."""
    return np.where(x > 0, -x * np.log(x), np.where(x == 0, 0, np.where(x < 0, -np.inf, x)))


@in_double
def _logit(x: Any) -> Any:
    """log(x / (1 - x)), the inverse of sigmoid."""
    return np.log(x / (1 - x))


@in_double
def _xlogy(x: Any, y: Any) -> Any:
    """x log(y), 0 where x is 0."""
    return np.where((x == 0) & ~np.isnan(y), 0, x * np.log(y))


@in_double
def _xlog1py(x: Any, y: Any) -> Any:
    """x log(1 + y), 0 where x is 0."""
    return np.where((x == 0) & ~np.isnan(y), 0, x * np.log1p(y))


def unknown_derivative(_g: Data, _z: Data, _x: Data, _y: Data) -> NoReturn:
    """The rule of an input by which there is no formula for the derivative."""
    raise NotImplementedError(
        "zeta, igamma and igammac have a derivative by their second input only; use input.detach() for the first"
    )


def _ratio(y: Data, x: Data) -> Data:
    """y / x for a function y that is x / 2 near 0."""
    zero = equal(x, 0)
    return where(zero, 0.5, y / where(zero, 1, x))


def _spherical_rule(g: Data, y: Data, x: Data) -> Data:
    zero = equal(x, 0)
    return g * where(zero, 1 / 3, spherical_bessel_j0(x) - 2 * y / where(zero, 1, x))


# fmt: off

# y = f(x)
erf      = Special(error_kernels.erf,      lambda g, _y, x: g * (2 / _ROOT_PI) * exp(-x * x), on_numbers=math.erf,
                   public="erf special.erf")
erfc     = Special(error_kernels.erfc,     lambda g, _y, x: -g * (2 / _ROOT_PI) * exp(-x * x), on_numbers=math.erfc,
                   public="erfc special.erfc", paper=lambda x: 1 - erf(x))
erfcx    = Special(error_kernels.erfcx,    lambda g, y, x: g * (2 * x * y - 2 / _ROOT_PI),
                   public="special.erfcx", paper=lambda x: exp(x * x) * (1 - erf(x)))
erfinv   = Special(error_kernels.erfinv,   lambda g, y, _x: g * (_ROOT_PI / 2) * exp(y * y),
                   public="erfinv special.erfinv", example=between(0.1, 0.9))
log_ndtr = Special(error_kernels.log_ndtr, lambda g, _y, x: g * (_ROOT_2 / _ROOT_PI) / erfcx(x * (-1 / _ROOT_2)),
                   public="special.log_ndtr", paper=lambda x: log((1 + erf(x / _ROOT_2)) / 2))
ndtri    = Special(error_kernels.ndtri,    lambda g, y, _x: g * (_ROOT_2 * _ROOT_PI) * exp(y * y / 2),
                   public="special.ndtri", example=between(0.1, 0.9), paper=lambda x: _ROOT_2 * erfinv(2 * x - 1))
entr     = Special(_entr,                  lambda g, _y, x: -g * (1 + log(x)),
                   public="special.entr", paper=lambda x: -x * log(x))
logit    = Special(_logit,                 lambda g, y, x: g / where(equal(y, y), x * (1 - x), y),  # nan outside
                   public="", example=between(0.1, 0.9), paper=lambda x: log(x / (1 - x)))
lgamma:  Special = Special(gamma_kernels.lgamma,  lambda g, _y, x: g * digamma(x),
                           public="lgamma special.gammaln", notation=written.function("log Γ"))
digamma: Special = Special(gamma_kernels.digamma, lambda g, _y, x: g * zeta(2, x),
                           public="digamma special.digamma special.psi", notation=written.function("ψ"))

# z = f(x, y)
xlogy   = Special(_xlogy,   lambda g, _z, x, y: g * where(bitwise_and(equal(x, 0), less_equal(y, 0)), 0, log(y)),
                  lambda g, _z, x, y: g * x / y,
                  public="xlogy special.xlogy", paper=lambda x, y: x * log(y))
xlog1py = Special(_xlog1py, lambda g, _z, x, y: g * where(bitwise_and(equal(x, 0), less_equal(y, -1)), 0, log1p(y)),
                  lambda g, _z, x, y: g * x / (1 + y),
                  public="special.xlog1py", paper=lambda x, y: x * log1p(y))
zeta:    Special = Special(gamma_kernels.zeta, unknown_derivative, lambda g, _z, x, y: -g * x * zeta(x + 1, y),
                           example=lambda n: ([between(1.5, 3.0)(n)[0][0], between(0.5, 1.5)(n)[0][0]], {}),
                           public="special.zeta", notation=written.function("ζ"))
igamma  = Special(gamma_kernels.igamma,  unknown_derivative,
                  lambda g, _z, x, y: g * exp((x - 1) * log(y) - y - lgamma(x)),
                  public="", notation=written.function("P"))
igammac = Special(gamma_kernels.igammac, unknown_derivative,
                  lambda g, _z, x, y: -g * exp((x - 1) * log(y) - y - lgamma(x)),
                  public="", notation=written.function("Q"))

# Bessel functions: those of order 0 and 1 are each other's derivatives.
i0:  Special = Special(bessel_kernels.i0,  lambda g, _y, x: g * i1(x),
                       public="i0 special.i0 special.modified_bessel_i0")
i1:  Special = Special(bessel_kernels.i1,  lambda g, y, x: g * (i0(x) - _ratio(y, x)),
                       public="special.i1 special.modified_bessel_i1")
i0e: Special = Special(bessel_kernels.i0e, lambda g, y, x: g * (i1e(x) - sign(x) * y), public="special.i0e")
i1e: Special = Special(bessel_kernels.i1e, lambda g, y, x: g * (i0e(x) - sign(x) * y - _ratio(y, x)),
                       public="special.i1e")
bessel_j0: Special = Special(bessel_kernels.bessel_j0, lambda g, _y, x: -g * bessel_j1(x), public="special.bessel_j0")
bessel_j1: Special = Special(bessel_kernels.bessel_j1, lambda g, y, x: g * (bessel_j0(x) - _ratio(y, x)),
                             public="special.bessel_j1")
bessel_y0: Special = Special(bessel_kernels.bessel_y0, lambda g, _y, x: -g * bessel_y1(x), public="special.bessel_y0")
bessel_y1: Special = Special(bessel_kernels.bessel_y1, lambda g, y, x: g * (bessel_y0(x) - y / x),
                             public="special.bessel_y1")
modified_bessel_k0: Special = Special(bessel_kernels.modified_bessel_k0, lambda g, _y, x: -g * modified_bessel_k1(x),
                                      public="special.modified_bessel_k0")
modified_bessel_k1: Special = Special(bessel_kernels.modified_bessel_k1,
                                      lambda g, y, x: -g * (modified_bessel_k0(x) + y / x),
                                      public="special.modified_bessel_k1")
scaled_modified_bessel_k0: Special = Special(bessel_kernels.scaled_modified_bessel_k0,
                                             lambda g, y, x: g * (y - scaled_modified_bessel_k1(x)),
                                             public="special.scaled_modified_bessel_k0")
scaled_modified_bessel_k1: Special = Special(bessel_kernels.scaled_modified_bessel_k1,
                                             lambda g, y, x: g * (y - scaled_modified_bessel_k0(x) - y / x),
                                             public="special.scaled_modified_bessel_k1")
spherical_bessel_j0: Special = Special(bessel_kernels.spherical_bessel_j0, lambda g, _y, x: -g * spherical_bessel_j1(x),
                                       public="special.spherical_bessel_j0")
spherical_bessel_j1: Special = Special(bessel_kernels.spherical_bessel_j1, _spherical_rule, public="")
# fmt: on
