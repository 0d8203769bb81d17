"""Cases of resizing and of sampling at computed places."""

from __future__ import annotations

import warnings

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, floats, integers, refused
from tests.pytorch.cases.convolution import called

MODES = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}


def resized(draw, n, modes):
    """A picture, and the size or the factors by which it is resized."""
    sizes = [draw(st.integers(1, 4)) for _ in range(n)]
    x = draw(floats(shape=(draw(st.integers(1, 2)), 1, *sizes)))
    if draw(st.booleans()):
        size = tuple(draw(st.integers(1, 6)) for _ in range(n))
        options = {"size": size[0] if draw(st.booleans()) else size}
    else:
        factor = draw(st.sampled_from([1.7, 2, 1.0, 2.5]))
        options = {"scale_factor": [factor] * n if draw(st.booleans()) else factor}
    return x, options


@case("nn.functional.interpolate")
def _(draw):
    n = draw(st.integers(1, 3))
    x, options = resized(draw, n, MODES)
    options["mode"] = draw(st.sampled_from(["nearest", "nearest-exact", "area", *MODES[n]]))
    if options["mode"] in MODES[n] and draw(st.booleans()):
        options["align_corners"] = draw(st.booleans())
    if "scale_factor" in options and draw(st.booleans()):
        options["recompute_scale_factor"] = True
    if options["mode"].startswith("nearest") and draw(st.booleans()):
        x = draw(integers(shape=x.shape, low=0, dtype=np.uint8))
    return [x], options


def older(name, dims):
    """A function for whose use PyTorch warns."""

    @case(f"nn.functional.{name}")
    def _(draw):
        warnings.filterwarnings("ignore", message=".*nn.functional.upsample")
        x, options = resized(draw, draw(st.sampled_from(dims)), MODES)
        return [x], options


older("upsample", (1, 2, 3))
older("upsample_nearest", (1, 2, 3))
older("upsample_bilinear", (2,))


@case("nn.functional.grid_sample", smooth=False)
def _(draw):
    n = draw(st.integers(2, 3))
    mode = draw(st.sampled_from(["bilinear", "nearest", *(["bicubic"] if n == 2 else [])]))
    padding = draw(st.sampled_from(["zeros", "border", "reflection"]))
    return sampled(draw, n), {"mode": mode, "padding_mode": padding, "align_corners": draw(st.booleans())}


def sampled(draw, n):
    sizes = [draw(st.integers(1, 4)) for _ in range(n)]
    places = [draw(st.integers(1, 3)) for _ in range(n)]
    x = draw(floats(shape=(2, 2, *sizes), dtype=np.float64))  # PyTorch mixes dtypes in second derivatives
    return [x, draw(floats(shape=(2, *places, n), low=-2.7, high=2.7, dtype=x.dtype))]


def with_numbers(n):
    @case(f"grid_sampler_{n}d", smooth=False)
    def _(draw):
        mode = draw(st.integers(0, 2 if n == 2 else 1))
        return [*sampled(draw, n), mode, draw(st.integers(0, 2)), draw(st.booleans())], {}


with_numbers(2)
with_numbers(3)


@case("nn.functional.affine_grid")
def _(draw):
    n = draw(st.integers(2, 3))
    sizes = [draw(st.integers(2, 4)) for _ in range(n)]  # for a size of 1 PyTorch warns
    return [draw(floats(shape=(2, n, n + 1))), (2, 1, *sizes)], {"align_corners": draw(st.booleans())}


INTERPOLATE = "nn.functional.interpolate"
for shape, options, message in (
    ((1, 1, 4), {}, "interpolate needs size or scale_factor, got None and None"),
    ((1, 1, 4), {"size": 2, "scale_factor": 2}, "interpolate needs size or scale_factor, got 2 and 2"),
    ((1, 1, 4), {"size": 0}, "interpolate needs size of 1 or more, got 0"),
    ((1, 1, 4), {"size": 2.5}, "interpolate needs size as a whole number"),
    ((1, 1, 4), {"size": (2, 3)}, r"interpolate needs one number, or one for each of \(4,\), got \(2, 3\)"),
    ((1, 1, 4), {"scale_factor": 0.1}, r"a scale_factor that leaves sizes of 1 or more of \(4,\), got 0.1"),
    (
        (1, 1, 4),
        {"size": 2, "recompute_scale_factor": True},
        "needs scale_factor where recompute_scale_factor is set",
    ),
    (
        (1, 1, 4),
        {"size": 2, "mode": "cubic"},
        "interpolate needs a mode of nearest, nearest-exact, area, linear",
    ),
    (
        (1, 1, 4),
        {"size": 2, "mode": "bilinear"},
        r"mode 'bilinear' needs input \(N, C, \*sizes\) with 2 sizes",
    ),
    (
        (1, 4),
        {"size": 2},
        r"interpolate with mode 'nearest' needs input \(N, C, \*sizes\) with 1 to 3 sizes",
    ),
    (
        (1, 1, 4),
        {"size": 2, "align_corners": True},
        "mode 'nearest' has no corners to align; leave out align_corners",
    ),
    ((1, 1, 4), {"size": 2, "mode": "linear", "antialias": True}, "interpolate has no antialias here"),
    ((1, 1, 4), {"size": 2, "mode": "linear", "dtype": "uint8"}, "interpolate needs floats, got uint8"),
):
    refused(INTERPOLATE, called("interpolate", shape, **options), message)
PICTURE, GRID = (1, 1, 3, 3), (1, 2, 2, 2)
for shapes, options, message in (
    ((PICTURE, GRID), {"mode": "cubic"}, "grid_sample needs a mode of bilinear, nearest, bicubic"),
    ((PICTURE, GRID), {"padding_mode": "wrap"}, "got 'bilinear' and 'wrap'"),
    ((PICTURE, (2, 2, 2, 2)), {}, r"got \(1, 1, 3, 3\) and \(2, 2, 2, 2\)"),
    ((PICTURE, GRID), {"dtype": "int64"}, "grid_sample needs floats, got int64"),
    (((1, 1, 2, 2, 2), (1, 2, 2, 2, 3)), {"mode": "bicubic"}, "mode 'bicubic' needs input"),
):
    refused("nn.functional.grid_sample", called("grid_sample", *shapes, **options), message)
refused(
    "nn.functional.grid_sample",
    lambda t: t.nn.functional.grid_sample(t.ones(PICTURE), t.ones(GRID, dtype=t.int64)),
    "grid_sample needs tensors of one dtype, got float64, int64",
)
AFFINE = "nn.functional.affine_grid"
refused(AFFINE, called("affine_grid", (1, 2, 3), size=(1, 2)), r"affine_grid needs size \(N, C, H, W\)")
refused(
    AFFINE,
    called("affine_grid", (1, 2, 3), size=(2, 1, 3, 3)),
    r"needs theta of shape \(2, 2, 3\), got \(1, 2, 3\)",
)
refused(
    AFFINE,
    called("affine_grid", (1, 2, 3), size=PICTURE, dtype="int64"),
    "affine_grid needs floats, got int64",
)
