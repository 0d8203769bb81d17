"""Cases of products of matrices, and of linear equations."""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import broadcast, case, floats, integers, refused, shapes

SIDES = st.sampled_from([2, 3, 1, 0])


def _factor(draw, shape):
    """Floats, rarely whole numbers."""
    return draw(floats(shape=shape, dtype=np.float64))


@case("matmul", "linalg.matmul")
def _(draw):
    n, k, m = draw(SIDES), draw(SIDES), draw(SIDES)
    batch = draw(shapes(max_dims=2, min_side=1))
    left = (k,) if draw(st.booleans()) else (*batch, n, k)
    right = (k,) if draw(st.booleans()) else (*draw(broadcast(batch)), k, m)
    return [_factor(draw, left), _factor(draw, right)], {}


@case("mm")
def _(draw):
    n, k, m = draw(SIDES), draw(SIDES), draw(SIDES)
    if draw(st.integers(0, 3)) == 0:
        return [draw(integers(shape=(n, k))), draw(integers(shape=(k, m)))], {}
    return [_factor(draw, (n, k)), _factor(draw, (k, m))], {}


@case("bmm")
def _(draw):
    b, n, k, m = draw(SIDES), draw(SIDES), draw(SIDES), draw(SIDES)
    return [_factor(draw, (b, n, k)), _factor(draw, (b, k, m))], {}


@case("mv")
def _(draw):
    n, k = draw(SIDES), draw(SIDES)
    return [_factor(draw, (n, k)), _factor(draw, (k,))], {}


@case("dot", "vdot")
def _(draw):
    n = draw(SIDES)
    return [_factor(draw, (n,)), _factor(draw, (n,))], {}


@case("outer", "ger")
def _(draw):
    return [_factor(draw, (draw(SIDES),)), _factor(draw, (draw(SIDES),))], {}


@case("inner")
def _(draw):
    if draw(st.booleans()):
        return [_factor(draw, ()), _factor(draw, draw(shapes()))], {}
    k = draw(SIDES)
    return [_factor(draw, (*draw(shapes(max_dims=2)), k)), _factor(draw, (*draw(shapes(max_dims=2)), k))], {}


def _sums(draw, result, *factors):
    """Arguments of addmm and its like: what is added broadcasts to the result; beta and alpha."""
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    arrays = [draw(floats(shape=shape, dtype=dtype)) for shape in (draw(broadcast(result)), *factors)]
    numbers = st.sampled_from([1, 0, -2, 0.5])
    return arrays, draw(st.sampled_from([{}, {"beta": draw(numbers), "alpha": draw(numbers)}]))


@case("addmm")
def _(draw):
    n, k, m = draw(SIDES), draw(SIDES), draw(SIDES)
    return _sums(draw, (n, m), (n, k), (k, m))


@case("addmv")
def _(draw):
    n, k = draw(st.integers(1, 3)), draw(st.integers(1, 3))  # of none, PyTorch does not broadcast
    return _sums(draw, (n,), (n, k), (k,))


@case("addr")
def _(draw):
    n, m = draw(SIDES), draw(SIDES)
    return _sums(draw, (n, m), (n,), (m,))


@case("addbmm")
def _(draw):
    b, n, k, m = draw(SIDES), draw(SIDES), draw(SIDES), draw(SIDES)
    return _sums(draw, (n, m), (b, n, k), (b, k, m))


@case("baddbmm")
def _(draw):
    b, n, k, m = draw(SIDES), draw(SIDES), draw(SIDES), draw(SIDES)
    return _sums(draw, (b, n, m), (b, n, k), (b, k, m))


@case("linalg.vecdot")
def _(draw):
    shape = draw(shapes(min_dims=1))
    return [_factor(draw, shape), _factor(draw, shape)], {
        "dim": draw(st.integers(-len(shape), len(shape) - 1))
    }


