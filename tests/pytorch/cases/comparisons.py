"""Cases of comparisons, of truth values, and of the bits and the divisors of whole numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import broadcast, case, integers, refused, shapes
from tests.pytorch.cases.arithmetic import DTYPES, operands, tensors

NUMBERS = [0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1 + 1e-9]


@case("eq", "ne", "gt", "ge", "lt", "le", derivatives=0)
def _(draw):
    return draw(operands(low=-1, high=1)), {}


@st.composite
def edges(draw, shape=None):
    """Numbers that are equal or nearly so, infinities and nan among them."""
    shape = draw(shapes()) if shape is None else shape
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return np.asarray(rng.choice(NUMBERS, shape))


@case("isclose", "allclose", derivatives=0)
def _(draw):
    x = draw(edges())
    options = st.fixed_dictionaries(
        {}, optional={"equal_nan": st.booleans(), "rtol": st.just(0.0), "atol": st.just(2.0)}
    )
    return [x, draw(edges(draw(broadcast(x.shape))))], draw(options)


@case(".isclose", derivatives=0)
def _(draw):
    x = draw(tensors(draw(shapes()), 0, 1, DTYPES))
    return [x, x[..., :1] if x.ndim and x.size else x], {}


@case("equal", derivatives=0)
def _(draw):
    x = draw(edges())
    return [x, draw(st.sampled_from([x, x.copy(), x[:1] if x.ndim else x]))], {}


@case("isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "signbit", derivatives=0)
def _(draw):
    whole = tensors(draw(shapes()), -1, 1, [np.int64, np.uint8, np.bool_])
    return [draw(st.one_of(edges(), whole))], {}


@case("isin", derivatives=0)
def _(draw):
    elements, tests = draw(integers(min_dims=1)), np.ascontiguousarray(draw(integers(min_dims=1, max_dims=2)))
    inputs = [[elements, tests], [1, tests], [elements, 2]]
    return draw(st.sampled_from(inputs)), draw(st.sampled_from([{}, {"invert": True}]))


@case("logical_and", "logical_or", "logical_xor", derivatives=0)
def _(draw):
    return draw(operands(low=-1, high=1, numbers=False)), {}


@case("logical_not", derivatives=0)
def _(draw):
    return [draw(tensors(draw(shapes()), -1, 1, DTYPES))], {}


WHOLE = [np.int64, np.int32, np.uint8]


@case("bitwise_and", "bitwise_or", "bitwise_xor", derivatives=0)
def _(draw):
    x, y = draw(operands(dtypes=[*WHOLE, np.bool_]))
    return [x, 6 if isinstance(y, float) else y], {}


@case("bitwise_not", derivatives=0)
def _(draw):
    return [draw(tensors(draw(shapes()), 0, 1, [*WHOLE, np.bool_]))], {}


@case("bitwise_left_shift", "bitwise_right_shift", derivatives=0)
def _(draw):
    x = draw(integers(dtype=draw(st.sampled_from(WHOLE[:2]))))
    return [x, draw(st.one_of(st.just(3), integers(shape=draw(broadcast(x.shape)), low=0, high=70)))], {}


@case("gcd", "lcm", derivatives=0)
def _(draw):
    x = draw(integers(low=-9, high=9))
    return [x, draw(integers(shape=draw(broadcast(x.shape)), low=-9, high=9))], {}


refused("eq of a number", lambda torch: torch.eq(2, torch.tensor([1.0])), "eq needs a Tensor, got 2")
refused(
    "isclose",
    lambda torch: torch.tensor(1.0).isclose(torch.tensor(1.0), rtol=-1),
    "rtol and atol of 0 or more",
)
refused(
    "isclose of two dtypes",
    lambda torch: torch.isclose(torch.tensor([1]), torch.tensor([1.0])),
    "isclose needs tensors of one dtype, got int64, float64",
)
refused("isin of numbers", lambda torch: torch.isin(1, 2), "isin needs a Tensor, got 1")
refused("equal of a number", lambda torch: torch.equal(torch.tensor([1.0]), 2), "needs two Tensors, got 2")
for name in ("__and__", "__lshift__", "__rshift__", "__or__", "__xor__"):
    refused(
        f"{name} of floats",
        lambda torch, name=name: getattr(torch.tensor([1.0]), name)(torch.tensor([1.0])),
        "takes whole numbers.*, got float64|cannot take",
    )
refused(
    "gcd of masks",
    lambda torch: torch.gcd(torch.tensor([True]), torch.tensor([True])),
    "takes whole numbers, got bool",
)
refused("gcd of floats", lambda torch: torch.gcd(torch.tensor([1.0]), torch.tensor([1.0])), "gcd cannot take")
