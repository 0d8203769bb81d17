"""Cases of special functions. Adding one costs a row in `ops/special_functions.py`, and a line here."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import broadcast, case, floats, integers, refused


def each(names: str, low: float = -2.0, high: float = 2.0, **options: Any) -> None:
    """Functions of each number of one tensor, of floats and of whole numbers."""

    @case(*names.split(), **options)
    def _(draw: Any) -> Any:
        least, most = math.ceil(low), math.floor(high)
        if least <= most and draw(st.integers(0, 3)) == 0:
            return [draw(integers(low=least, high=most))], {}
        return [draw(floats(low=low, high=high))], {}


def both(names: str, low: float, high: float, **options: Any) -> None:
    """Functions of each two numbers of two tensors that broadcast."""

    @case(*names.split(), **options)
    def _(draw: Any) -> Any:
        x = draw(floats(low=low, high=high))
        return [x, draw(floats(shape=draw(broadcast(x.shape)), low=low, high=high))], {}


each("erf erfc special.erf special.erfc", low=-6, high=6)
each("special.erfcx", low=-3, high=30)
each("erfinv special.erfinv", low=-0.99, high=0.99)
each("special.ndtr special.log_ndtr", low=-8, high=8)
each("special.ndtri", low=0.01, high=0.99)
each("special.entr", low=0.1)
each("lgamma special.gammaln", low=0.1, high=30)
each("digamma special.digamma special.psi", low=0.1, high=30)
each("sinc special.sinc special.i1 special.i1e", low=0.1, high=4)
each("special.i0e", low=0.1, high=40)
each("i0 special.i0", low=-4, high=4)
# PyTorch has no derivatives of these; its J0, J1 and Y1 are wrong in the seventh digit near 5.
each("special.modified_bessel_i0 special.modified_bessel_i1 special.spherical_bessel_j0", derivatives=0)
each("special.bessel_j0 special.bessel_j1", low=-40, high=40, derivatives=0, tolerance=1e-6)
each("special.bessel_y0 special.bessel_y1", low=0.1, high=40, derivatives=0, tolerance=1e-6)
each("special.modified_bessel_k0 special.modified_bessel_k1", low=0.1, high=9, derivatives=0)
each("special.scaled_modified_bessel_k0 special.scaled_modified_bessel_k1", low=0.1, high=900, derivatives=0)
both("xlogy special.xlogy special.xlog1py", low=0.1, high=3)
both("igamma igammac special.gammainc special.gammaincc", low=0.1, high=40, derivatives=0)


@case("special.zeta")
def _(draw: Any) -> Any:
    y = draw(floats(low=0.3, high=5))
    return [draw(integers(shape=draw(broadcast(y.shape)), low=2, high=6)), y], {}


@case("logit", "special.logit")
def _(draw: Any) -> Any:
    eps = draw(st.sampled_from([None, 1e-6, 0.01]))
    return [draw(floats(low=0.05, high=0.95))], {} if eps is None else {"eps": eps}


@case("polygamma", "special.polygamma")
def _(draw: Any) -> Any:
    return [draw(st.integers(0, 4)), draw(floats(low=0.5, high=9))], {}


@case("mvlgamma", "special.multigammaln")
def _(draw: Any) -> Any:
    return [draw(floats(low=2.1, high=9)), draw(st.integers(1, 5))], {}


def _ones(torch: Any) -> Any:
    return torch.tensor(np.ones(2))


refused(
    "polygamma", lambda torch: torch.polygamma(-1, _ones(torch)), "polygamma needs n of 0 or more, got -1"
)
refused(
    "polygamma",
    lambda torch: torch.polygamma(1.5, _ones(torch)),
    "polygamma needs n as a whole number, got float 1.5",
)
refused("mvlgamma", lambda torch: torch.mvlgamma(_ones(torch), 0), "mvlgamma needs p of 1 or more, got 0")
refused(
    "igamma",
    lambda torch: torch.igamma(torch.tensor([1]), torch.tensor([1])),
    "igamma takes floats, got int64",
)