def _chain(draw, least):
    sizes = [draw(SIDES) for _ in range(draw(st.integers(least, 4)) + 1)]
    return [_factor(draw, pair) for pair in itertools.pairwise(sizes)]


@case("chain_matmul")
def _(draw):
    return _chain(draw, 1), {}


@case("kron")
def _(draw):
    x, y = (_factor(draw, draw(shapes(max_side=3))) for _ in range(2))
    return [
        np.ascontiguousarray(x).reshape(x.shape),
        np.ascontiguousarray(y).reshape(y.shape),
    ], {}  # for PyTorch


@case("cross")
def _(draw):
    shape = (*draw(shapes(max_dims=1)), 3, *draw(shapes(max_dims=1)))
    return [_factor(draw, shape), _factor(draw, shape)], {"dim": shape.index(3)}


@case("linalg.cross")
def _(draw):
    shape = (*draw(shapes(max_dims=2)), 3)
    other = (*(1 if draw(st.booleans()) else n for n in shape[:-1]), 3)
    return [_factor(draw, shape), _factor(draw, other)], {}


@case("trace")
def _(draw):
    return [draw(floats(min_dims=2, max_dims=2))], {}


@case("tensordot")
def _(draw):
    x = _factor(draw, draw(shapes(max_side=3)))
    count = draw(st.integers(0, x.ndim))
    free = draw(shapes(max_dims=1, max_side=3))
    if draw(st.booleans()):
        return [x, _factor(draw, (*x.shape[x.ndim - count :], *free))], {"dims": count}
    over = draw(st.permutations(range(x.ndim)))[:count]
    y = _factor(draw, (*free, *(x.shape[i] for i in over)))
    return [x, y], {"dims": (list(over), [i - count for i in range(count)])}


@case("nn.functional.linear")
def _(draw):
    k, m = draw(SIDES), draw(SIDES)
    x, w = _factor(draw, (*draw(shapes(max_dims=2)), k)), _factor(draw, (m, k))
    return [x, w, *([_factor(draw, (m,))] if draw(st.booleans()) else [])], {}


@case("nn.functional.bilinear")
def _(draw):
    n, m, k = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rows = draw(shapes(max_dims=2, min_side=1))
    bias = [_factor(draw, (k,))] if draw(st.booleans()) else []
    return [_factor(draw, (*rows, n)), _factor(draw, (*rows, m)), _factor(draw, (k, n, m)), *bias], {}


ORDERS = st.sampled_from([2.0, 1.0, 3.0, 1.5, 0.5, math.inf, 0.0])


@case("cdist", derivatives=1, smooth=False)
def _(draw):
    k = draw(SIDES)
    batch = draw(shapes(max_dims=1, min_side=1))
    many = draw(st.sampled_from([1, 1, 9]))
    left, right = (*batch, 3 * many, k), (*draw(broadcast(batch)), draw(SIDES), k)
    return [_factor(draw, left), _factor(draw, right)], {"p": draw(ORDERS)}


# Square matrices.


def solvable(draw, batch=None, side=None, dtype=np.float64):
    """Matrices with eigenvalues around 2, 3, 4, ..."""
    n = draw(SIDES) if side is None else side
    batch = draw(shapes(max_dims=1, max_side=2)) if batch is None else batch
    noise = draw(floats(shape=(*batch, n, n), low=-0.3, high=0.3, dtype=dtype))
    return (noise + np.diag(2.0 + np.arange(n))).astype(dtype)


@case("inverse", "det", "slogdet", "logdet", tolerance=1e-6)
def _(draw):
    return [solvable(draw)], {}


@case("matrix_exp", tolerance=1e-6)
def _(draw):
    scale = draw(st.sampled_from([0.1, 1.0, 5.0]))
    return [solvable(draw) * scale - 3 * scale], {}


@case("matrix_power")
def _(draw):
    return [solvable(draw) / 2, draw(st.integers(-3, 5))], {}


