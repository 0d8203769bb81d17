"""Cases of rounding, of division with a remainder, of the parts of a number, and of bounds."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import broadcast, case, floats, integers, refused, unary
from tests.pytorch.cases.arithmetic import DTYPES, operands
from tests.pytorch.cases.comparisons import edges

unary("floor ceil trunc frac", low=-5, high=5, smooth=False)


@case("round", "special.round", smooth=False)
def _(draw):
    decimals = draw(st.sampled_from([{}, {"decimals": 1}, {"decimals": 0}, {"decimals": -1}]))
    return [draw(floats(low=-40, high=40))], decimals


@case(".round", ".floor", ".ceil", ".trunc", derivatives=0)
def _(draw):
    halves = np.array([0.5, 1.5, -0.5, 2.5, np.inf, -np.inf, np.nan, -0.0])
    return [draw(st.sampled_from([halves, draw(integers()), draw(integers(dtype=np.uint8, low=0))]))], {}


@case("floor_divide", derivatives=0)
def _(draw):
    return draw(operands(dtypes=DTYPES[:-1])), {}


@case("remainder", "fmod", smooth=False)
def _(draw):
    x, y = draw(operands(dtypes=DTYPES[:-1], low=0.4, high=4))
    return [np.asarray(-x) if x.dtype.kind != "u" else x, y], {}


@case("clamp", smooth=False)
def _(draw):
    x = draw(floats())
    low, high = (draw(floats(shape=draw(broadcast(x.shape)), low=a, high=a + 1)) for a in (-1.0, 0.0))
    bounds = [
        {"min": -1, "max": 1},
        {"min": 0.5},
        {"max": 1},
        {"min": low},
        {"max": high},
        {"min": low, "max": high},
    ]
    return [x], draw(st.sampled_from([*bounds, {"min": 1, "max": -1}]))


@case(".clamp", derivatives=0)
def _(draw):
    x = draw(integers(dtype=draw(st.sampled_from([np.int64, np.uint8])), low=0, high=9))
    return [x], draw(
        st.sampled_from([{"min": 2.5}, {"max": 3}, {"max": -1}, {"min": -1}, {"min": 1, "max": 2.5}])
    )


@case("clamp_min", "clamp_max", smooth=False)
def _(draw):
    x = draw(floats())
    return [x, draw(st.sampled_from([0.5, 0, draw(floats(shape=draw(broadcast(x.shape))))]))], {}


@case("nan_to_num", smooth=False)
def _(draw):
    options = st.fixed_dictionaries(
        {}, optional={"nan": st.just(2.0), "posinf": st.just(3.0), "neginf": st.just(4.0)}
    )
    return [draw(st.one_of(edges(), integers()))], draw(options)


@case("heaviside", derivatives=0)
def _(draw):
    x = draw(st.one_of(edges(), integers()))
    return [x, np.full(x.shape[-1:], 7, x.dtype)], {}


refused("clamp", lambda torch: torch.clamp(torch.tensor([1.0])), "clamp needs min or max or both")
refused(
    "clamp of uint8",
    lambda torch: torch.tensor(np.array([1], np.uint8)).clamp(max=300),
    "clamp needs bounds that uint8 can hold, got 300",
)
refused(
    "round of whole numbers",
    lambda torch: torch.tensor([1]).round(decimals=1),
    "round with decimals needs floats, got int64",
)
refused("frac of whole numbers", lambda torch: torch.frac(torch.tensor([1])), "frac needs floats, got int64")
for name in ("round", "floor", "ceil", "trunc"):
    refused(
        f"{name} of booleans",
        lambda torch, name=name: getattr(torch.tensor([True]), name)(),
        f"{name} takes floats, whole numbers, got bool",
    )
for name in ("remainder", "fmod", "floor_divide"):
    refused(
        f"{name} by 0",
        lambda torch, name=name: getattr(torch.tensor([1]), name)(0),
        "whole numbers cannot be divided by 0",
    )
refused(
    "heaviside of two dtypes",
    lambda torch: torch.heaviside(torch.tensor([1.0]), torch.tensor([1])),
    "heaviside needs tensors of one dtype, got float64, int64",
)
