"""Cases of cumulative functions, differences and integrals."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import Word, case, dim_of, floats, integers, refused
from tests.pytorch.cases.reductions import numbers, with_nan


@case("cumsum", "cumprod")
def _(draw):
    x = numbers(draw)
    if x.dtype.kind == "f" and x.size and draw(st.booleans()):
        x = x.copy()
        x.flat[:: draw(st.integers(1, 3))] = 0
    dtype = {} if x.dtype.kind == "f" else draw(st.sampled_from([{}, {"dtype": Word("float32")}]))
    return [x, draw(dim_of(x))], dtype


@case("logcumsumexp")
def _(draw):
    x = draw(floats(low=-50, high=50))
    return [x, draw(dim_of(x))], {}


@case("cummax", "cummin", smooth=False)
def _(draw):
    x = with_nan(draw, draw(st.one_of(floats(), integers().map(lambda x: x.astype(float)))))
    return [x, draw(dim_of(x))], {}


@case("diff")
def _(draw):
    x = draw(st.one_of(floats(min_dims=1), floats(min_dims=1).map(lambda x: x > 0)))
    end = {"prepend": x, "append": x} if draw(st.booleans()) else {}
    return [x, draw(st.integers(0, 3)), draw(dim_of(x))], end


@case("trapezoid", "trapz", "cumulative_trapezoid")
def _(draw):
    y = draw(floats(min_dims=1))
    if draw(st.booleans()):
        return [y], {"dx": draw(st.floats(-2, 2)), "dim": draw(dim_of(y))}
    points = y if draw(st.booleans()) else y.reshape(-1, y.shape[-1])[0] if y.size else y
    return [y, np.sort(points, axis=-1)], {}


def row(torch):
    return torch.tensor([1.0, 2.0, 3.0])


refused("cumsum", lambda torch: row(torch).cumsum(1), "cumsum needs dim between -1 and 0, got 1")
refused(
    "logcumsumexp", lambda torch: torch.tensor([1]).logcumsumexp(0), "logcumsumexp needs floats, got int64"
)
refused("cummax", lambda torch: row(torch).cummax(-2), "cummax needs dim between -1 and 0, got -2")
refused(
    "diff",
    lambda torch: torch.tensor(1.0).diff(),
    "at least one dimension, got a single number",
)
refused("diff", lambda torch: row(torch).diff(-1), "diff needs n of 0 or more, got -1")
refused(
    "diff",
    lambda torch: row(torch).diff(prepend=torch.zeros(1, 2)),
    r"cat cannot .*\(1, 2\)",
)
refused(
    "trapezoid",
    lambda torch: torch.trapezoid(torch.tensor(1.0)),
    "trapezoid needs at least one dimension, got a single number",
)
refused("trapezoid", lambda torch: torch.trapezoid(row(torch), dim=1), "trapezoid needs dim between -1 and 0")