@case("linalg.solve")
def _(draw):
    n = draw(SIDES)
    batch = draw(shapes(max_dims=1, min_side=1))
    A = solvable(draw, batch, n)
    if draw(st.booleans()):
        return [A, _factor(draw, (*batch, n))], {}
    left = draw(st.booleans())
    shape = (n, draw(SIDES)) if left else (draw(SIDES), n)
    return [A, _factor(draw, (*batch, *shape))], {"left": left}


@case("linalg.pinv", tolerance=1e-6)
def _(draw):
    tall = draw(floats(shape=(3, draw(st.integers(1, 2))), dtype=np.float64)) + np.eye(3)[:, :1]
    x = draw(st.sampled_from([tall, tall.T.copy()]))
    return [x], draw(st.sampled_from([{}, {"rtol": 1e-3}, {"atol": 1e-3}, {"rcond": 1e-3}]))


@case("pinverse", tolerance=1e-6)
def _(draw):
    return [solvable(draw)[..., : draw(st.integers(1, 3))]], {}


@case("linalg.matrix_rank", derivatives=0)
def _(draw):
    n, k = draw(SIDES), draw(SIDES)
    low = _factor(draw, (2, n, k)) @ _factor(draw, (k, 3))
    options = draw(st.sampled_from([{}, {"atol": 1e-3}, {"rtol": 1e-3}, {"tol": 1e-4}]))
    return [low], options


@case("linalg.lstsq", tolerance=1e-6, smooth=False)
def _(draw):
    n, k = draw(st.sampled_from([(4, 2), (2, 4), (3, 3)]))
    A = _factor(draw, (n, k)) + 2 * np.eye(n, k)
    driver = draw(st.sampled_from([None, "gels", "gelsy", "gelsd", "gelss"]))
    return [A, _factor(draw, (n, draw(st.integers(1, 3))))], {"driver": driver}


