"""Cases of factorizations. What is not unique is compared by functions that do not depend on signs."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, floats, refused
from tests.pytorch.cases.linear_algebra import SIDES, solvable


def _definite(draw):
    x = solvable(draw)
    return x @ x.swapaxes(-1, -2)


def _distinct(draw, rows=None):
    """Matrices with singular values around 2, 3, 4, ..."""
    columns = draw(st.integers(1, 3))
    return solvable(draw, side=4)[..., : rows or draw(st.integers(1, 4)), :columns]


def _unsigned(result):
    """Of U, S and Vh what belongs to a singular value, without its sign."""
    U, S, Vh = result
    k = S.shape[-1]
    return abs(U[..., :k]), S, abs(Vh[..., :k, :])


def _unsigned_old(result):
    return [abs(x) for x in result]


# Central differences of one number at a time would make the matrix asymmetric: see tests/ops/test_rules.py.
@case("cholesky", "linalg.cholesky", "linalg.cholesky_ex", smooth=False)
def _(draw):
    return [_definite(draw)], {"upper": draw(st.booleans())}


def _factor(draw):
    return np.tril(solvable(draw, ()))


@case("cholesky_inverse", smooth=False, derivatives=0, tolerance=1e-6)
def _(draw):
    upper = draw(st.booleans())
    return [_factor(draw).T if upper else _factor(draw)], {"upper": upper}


@case("cholesky_solve", smooth=False, derivatives=0)
def _(draw):
    L, upper = _factor(draw), draw(st.booleans())
    return [draw(floats(shape=(len(L), draw(SIDES)), dtype=np.float64)), L.T if upper else L], {
        "upper": upper
    }


@case("linalg.qr", tolerance=1e-6)
def _(draw):
    x = _distinct(draw)
    return [x], {
        "mode": draw(st.sampled_from(["reduced", "complete"])) if x.shape[-2] <= x.shape[-1] else "reduced"
    }


@case("qr", tolerance=1e-6)
def _(draw):
    return [_distinct(draw)], {"some": True}


@case("linalg.eigh", smooth=False, of=lambda w_and_v: [w_and_v[0], abs(w_and_v[1])], tolerance=1e-6)
def _(draw):
    return [solvable(draw)], {"UPLO": draw(st.sampled_from("LU"))}


@case("linalg.eigvalsh", smooth=False)
def _(draw):
    return [solvable(draw)], {"UPLO": draw(st.sampled_from("LU"))}


@case("linalg.svd", of=_unsigned, tolerance=1e-6)
def _(draw):
    x = _distinct(draw)
    return [x], {"full_matrices": draw(st.booleans())}


@case("svd", of=_unsigned_old, tolerance=1e-6)
def _(draw):
    return [_distinct(draw)], {}


@case("linalg.svdvals", tolerance=1e-6)
def _(draw):
    return [_distinct(draw)], {}


@case("linalg.lu", "linalg.lu_factor_ex", tolerance=1e-6)
def _(draw):
    return [_distinct(draw)[..., ::-1, :].copy()], {}


@case("lu", "linalg.lu_factor", tolerance=1e-6)
def _(draw):
    return [solvable(draw)[..., ::-1, :].copy()], {}


def _packed(draw):
    """L and U in one matrix, and exchanges of rows."""
    n = draw(SIDES)
    pivots = np.array([draw(st.integers(i + 1, n)) for i in range(n)], np.int32)
    return solvable(draw, (), n), pivots


@case("lu_unpack")
def _(draw):
    return list(_packed(draw)), {}


@case("linalg.lu_solve")
def _(draw):
    (LU, pivots), left = _packed(draw), draw(st.booleans())
    n = len(LU)
    B = draw(floats(shape=(n, draw(SIDES)) if left else (draw(SIDES), n), dtype=np.float64))
    return [LU, pivots, B], {"left": left, "adjoint": draw(st.booleans())}


@case("lu_solve")
def _(draw):
    LU, pivots = _packed(draw)
    return [draw(floats(shape=(len(LU), draw(SIDES)), dtype=np.float64)), LU, pivots], {}


refused(
    "cholesky",
    lambda t: t.cholesky(-t.eye(2)),
    "cholesky needs positive-definite matrices, got one with an eigenvalue of 0 or less",
)
refused(
    "cholesky_ex",
    lambda t: t.linalg.cholesky_ex(-t.eye(2), check_errors=True),
    "cholesky needs positive-definite",
)
refused(
    "qr", lambda t: t.linalg.qr(t.eye(2), "x"), "linalg.qr needs mode 'reduced', 'complete' or 'r', got 'x'"
)
refused(
    "qr",
    lambda t: t.linalg.qr(t.ones(3, 2, requires_grad=True), "complete").R.sum().backward(),
    "the graph was cut by complete_qr",
)
refused("eigh", lambda t: t.linalg.eigh(t.eye(2), "X"), "linalg.eigh needs UPLO 'L' or 'U', got 'X'")
refused(
    "eigh",
    lambda t: t.linalg.eigh(t.eye(2) * float("nan")),
    "eigenvalues needs finite numbers, got nan or inf",
)
refused(
    "svd",
    lambda t: t.linalg.svd(t.eye(2) * float("nan")),
    "singular_vectors needs finite numbers, got nan or inf",
)
refused(
    "eig", lambda t: t.linalg.eig(t.eye(2)), "linalg.eig has complex results, .* for symmetric A see eigh"
)
refused("lu", lambda t: t.linalg.lu(t.eye(2), pivot=False), "linalg.lu needs pivot=True")
refused(
    "lu_factor", lambda t: t.linalg.lu_factor(t.zeros(2, 2)), "linalg.lu_factor needs invertible matrices"
)
refused(
    "lu_unpack",
    lambda t: t.lu_unpack(t.eye(2), t.tensor([0, 2])),
    "permutation cannot take .* permutation needs rows from 1 to 2, got 0 to 2",
)
