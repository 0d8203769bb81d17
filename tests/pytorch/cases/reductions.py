"""Cases of functions that make many numbers into one, of norms, and of counts."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import (
    Word,
    booleans,
    broadcast,
    case,
    dim_of,
    dims_of,
    floats,
    integers,
    refused,
)


def over(draw, x, several=True, least=0):
    """No arguments, or dim and keepdim; `several` dims, at `least` so many, may come as a tuple."""
    choices = [st.just({}), st.fixed_dictionaries({"dim": dim_of(x), "keepdim": st.booleans()})]
    if several:
        choices.append(st.fixed_dictionaries({"dim": dims_of(x, min_size=least), "keepdim": st.booleans()}))
    return draw(st.one_of(choices))


def with_nan(draw, x):
    """`x`, sometimes with a nan in it."""
    if x.size and draw(st.booleans()):
        x = x.copy()
        x.flat[x.size // 2] = np.nan
    return x


def numbers(draw):
    """Floats, whole numbers or booleans."""
    return draw(st.one_of(floats(), integers(), integers(low=0, dtype=np.uint8), booleans()))


# Sums and products.


@case("sum", "nansum")
def _(draw):
    x = numbers(draw)
    dtype = draw(st.sampled_from([{}, {"dtype": Word("float32")}, {"dtype": Word("int64")}]))
    return [x], {**over(draw, x), **(dtype if x.dtype.kind != "f" else {})}


@case("mean")
def _(draw):
    x = draw(st.one_of(floats(min_side=1), integers(min_side=1)))
    return [x], {**over(draw, x), **({} if x.dtype.kind == "f" else {"dtype": Word("float64")})}


@case("nanmean", smooth=False)
def _(draw):
    x = with_nan(draw, draw(floats(min_dims=1, min_side=2)))  # 0 / 0 has another derivative
    return [x], over(draw, x)


@case("prod")
def _(draw):
    x = numbers(draw)
    if x.dtype.kind == "f" and x.size and draw(st.booleans()):
        x = x.copy()
        x.flat[:: draw(st.integers(1, 3))] = 0  # PyTorch divides by the others
    return [x], over(draw, x, several=False)


@case("logsumexp", "special.logsumexp")
def _(draw):
    x = draw(floats(low=-50, high=50, min_side=1))
    return [x, draw(st.one_of(dim_of(x), dims_of(x)))], {"keepdim": draw(st.booleans())}


# Tests and counts.


@case("any", "all", derivatives=0)
def _(draw):
    x = numbers(draw)
    return [x], over(draw, x)


@case("count_nonzero", derivatives=0)
def _(draw):
    x = numbers(draw)
    how = over(draw, x)
    return [x], {"dim": how["dim"]} if "dim" in how else {}


# Extreme numbers.


@case("amax", "amin", smooth=False)
def _(draw):
    x = draw(st.one_of(floats(min_side=1), integers(min_side=1)))
    return [x], over(draw, x)


@case("aminmax", smooth=False)
def _(draw):
    x = draw(st.one_of(floats(min_side=1), integers(min_side=1)))
    return [x], over(draw, x, several=False)


@case("max", "min", smooth=False)
def _(draw):
    x = draw(st.one_of(floats(min_side=1), integers(min_side=1).map(lambda x: x.astype(float))))
    if draw(st.booleans()):
        return [x, draw(floats(shape=draw(broadcast(x.shape))))], {}
    x = with_nan(draw, x)
    return [x], draw(
        st.sampled_from([{}, {"dim": draw(dim_of(x))}, {"dim": draw(dim_of(x)), "keepdim": True}])
    )


@case("argmax", "argmin", derivatives=0)
def _(draw):
    x = with_nan(draw, draw(floats(min_side=1)))
    return [x], over(draw, x, several=False)


# Norms. Away from 0 they are smooth.

ORDERS = st.sampled_from([2, 1, 0, 3, 0.5, -1, 2.5, float("inf"), -float("inf")])


@case("linalg.vector_norm", smooth=False)
def _(draw):
    x = draw(floats(min_side=1))
    dtype = {"dtype": Word("float64")} if x.dtype == np.float32 and draw(st.booleans()) else {}
    return [x, draw(ORDERS)], {**over(draw, x), **dtype}


@case("linalg.matrix_norm", smooth=False)
def _(draw):
    x = draw(floats(min_dims=2, min_side=1))
    dims = draw(st.permutations(range(x.ndim)))[:2]
    order = draw(st.sampled_from(["fro", 1, -1, float("inf"), -float("inf")]))
    return [x, order], {"dim": tuple(dims), "keepdim": draw(st.booleans())}


@case("linalg.norm", smooth=False)
def _(draw):
    x = draw(floats(min_dims=1, max_dims=2, min_side=1))
    order = draw(st.sampled_from([None, 1, float("inf"), -1]))
    return [x, order], draw(st.sampled_from([{}, {"dim": draw(dim_of(x)), "keepdim": True}]))


@case("norm", smooth=False)
def _(draw):
    x = draw(floats(min_side=1))
    options = over(draw, x)
    several = len(options.get("dim") or ()) > 2 if not isinstance(options.get("dim"), int) else False
    return [x], {
        "p": draw(ORDERS if several else st.one_of(ORDERS, st.sampled_from(["fro", None]))),
        **options,
    }


@case("dist", smooth=False)
def _(draw):
    x = draw(floats(min_side=1))
    return [
        x,
        draw(floats(shape=draw(broadcast(x.shape)), low=3, high=5, dtype=x.dtype)),
        draw(ORDERS.filter(bool)),
    ], {}


# Counts.


@case("unique", derivatives=0)
def _(draw):
    x = draw(st.one_of(integers(low=0, high=2), floats().map(lambda x: np.asarray(np.round(x)))))
    inverse, counts = draw(st.booleans()), draw(st.booleans())
    dim = draw(dim_of(x)) if x.ndim and x.size and draw(st.booleans()) else None
    return [x], {"return_inverse": inverse, "return_counts": counts, "dim": dim}


@case("bincount", derivatives=0)
def _(draw):
    x = draw(integers(low=0, high=5, min_dims=1, max_dims=1, min_side=1))
    weights = draw(st.one_of(st.none(), floats(shape=x.shape), integers(shape=x.shape)))
    return [x, weights, draw(st.integers(0, 8))], {}


@case("histc", derivatives=0)
def _(draw):
    x = draw(floats(min_side=1))
    limits = draw(st.sampled_from([{}, {"min": -1.5, "max": 1.0}]))
    return [x], {"bins": draw(st.integers(1, 5)), **limits}


@case("histogram", derivatives=0)
def _(draw):
    x = draw(floats(min_side=1))
    weight = draw(floats(shape=x.shape, low=0.1, dtype=x.dtype)) if draw(st.booleans()) else None
    bins = draw(
        st.sampled_from([(3, {}), (2, {"range": (-2.0, 2.5)}), (np.array([-2.5, 0.5, 2], x.dtype), {})])
    )
    return [x, bins[0]], {"weight": weight, "density": draw(st.booleans()), **bins[1]}


# Refusals.


def three(torch):
    return torch.tensor([[1.0, 2.0, 3.0]])


INF = float("inf")
refused("mean", lambda torch: torch.tensor([1, 2]).mean(), "mean needs floats, got int64; use x.double")
refused(
    "sum", lambda torch: torch.sum(three(torch), out=three(torch)), "sum makes a new tensor and has no out="
)
refused("sum", lambda torch: torch.sum([1.0]), r"sum needs a Tensor, got \[1.0\]")
refused("amax", lambda torch: torch.zeros(0).amax(), "of no numbers there is no greatest")
refused(
    "max", lambda torch: three(torch).max((0, 1)), r"max needs one dim, got \(0, 1\); use amax\(\(0, 1\)\)"
)
refused("prod", lambda torch: three(torch).prod(2), "prod needs dim between -2 and 1, got 2")
refused("norm", lambda torch: torch.tensor([1, 2]).norm(), "vector_norm needs floats, got int64")
refused("norm", lambda torch: torch.zeros(2, 2).norm("two"), "matrix_norm needs ord as one of .*got 'two'")
refused(
    "linalg.vector_norm",
    lambda torch: torch.linalg.vector_norm(three(torch), "fro"),
    "as a number, got 'fro'",
)
refused(
    "linalg.vector_norm",
    lambda torch: torch.linalg.vector_norm(torch.zeros(0, 2), INF),
    r"amax cannot take shape \(0, 2\).* of no numbers there is no greatest",
)
refused(
    "linalg.matrix_norm",
    lambda torch: torch.linalg.matrix_norm(torch.zeros(2)),
    "needs matrices and two dimensions",
)
refused(
    "linalg.matrix_norm",
    lambda torch: torch.linalg.matrix_norm(three(torch), dim=1),
    "matrix_norm needs matrices and two dimensions, .* and 1",
)
refused("linalg.norm", lambda torch: torch.linalg.norm(three(torch), dim=()), "one or two dimensions, got")
refused(
    "linalg.norm",
    lambda torch: torch.linalg.norm(torch.zeros(2, 2, 2), 1),
    "linalg.norm needs one or two dimensions",
)
refused(
    "bincount", lambda torch: torch.tensor([-1]).bincount(), "bincount needs a vector of whole numbers from 0"
)
refused("bincount", lambda torch: torch.tensor([0.5]).bincount(), "got float64 of shape")
refused(
    "bincount",
    lambda torch: torch.tensor([1]).bincount(three(torch)),
    r"weights of shape \(1,\), got \(1, 3\)",
)
refused("histc", lambda torch: three(torch).histc(0), "histc needs one bin or more, got 0")
refused("histc", lambda torch: three(torch).histc(2, 3, 1), r"finite limits in order.*got limits \(3, 1\)")
refused("histc", lambda torch: torch.tensor([INF]).histc(2), "or finite numbers, got limits None")
refused("histc", lambda torch: torch.tensor([1]).histc(2), "histc needs floats, got int64")
refused(
    "histogram",
    lambda torch: three(torch).histogram(2, weight=torch.zeros(2)),
    r"weights of float64 and shape \(1, 3\), got float64 and \(2,\)",
)
refused(
    "histogram",
    lambda torch: three(torch).histogram(three(torch)),
    r"needs a vector of edges of float64, got",
)
refused(
    "histogram",
    lambda torch: three(torch).histogram(torch.tensor([2.0, 1.0])),
    "must increase monotonically",
)
