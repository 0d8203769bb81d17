"""Cases of order: sorting, the greatest few, and the places of numbers in an order."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, dim_of, floats, integers, refused


@case("sort")
def _(draw):
    x = draw(floats(distinct=True))
    return [x, draw(dim_of(x)), draw(st.booleans())], {}


@case("argsort", derivatives=0)
def _(draw):
    x = draw(st.sampled_from([draw(integers()), np.array([np.nan, 1.0, -np.inf, np.nan, np.inf])]))
    return [x], {"dim": draw(dim_of(x)), "descending": draw(st.booleans()), "stable": True}


@case("msort")
def _(draw):
    return [draw(floats(distinct=True))], {}


@case("topk")
def _(draw):
    x = draw(floats(distinct=True))
    dim = draw(dim_of(x))
    size = x.shape[dim] if x.ndim else 1
    return [x, draw(st.integers(0, size)) if x.ndim else 1, dim, draw(st.booleans())], {}


@case("kthvalue")
def _(draw):
    x = draw(floats(distinct=True, min_side=1))
    dim = draw(dim_of(x))
    size = x.shape[dim] if x.ndim else 1
    return [x, draw(st.integers(1, size)), dim, draw(st.booleans())], {}


@case("searchsorted", derivatives=0)
def _(draw):
    batch = draw(st.sampled_from([(), (2,), (2, 0)]))
    rows = draw(integers(shape=(*batch, 4), low=0, high=4))
    numbers = draw(integers(shape=(*batch, 3), low=-1, high=5))
    options = draw(
        st.sampled_from([{}, {"right": True}, {"side": "right"}, {"side": "left"}, {"out_int32": True}])
    )
    if draw(st.booleans()):
        return [rows, numbers], {"sorter": np.argsort(rows, axis=-1), **options}
    return [np.sort(rows), draw(st.sampled_from([numbers, 2])) if not batch else numbers], options


@case("bucketize", derivatives=0)
def _(draw):
    options = draw(st.sampled_from([{}, {"right": True}, {"out_int32": True}]))
    return [draw(integers(low=-1, high=4)), np.array([0, 1, 1, 3])], options


def _x(torch):
    return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


refused("topk", lambda t: _x(t).topk(4), "topk needs k from 0 to 3, the size of dim 1, got 4")
refused("kthvalue", lambda t: _x(t).kthvalue(0), "kthvalue needs k from 1 to 3, the size of dim 1, got 0")
refused("sort", lambda t: _x(t).sort(2), "sort needs dim between -2 and 1, got 2")
refused(
    "searchsorted",
    lambda t: t.searchsorted(_x(t), _x(t)[:1]),
    r"searchsorted needs one row, or a row for each .* got shapes \(2, 3\) and \(1, 3\)",
)
refused(
    "searchsorted",
    lambda t: t.searchsorted(_x(t)[0], _x(t), side="left", right=True),
    "searchsorted needs side 'left' or 'right' as right=True says, got 'left'",
)
refused(
    "searchsorted",
    lambda t: t.searchsorted(_x(t)[0], _x(t), sorter=t.tensor([0])),
    "searchsorted needs a sorter of int64 and shape",
)
refused(
    "bucketize",
    lambda t: t.bucketize(_x(t), _x(t)),
    r"bucketize needs a vector of boundaries, got shape \(2, 3\)",
)
