"""Cases of functions that make Tensors."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import Word, case, floats, integers, refused, shapes

DTYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
NUMBERS = st.sampled_from([0, 1, 3, -2, True, 0.5, 1.5, -2.75])


def options(draw, dtypes=DTYPES):
    """Keyword arguments that all of these functions take."""
    kwargs = {"dtype": draw(st.sampled_from([None, *map(Word, dtypes)]))}
    if draw(st.booleans()):
        kwargs |= {"device": "cpu", "layout": Word("strided"), "pin_memory": False}
    if kwargs["dtype"] is not None and kwargs["dtype"].name.startswith("float"):
        kwargs["requires_grad"] = draw(st.booleans())
    return kwargs


def sizes(draw):
    """Sizes one by one, or as a tuple."""
    shape = draw(shapes())
    return list(shape) if shape and draw(st.booleans()) else [shape]


@case("zeros", "ones", derivatives=0)
def _(draw):
    return sizes(draw), options(draw)


@case("empty", random=True)
def _(draw):
    return sizes(draw), options(draw)


@case("full", derivatives=0)
def _(draw):
    number = draw(NUMBERS)
    wide = [name for name in DTYPES if number != -2 and name != "uint8"]
    return [draw(shapes()), number], options(draw, wide or ["float32", "int16"])


@case("zeros_like", "ones_like", derivatives=0)
def _(draw):
    kwargs = options(draw)
    if draw(st.booleans()):
        kwargs["memory_format"] = Word("contiguous_format")
    return [draw(st.one_of(floats(), integers()))], kwargs


@case("empty_like", random=True)
def _(draw):
    return [draw(st.one_of(floats(), integers()))], options(draw)


@case("full_like", derivatives=0)
def _(draw):
    return [draw(st.one_of(floats(), integers())), draw(st.sampled_from([0, 1, 2.5, True]))], options(draw)


@case(".new_zeros", ".new_ones", derivatives=0)
def _(draw):
    return [draw(st.one_of(floats(), integers())), *sizes(draw)], options(draw)


@case(".new_empty", random=True)
def _(draw):
    return [draw(floats()), *sizes(draw)], options(draw)


@case(".new_full", derivatives=0)
def _(draw):
    return [
        draw(st.one_of(floats(), integers())),
        draw(shapes()),
        draw(st.sampled_from([0, 1, 2.5])),
    ], options(draw)


@case(".new_tensor", derivatives=0)
def _(draw):
    data = draw(st.sampled_from([[1, 2], [[1.5], [2.5]], 3, True, []]))
    return [draw(st.one_of(floats(dtype=np.float32), integers()))], {
        "data": data,
        "dtype": options(draw)["dtype"],
    }


@case("as_tensor", derivatives=0)
def _(draw):
    data = draw(
        st.one_of(
            floats(), integers(), st.sampled_from([[1, 2], [[True], [False]], [], 2.5, 7, [1, 2.5, True]])
        )
    )
    return [data], {"dtype": options(draw)["dtype"], "device": draw(st.sampled_from([None, "cpu"]))}


@case("scalar_tensor", derivatives=0)
def _(draw):
    return [draw(st.sampled_from([0, 1, 3, True, 0.5, 1.5]))], options(draw)


@case("eye", derivatives=0)
def _(draw):
    return draw(st.lists(st.integers(0, 4), min_size=1, max_size=2)), options(draw)


@case("arange", derivatives=0)
def _(draw):
    step = draw(st.sampled_from([1, 2, -1, 0.5, -0.3, 1.7]))
    start = draw(st.sampled_from([0, 3, 1.5, 0.1]))
    end = start + step * draw(st.integers(0, 7)) + draw(st.sampled_from([0, 0.1])) * step
    dtypes = ["float64", "float32", "int32", "int16"] + ["int64"] * (abs(step) >= 1)
    args = draw(st.sampled_from([[7], [2.5], [1, 4], [start, end, step]]))
    return args, options(draw, dtypes)


@case("linspace", derivatives=0)
def _(draw):
    ends = st.sampled_from([0, 1, 7.5, 3, np.array(2), np.array(5)])
    return [draw(ends), draw(ends), draw(st.integers(0, 9))], {"dtype": options(draw, DTYPES[:-1])["dtype"]}


@case("logspace", derivatives=0)
def _(draw):
    ends = st.sampled_from([0, 1, 1.5, 2, np.array(1)])
    kwargs = {"dtype": options(draw, ["float64", "float32", "int64"])["dtype"]}
    if draw(st.booleans()):
        kwargs["base"] = draw(st.sampled_from([2, 2.5, 10]))
    return [draw(ends), draw(ends), draw(st.integers(0, 6))], kwargs


refused(
    "zeros", lambda torch: torch.zeros(2, device="cuda"), "zeros computes on the CPU only, got device 'cuda'"
)
refused("zeros", lambda torch: torch.zeros(2, pin_memory=True), "needs no pin_memory")
refused(
    "zeros",
    lambda torch: torch.zeros(2, layout=torch.sparse_coo),
    "has no layout=torch.sparse_coo: all numbers",
)
refused("zeros", lambda torch: torch.zeros(2, layout="strided"), "layout as a word such as torch.strided")
refused(
    "zeros",
    lambda torch: torch.zeros(2, dtype=torch.bfloat16),
    "has no torch.bfloat16: NumPy has none; use float32",
)
refused(
    "zeros", lambda torch: torch.zeros(2, dtype=torch.cfloat), "has no torch.cfloat: complex numbers have no"
)
refused(
    "full",
    lambda torch: torch.full((2,), 300, dtype=torch.uint8),
    "numbers from -255 to 255 for uint8, got 300",
)
refused("full", lambda torch: torch.full((2,), torch.ones(2)), r"got a tensor of shape \(2,\)")
refused(
    "arange", lambda torch: torch.arange(3, dtype=torch.bool), "arange needs a dtype of numbers, got bool"
)
refused(
    "linspace",
    lambda torch: torch.linspace(0, torch.ones(1), 3),
    r"end as a number, got a tensor of shape \(1,\)",
)
refused(
    "logspace", lambda torch: torch.logspace(0, 1, 3, dtype=torch.bool), "logspace needs a dtype of numbers"
)
refused("eye", lambda torch: torch.eye(2, -1), "sizes of 0 or more")
