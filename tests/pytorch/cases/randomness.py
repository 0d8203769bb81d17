"""Cases of random numbers, of which only shape and dtype are compared; `tests/tensor/test_samplers.py` has the rest."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import Constant, case, floats, integers, refused, shapes
from tests.pytorch.cases.creation import options, sizes

FLOATS = ["float64", "float32", "float16"]


@case("rand", "randn", random=True)
def _(draw):
    return sizes(draw), options(draw, FLOATS)


@case("rand_like", "randn_like", random=True)
def _(draw):
    return [draw(floats())], options(draw, FLOATS)


@case("randint", random=True)
def _(draw):
    limits = draw(st.sampled_from([[5], [2, 9], [-4, 3]]))
    return [*limits, draw(shapes())], options(draw, ["float32", "int64", "int32", "int8"])


@case("randint_like", random=True)
def _(draw):
    return [draw(st.one_of(floats(), integers())), *draw(st.sampled_from([[5], [2, 9], [np.array(4)]]))], {}


@case("randperm", random=True)
def _(draw):
    return [draw(st.integers(0, 6))], options(draw, ["float32", "int64", "int32"])


@case("normal", random=True)
def _(draw):
    mean, std = draw(floats()), draw(floats(shape=(1,), low=0))
    return draw(
        st.sampled_from(
            [([mean], {}), ([mean, std], {}), ([mean, 2.0], {}), ([0.5, std], {}), ([0, 1, (2, 3)], {})]
        )
    )


@case("bernoulli", random=True)
def _(draw):
    if draw(st.booleans()):
        return [draw(integers()), 0.25], {}
    return [draw(floats(low=0, high=1))], {}


@case("multinomial", random=True)
def _(draw):
    weights = draw(floats(shape=draw(st.sampled_from([(4,), (2, 4), (0, 4)])), low=0.1, high=1))
    return [weights, draw(st.integers(1, 4)), draw(st.booleans())], {}


@case("poisson", random=True)
def _(draw):
    return [draw(floats(low=0, high=5))], {}


OVERWRITING = {
    "uniform_": [-1, 2], "normal_": [1, 2], "log_normal_": [], "cauchy_": [1, 2], "exponential_": [0.5],
    "geometric_": [0.3], "bernoulli_": [0.5], "random_": [2, 7],
}  # fmt: skip
for _name, _parameters in OVERWRITING.items():

    @case(f".{_name}", random=True)
    def _(draw, parameters=_parameters):
        return [Constant(draw(floats())), *parameters], {}


def _refusals():
    wrong = [
        ("uniform_", lambda x: x.uniform_(3, 1), "finite low <= high, got 3 and 1"),
        ("normal_", lambda x: x.normal_(0, -1), "std of 0 or more, got -1"),
        ("log_normal_", lambda x: x.log_normal_(0, 0), "std above 0, got 0"),
        ("cauchy_", lambda x: x.cauchy_(0, 0), "sigma above 0, got 0"),
        ("exponential_", lambda x: x.exponential_(0), "lambd above 0, got 0"),
        ("geometric_", lambda x: x.geometric_(1), "p between 0 and 1, got 1"),
        ("bernoulli_", lambda x: x.bernoulli_(2), "p from 0 to 1, got 2"),
        ("random_", lambda x: x.random_(3, 3), "low < high, got 3 and 3"),
        ("uniform_", lambda x: x.long().uniform_(), "uniform_ needs a floating dtype, got int64"),
        ("random_", lambda x: x.byte().random_(0, 300), "from 0 to 299 do not fit uint8"),
        ("random_", lambda x: x.bool().random_(0, 3), "from 0 to 2 do not fit bool"),
        (
            "uniform_",
            lambda x: x.requires_grad_().uniform_(),
            "uniform_ would overwrite a leaf that gets a gradient",
        ),
    ]
    for name, call, message in wrong:
        refused(f".{name}", lambda torch, call=call: call(torch.zeros(2)), message)


_refusals()
refused("randint", lambda torch: torch.randint(3, 3, (2,)), "low < high, got 3 and 3")
refused("randint", lambda torch: torch.randint(1, 3, 2), r"randint needs a size such as \(2, 3\), got 2")
refused(
    "randint", lambda torch: torch.randint(3.5, (2,)), "randint needs high as a whole number, got float 3.5"
)
refused(
    "randperm",
    lambda torch: torch.randperm(3, dtype=torch.bool),
    "randperm needs a dtype of numbers, got bool",
)
refused(
    "rand",
    lambda torch: torch.rand(2, dtype=torch.int64),
    "rand needs a floating dtype, got int64; whole numbers",
)
refused("normal", lambda torch: torch.normal(0, 1), "normal needs mean or std as a Tensor, or a size")
refused("normal", lambda torch: torch.normal(torch.zeros(2), -torch.ones(2)), "std of 0 or more")
refused(
    "bernoulli",
    lambda torch: torch.bernoulli(torch.tensor([0, 1])),
    "bernoulli needs a floating dtype, got int64",
)
refused("bernoulli", lambda torch: torch.bernoulli(torch.tensor([0.5, 2])), "p from 0 to 1")
refused("multinomial", lambda torch: torch.multinomial(torch.ones(2), 3), "num_samples from 1 to 2")
refused(
    "multinomial",
    lambda torch: torch.multinomial(torch.ones(2, 2, 2), 1),
    r"one row of weights or several, got shape",
)
refused("multinomial", lambda torch: torch.multinomial(torch.zeros(2), 1), "not all 0 in a row")
refused(
    "multinomial",
    lambda torch: torch.multinomial(torch.tensor([1.0, 0]), 2),
    "needs 2 weights above 0 in every row",
)
refused("poisson", lambda torch: torch.poisson(-torch.ones(2)), "rates of 0 or more")