refused(
    "mm",
    lambda t: t.mm(t.ones(2), t.ones(2, 2)),
    r"mm needs two matrices, got shapes \(2,\) and \(2, 2\); see matmul",
)
refused("mm", lambda t: t.mm(t.ones(2, 3), t.ones(2, 3)), "matmul cannot take shape .2, 3. and shape .2, 3.")
refused("mv", lambda t: t.mv(t.ones(2), t.ones(2, 2)), "mv needs a matrix and a vector, got shapes")
refused("bmm", lambda t: t.bmm(t.ones(2, 2, 2), t.ones(3, 2, 2)), "bmm needs as many matrices on both sides")
refused(
    "bmm",
    lambda t: t.bmm(t.ones(2, 2), t.ones(2, 2)),
    "bmm needs two stacks of matrices",
)
refused("dot", lambda t: t.dot(t.ones(2, 2), t.ones(2)), "dot needs two vectors, got shapes")
refused(
    "dot",
    lambda t: t.dot(t.ones(2), t.tensor([1, 2])),
    "dot needs tensors of one dtype, got float64 and int64",
)
refused("outer", lambda t: t.outer(t.ones(2, 2), t.ones(2)), "outer needs two vectors")
refused(
    "addmm",
    lambda t: t.addmm(t.ones(3), t.ones(2, 2), t.ones(2, 2)),
    r"expand cannot take shape \(3,\), shape=\(2, 2\); sizes must be equal or 1",
)
refused(
    "addmm",
    lambda t: t.addmm(t.tensor(1), t.tensor([[1]]), t.tensor([[1]]), beta=0.5),
    "addmm needs whole beta and alpha beside int64, got 0.5 and 1",
)
refused(
    "cross",
    lambda t: t.cross(t.ones(2, 2), t.ones(2, 2)),
    r"cross needs a dimension of size 3, got shape \(2, 2\)",
)
refused(
    "cross", lambda t: t.linalg.cross(t.ones(2, 3), t.ones(3)), "cross needs tensors with as many dimensions"
)
refused("cross", lambda t: t.linalg.cross(t.ones(2, 2), t.ones(2, 2)), "cross needs size 3 along dimension 1")
refused("trace", lambda t: t.trace(t.ones(2)), "trace needs a matrix, got shapes")
refused(
    "tensordot",
    lambda t: t.tensordot(t.ones(2, 3), t.ones(2, 3), 1),
    "einsum cannot take .* for shapes ..2, 3., .2, 3..; Size of label",
)
refused(
    "tensordot",
    lambda t: t.tensordot(t.ones(2), t.ones(2), 3),
    "tensordot needs dim between -1 and 0, got -2",
)
refused(
    "tensordot",
    lambda t: t.tensordot(t.ones(2), t.ones(2), ([0], [])),
    "tensordot needs as many dims of one tensor as of the other",
)
refused(
    "linear",
    lambda t: t.nn.functional.linear(t.ones(2), t.ones(3, 2), t.ones(2)),
    "linear needs a bias of shape .3,., got .2,.",
)
refused(
    "bilinear",
    lambda t: t.nn.functional.bilinear(t.ones(2), t.ones(3), t.ones(4, 3, 2)),
    "bilinear needs inputs .* and a weight",
)
refused(
    "cdist", lambda t: t.cdist(t.ones(2, 3), t.ones(2, 2)), "cdist needs two matrices with rows of one length"
)
refused(
    "cdist",
    lambda t: t.cdist(t.ones(2, 3), t.ones(2, 3), -1),
    "cdist needs floats and p of 0 or more, got float64 and -1",
)
refused("inverse", lambda t: t.inverse(t.ones(2)), r"inverse needs square matrices, got shape \(2,\)")
refused("inverse", lambda t: t.inverse(t.ones(2, 3)), r"inverse needs square matrices, got shape \(2, 3\)")
refused(
    "inverse",
    lambda t: t.inverse(t.tensor([[1]])),
    "inverse needs float32 or float64, got int64; use x.double",
)
refused(
    "inverse",
    lambda t: t.inverse(t.ones(2, 2)),
    "inverse and solve need invertible matrices, got a singular one; see linalg.pinv",
)
refused(
    "solve",
    lambda t: t.linalg.solve(t.ones(2, 2), t.ones(2)),
    "solve need invertible matrices, got a singular one; see .* linalg.lstsq",
)
refused(
    "solve",
    lambda t: t.linalg.solve(t.eye(2), t.ones(3, 1)),
    "solve cannot take shape .2, 2. and shape .3, 1.; the right sides need as many rows",
)
refused(
    "solve",
    lambda t: t.linalg.solve(t.eye(2), t.ones(2), left=False),
    "linalg.solve needs matrices B for left=False",
)
refused(
    "solve",
    lambda t: t.linalg.solve(t.ones(2, 2, 2), t.ones(3, 2, 1)),
    "solve cannot take .* stacks as many of both, or 1",
)
refused(
    "lstsq",
    lambda t: t.linalg.lstsq(t.ones(2, 3), t.ones(3, 1)),
    "linalg.lstsq needs as many rows in B as in A",
)
refused(
    "lstsq",
    lambda t: t.linalg.lstsq(t.ones(2, 3), t.ones(2, 1), driver="x"),
    "linalg.lstsq needs driver as one of .* got 'x'",
)
refused(
    "addbmm",
    lambda t: t.addbmm(t.ones(2, 2), t.ones(3, 2, 1), t.ones(3, 4, 2)),
    "matmul cannot take .* the last size on the left must equal",
)
refused(
    "matrix_power", lambda t: t.matrix_power(t.eye(2), 0.5), "matrix_power needs n as a whole number, got 0.5"
)
refused(
    "chain_matmul",
    lambda t: t.chain_matmul(t.ones(2, 2), t.ones(2)),
    "chain_matmul needs two matrices, got shapes .2, 2. and .2,.",
)
