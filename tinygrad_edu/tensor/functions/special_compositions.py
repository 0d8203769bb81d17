"""Special functions that are composed of others, as `torch.special`."""

from __future__ import annotations

import math

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import special_functions as special
from tinygrad_edu.ops.transcendental import sinc
from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.functions.public import public, row

# The distribution function of the normal distribution, also where it is small.
row("special.ndtr", "erfc(-x / √2) / 2", lambda x: special.erfc(x * -math.sqrt(0.5)) / 2)
row("special.spherical_bessel_j0", "sin(x) / x, 1 at 0", lambda x: sinc(x / math.pi))


@public("special.logit", in_place=True)
def logit(input: Data, eps: float | None = None) -> Data:
    """log(x / (1 - x)), the inverse of sigmoid, of x kept between `eps` and 1 - `eps`; nan outside [0, 1]."""
    return special.logit(input if eps is None else input.clamp(eps, 1 - eps))


@public("special.polygamma", method=False)
def polygamma(n: int, input: Data) -> Data:
    """The derivative of order `n` of digamma, (-1) ** (n + 1) n! zeta(n + 1, x)."""
    n = whole_number("polygamma", "n", n)
    if n == 0:
        return special.digamma(input)
    return special.zeta(n + 1, input) * ((-1) ** (n + 1) * math.factorial(n))


@public("special.multigammaln", in_place=True)
def mvlgamma(input: Data, p: int) -> Data:
    """The logarithm of the gamma function of `p` dimensions, p (p - 1) / 4 log π + Σ lgamma(x - j / 2) for j < p."""
    p = whole_number("mvlgamma", "p", p, 1)
    return sum(special.lgamma(input - j / 2) for j in range(p)) + p * (p - 1) / 4 * math.log(math.pi)
