"""Cases of arithmetic by name: other inputs may be tensors that broadcast, of another dtype, or plain numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import booleans, broadcast, case, floats, integers, refused, shapes

DTYPES = [np.float64, np.float64, np.float32, np.int64, np.uint8, np.bool_]


@st.composite
def operands(draw, low=0.3, high=2.0, dtypes=DTYPES, numbers=True):
    """A tensor, and another one that broadcasts, or a plain number."""
    shape = draw(shapes())
    return [
        draw(tensors(shape, low, high, dtypes)),
        draw(st.sampled_from([2, 1.5]))
        if numbers and draw(st.booleans())
        else draw(tensors(draw(broadcast(shape)), low, high, dtypes)),
    ]


@st.composite
def tensors(draw, shape, low, high, dtypes):
    dtype = draw(st.sampled_from(dtypes))
    if np.dtype(dtype).kind == "f":
        return draw(floats(shape=shape, low=low, high=high, dtype=dtype))
    return draw(booleans(shape) if dtype is np.bool_ else integers(shape=shape, low=1, high=4, dtype=dtype))


def alpha_for(*inputs):
    kinds = {np.asarray(x).dtype.kind for x in inputs}
    return {"f": 0.5, "b": True}.get("f" if "f" in kinds else "b" if kinds == {"b"} else "i", 3)


@case("add")
def _(draw):
    inputs = draw(operands())
    return inputs, draw(st.sampled_from([{}, {"alpha": alpha_for(*inputs)}]))


@case("sub", "rsub")
def _(draw):
    inputs = draw(operands(dtypes=DTYPES[:-1]))
    return inputs, draw(st.sampled_from([{}, {"alpha": alpha_for(*inputs)}]))


@case("div", smooth=False)
def _(draw):
    inputs = draw(operands(dtypes=DTYPES[:-1]))
    return inputs, {"rounding_mode": draw(st.sampled_from([None, "floor", "trunc"]))}


@case("pow", "float_power")
def _(draw):
    inputs = draw(operands(dtypes=DTYPES[:-1]))
    return inputs[:: draw(st.sampled_from([1, -1]))] if inputs[1] is not None else inputs, {}


@case(".pow")
def _(draw):
    return [draw(floats()), draw(st.sampled_from([0, 1, 2, 3]))], {}


@case("ldexp")
def _(draw):
    return draw(operands(dtypes=DTYPES[:-1], numbers=False)), {}


@case("lerp")
def _(draw):
    x = draw(floats())
    end, weight = (draw(floats(shape=draw(broadcast(x.shape)), dtype=x.dtype)) for _ in range(2))
    return [x, end, draw(st.sampled_from([weight, 0.3, 0.7, 2]))], {}


@case("addcmul", "addcdiv")
def _(draw):
    x = draw(floats())
    one, two = (draw(floats(shape=draw(broadcast(x.shape)), low=0.3)) for _ in range(2))
    return [x, one, two], draw(st.sampled_from([{}, {"value": -2}, {"value": 0.5}]))


for arguments, options, message in [
    (
        lambda torch: (torch.tensor([1]), 1),
        {"alpha": 1.5},
        "add of whole numbers needs a whole alpha, got 1.5",
    ),
    (
        lambda torch: (torch.tensor([1]), 1),
        {"alpha": True},
        "add needs alpha as a number beside numbers, got True",
    ),
    (lambda torch: (2, 3), {}, "add needs a Tensor, got 2"),
]:
    refused(
        "add",
        lambda torch, arguments=arguments, options=options: torch.add(*arguments(torch), **options),
        message,
    )
refused("sub of masks", lambda torch: torch.tensor([True]) - torch.tensor([True]), "subtract cannot take")
refused("div", lambda torch: torch.tensor([1.0]).div(2, rounding_mode="up"), "'trunc' or 'floor', got 'up'")
refused("square", lambda torch: torch.square(2.0), "square needs a Tensor, got 2.0")
refused(
    "pow of whole numbers", lambda torch: torch.tensor([2]) ** -1, "whole numbers have no negative powers"
)
refused(
    "pow of masks",
    lambda torch: torch.tensor([True]) ** torch.tensor([True]),
    "power takes floats, whole numbers",
)
refused(
    "lerp of two dtypes",
    lambda torch: torch.lerp(torch.tensor([1.0]), torch.tensor([1]), 0.5),
    "lerp needs tensors of one dtype, got float64, int64",
)
refused(
    "lerp of whole numbers",
    lambda torch: torch.lerp(torch.tensor([1]), torch.tensor([2]), 1),
    "lerp needs floats, got int64",
)
refused(
    "addcmul of masks",
    lambda torch: torch.addcmul(*[torch.tensor([True])] * 3),
    "addcmul needs numbers, got booleans",
)
refused(
    "addcdiv of whole numbers",
    lambda torch: torch.addcdiv(torch.tensor([1.0]), torch.tensor([1]), torch.tensor([2])),
    "addcdiv needs floats, got int64",
)
refused("out=", lambda torch: torch.add(torch.tensor([1.0]), 1, out=torch.tensor([0.0])), "has no out=")
refused(
    "out= of a row", lambda torch: torch.mul(torch.tensor([1.0]), 1, out=torch.tensor([0.0])), "has no out="
)
