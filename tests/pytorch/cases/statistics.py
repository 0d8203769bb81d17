"""Cases of variances, medians, quantiles and covariances."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, floats, integers, refused
from tests.pytorch.cases.reductions import over, with_nan


@case("var", "std", "var_mean", "std_mean")
def _(draw):
    x = draw(floats(min_dims=1, min_side=2))
    how = over(draw, x, least=1)  # the gradient of PyTorch for dim=() is that of one number
    spread = draw(
        st.sampled_from([{}, {"correction": 0}, {"correction": 0.5}, {"unbiased": False}, {"unbiased": True}])
    )
    if "unbiased" in spread and "dim" not in how:
        return [x, spread["unbiased"]], {}
    return [x], {**how, **spread}


@case("median", "nanmedian", smooth=False)
def _(draw):
    x = with_nan(draw, draw(st.one_of(floats(min_side=1, distinct=True), floats(max_dims=1, min_side=1))))
    return [x], over(draw, x, several=False)


@case("mode", smooth=False)
def _(draw):
    x = draw(st.one_of(integers(min_side=1), integers(min_side=1, high=0).map(lambda x: x.astype(float))))
    return [x], over(draw, x, several=False)


@case("quantile", "nanquantile", smooth=False)
def _(draw):
    x = with_nan(draw, draw(floats(min_side=1, distinct=True)))
    q = draw(
        st.one_of(
            st.floats(0, 1), st.sampled_from([np.array([0.25, 1, 0.5], x.dtype), np.array(0.3, x.dtype)])
        )
    )
    how = draw(st.sampled_from(["linear", "lower", "higher", "midpoint", "nearest"]))
    return [x, q], {**over(draw, x, several=False), "interpolation": how}


def row(torch):
    return torch.tensor([1.0, 2.0, 3.0])


refused("var", lambda torch: torch.tensor([1, 2]).var(), "var needs floats, got int64")
refused("std", lambda torch: torch.tensor([True]).std(), "std needs floats, got bool")
refused("median", lambda torch: torch.tensor([True]).median(), "median needs numbers, got booleans; use")
refused("median", lambda torch: torch.zeros(2, 0).median(1), "of no numbers there is no middle")
refused("mode", lambda torch: torch.zeros(2, 0).mode(), "of no numbers there is no greatest")
refused("quantile", lambda torch: row(torch).quantile(1.5), "quantile needs q from 0 to 1, got 1.5")
refused("quantile", lambda torch: torch.zeros(0).quantile(0.5), r"at least one number, got shape \(0,\)")
refused("quantile", lambda torch: torch.tensor([1]).quantile(0.5), "quantile needs floats, got int64")
refused(
    "quantile", lambda torch: row(torch).quantile(torch.zeros(1, 1)), "q as a number or a vector of float64"
)
refused(
    "nanquantile",
    lambda torch: row(torch).nanquantile(0.5, interpolation="cubic"),
    "nanquantile needs interpolation of linear, lower, .* got 'cubic'",
)
