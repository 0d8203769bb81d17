"""NumPy's functions on Tensors: each gives NumPy's own numbers, and a gradient twice, with the arguments of NumPy."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tinygrad_edu import Tensor, tensor
from tinygrad_edu.tensor.numpy_functions import FUNCTIONS
from tinygrad_edu.tensor.numpy_ufuncs import ACCUMULATIONS, REDUCTIONS, UFUNCS, numpys
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
X = RNG.permutation(np.linspace(0.1, 0.9, 6)).reshape(2, 3)
V = X[0]
M = RNG.normal(size=(3, 3)) + 3 * np.eye(3)
S = RNG.normal(size=(2, 3, 4))

# For each function: calls of it on X, (2, 3), or on what they make of it.
CASES = {
    "sum": [
        lambda x: np.sum(x, 0),
        lambda x: np.sum(x, axis=(0, 1), keepdims=True),
        lambda x: np.sum(x, where=X > 0.5),
    ],
    "prod": [
        np.prod,
        lambda x: np.prod(x, 1),
        lambda x: np.prod(x, axis=(0, 1)),
        lambda x: np.prod(x, 0, initial=3.0, keepdims=True),
    ],
    "max": [np.max, lambda x: np.max(x, axis=1, initial=0.5)],
    "amax": [np.amax, lambda x: np.amax(x, 0)],
    "min": [lambda x: np.min(x, 1, keepdims=True)],
    "amin": [np.amin],
    "ptp": [np.ptp, lambda x: np.ptp(x, axis=1, keepdims=True)],
    "nansum": [lambda x: np.nansum(np.where(X > 0.5, x, np.nan), axis=0)],
    "nanmean": [lambda x: np.nanmean(np.where(X > 0.2, x, np.nan), 0, keepdims=True)],
    "nanmax": [lambda x: np.nanmax(np.where(X > 0.2, x, np.nan), axis=1)],
    "nanmin": [lambda x: np.nanmin(np.where(X > 0.2, x, np.nan))],
    "mean": [
        np.mean,
        lambda x: np.mean(x, (0, 1)),
        lambda x: np.mean(x, dtype=np.float64),
        lambda x: np.mean(x, 0, where=X > 0.2),
    ],
    "average": [
        np.average,
        lambda x: np.average(x, 1, weights=[1, 2, 3]),
        lambda x: np.average(x, weights=x),
        lambda x: np.average(X, axis=0, weights=x, keepdims=True),
    ],
    "var": [np.var, lambda x: np.var(x, 0, ddof=1), lambda x: np.var(x, (0, 1), keepdims=True)],
    "std": [np.std, lambda x: np.std(x, axis=1, ddof=1)],
    "median": [np.median, lambda x: np.median(x, axis=0), lambda x: np.median(x, 1, keepdims=True)],
    "quantile": [lambda x: np.quantile(x, 0.3), lambda x: np.quantile(x, [0.1, 0.8], axis=1, method="lower")],
    "percentile": [
        lambda x: np.percentile(x, 40),
        lambda x: np.percentile(x, [25, 50], axis=0, keepdims=True),
    ],
    "cumsum": [np.cumsum, lambda x: np.cumsum(x, 1), lambda x: np.cumsum(x, axis=-2)],
    "cumprod": [np.cumprod, lambda x: np.cumprod(x, axis=0)],
    "trace": [
        np.trace,
        lambda x: np.trace(x, 1),
        lambda x: np.trace(x[None] * S[:2, :2, :3], axis1=1, axis2=2),
    ],
    "fix": [np.fix] if np.lib.NumpyVersion(np.__version__) < "2.5.0" else [],  # NumPy warns of it
    "clip": [lambda x: np.clip(x, 0.2, 0.6), lambda x: np.clip(x, a_min=None, a_max=0.5)],
    "where": [lambda x: np.where(X > 0.5, x, 2 * x), lambda x: np.where(X > 0.5, 1, x)],
    "select": [lambda x: np.select([X > 0.7, X > 0.4], [x, x * x], default=0.1)],
    "nan_to_num": [
        np.nan_to_num,
        lambda x: np.nan_to_num(np.where(X > 0.5, x, np.nan), True, 3.0),
        lambda x: np.nan_to_num(np.where(X > 0.5, x, np.nan), nan=3.0),
    ],
    "real": [np.real],
    "real_if_close": [np.real_if_close],
    "imag": [np.imag],
    "sinc": [np.sinc],
    "i0": [np.i0],
    "copy": [np.copy],
    "astype": [lambda x: np.astype(x, np.float64)],
    "reshape": [lambda x: np.reshape(x, (3, 2)), lambda x: np.reshape(x, -1)],
    "ravel": [np.ravel],
    "transpose": [
        np.transpose,
        lambda x: np.transpose(x, (1, 0)),
        lambda x: np.transpose(x[None] * S[:, :2, :3]),
    ],
    "matrix_transpose": [np.matrix_transpose],
    "swapaxes": [lambda x: np.swapaxes(x, 0, -1)],
    "squeeze": [lambda x: np.squeeze(x[None]), lambda x: np.squeeze(x[None], axis=0)],
    "expand_dims": [lambda x: np.expand_dims(x, 0), lambda x: np.expand_dims(x, (0, -1))],
    "broadcast_to": [lambda x: np.broadcast_to(x, (4, 2, 3))],
    "broadcast_arrays": [
        lambda x: np.broadcast_arrays(x, [1.0, 2.0, 3.0])[0],
        lambda x: np.broadcast_arrays(V, x)[1],
    ],
    "meshgrid": [lambda x: np.meshgrid(x[0], x[1])[0], lambda x: np.meshgrid(x[0], V, indexing="ij")[0]],
    "pad": [
        lambda x: np.pad(x, 1),
        lambda x: np.pad(x, ((1, 0), (2, 1)), constant_values=7.0),
        lambda x: np.pad(x, (0, 2), mode="edge"),
        lambda x: np.pad(x, 1, mode="reflect"),
        lambda x: np.pad(x, 2, mode="wrap"),
        lambda x: np.pad(x, 2, mode="symmetric"),
    ],
    "diag": [np.diag, lambda x: np.diag(x, 1), lambda x: np.diag(x[0], k=-1)],
    "diagflat": [np.diagflat, lambda x: np.diagflat(x, 1)],
    "tril": [np.tril, lambda x: np.tril(x, -1), lambda x: np.tril(x, k=1)],
    "triu": [np.triu, lambda x: np.triu(x, 1)],
    "concatenate": [
        lambda x: np.concatenate([x, X]),
        lambda x: np.concatenate([X, x], axis=-1),
        lambda x: np.concatenate([x, V], axis=None),
    ],
    "append": [lambda x: np.append(x, 1.5), lambda x: np.append(x, [V], axis=0)],
    "stack": [lambda x: np.stack([x, X, x], axis=1)],
    "hstack": [lambda x: np.hstack([x, X]), lambda x: np.hstack([x[0], V])],
    "vstack": [lambda x: np.vstack([x, V])],
    "dstack": [lambda x: np.dstack((x, X))],
    "column_stack": [lambda x: np.column_stack([x[0], V])],
    "take": [
        lambda x: np.take(x, [0, 5, 0]),
        lambda x: np.take(x, [[0, 2]], axis=1),
        lambda x: np.take(x, 1, -1),
    ],
    "take_along_axis": [lambda x: np.take_along_axis(x, np.argsort(X, axis=1), axis=1)],
    "extract": [lambda x: np.extract(X > 0.4, x)],
    "sort": [np.sort, lambda x: np.sort(x, axis=0), lambda x: np.sort(x, axis=None)],
    "partition": [lambda x: np.partition(x, 1, axis=1)[:, 1], lambda x: np.partition(x, 2, axis=None)[2]],
    "diff": [
        np.diff,
        lambda x: np.diff(x, 2),
        lambda x: np.diff(x, axis=0, prepend=1.0),
        lambda x: np.diff(x, 3),
    ],
    "linspace": [lambda x: np.linspace(x, 2, 4), lambda x: np.linspace(0, x[0, 0], 3, endpoint=False)],
    "ediff1d": [np.ediff1d],
    "gradient": [
        lambda x: np.gradient(x)[0],
        lambda x: np.gradient(x, axis=1),
        lambda x: np.gradient(x, 0.5, axis=(1,)),
        lambda x: np.gradient(x, 0.5, 2.0)[1],
    ],
    "trapezoid": [
        np.trapezoid,
        lambda x: np.trapezoid(x, dx=0.5, axis=0),
        lambda x: np.trapezoid(x, [1, 2, 4]),
    ],
    "convolve": [
        lambda x: np.convolve(x[0], [1.0, 2.0]),
        lambda x: np.convolve([1.0, 2.0, 0.5, 3.0], x[1], "same"),
        lambda x: np.convolve([1.0, 2.0], x[1], "same"),
        lambda x: np.convolve(x.ravel(), [1.0, 2.0, 4.0], "valid"),
    ],
    "correlate": [
        lambda x: np.correlate(x[0], V),
        lambda x: np.correlate([1.0, 2.0, 0.5, 3.0, 1.5], x[0], "full"),
        lambda x: np.correlate(x[0], [1.0, 2.0, 0.5, 3.0, 1.5], "same"),
        lambda x: np.correlate([1.0, 2.0], x[0], "same"),
    ],
    "dot": [
        lambda x: np.dot(x, V),
        lambda x: np.dot(2.0, x),
        lambda x: np.dot(x, S),
        lambda x: np.dot(S[:, :, :2], x),
    ],
    "vdot": [lambda x: np.vdot(x, X), lambda x: np.vdot(X.T, x.T)],
    "inner": [lambda x: np.inner(x, V), lambda x: np.inner(X, x), lambda x: np.inner(1.5, x)],
    "outer": [lambda x: np.outer(x, V), lambda x: np.outer([1, 2], x)],
    "kron": [lambda x: np.kron(x, M), lambda x: np.kron(V, x)],
    "cross": [lambda x: np.cross(x, V), lambda x: np.cross(X.T, x, axisa=0, axisc=0)],
    "tensordot": [
        lambda x: np.tensordot(x, S[:, :, 0]),
        lambda x: np.tensordot(x, M, 1),
        lambda x: np.tensordot(S, x, axes=([0, 1], [0, 1])),
        lambda x: np.tensordot(x, M, axes=[-1, 0]),
        lambda x: np.tensordot(x, V, axes=0),
    ],
    "einsum": [
        lambda x: np.einsum("ij->ji", x),
        lambda x: np.einsum("ij,jk", x, M),
        lambda x: np.einsum("ij,jk->ik", X, np.einsum("ab->ba", x), optimize=True),
        lambda x: np.einsum("...j,j->...", x, V),
        lambda x: np.einsum(x, [0, 1], V, [1], [0]),
    ],
    "linalg.inv": [lambda x: np.linalg.inv(M + x[0])],
    "linalg.det": [lambda x: np.linalg.det(M + x[0])],
    "linalg.slogdet": [lambda x: np.linalg.slogdet(M + x[0])[1]],
    "linalg.solve": [
        lambda x: np.linalg.solve(M, x[0]),
        lambda x: np.linalg.solve(M + x[1], np.ones((3, 2))),
        lambda x: np.linalg.solve(np.stack([M, M.T]) + x[0], x.T),
    ],
    "linalg.cholesky": [
        lambda x: np.linalg.cholesky(x.T @ x + 3 * np.eye(3)),
        lambda x: np.linalg.cholesky(x.T @ x + 3 * np.eye(3), upper=True),
    ],
    "linalg.qr": [lambda x: abs(np.linalg.qr(x.T)[1]), lambda x: abs(np.linalg.qr(x.T, mode="r"))],
    "linalg.eigh": [
        lambda x: np.linalg.eigh(x @ x.T)[0],
        lambda x: np.linalg.eigh(x @ x.T, UPLO="U").eigenvalues,
    ],
    "linalg.eigvalsh": [lambda x: np.linalg.eigvalsh(x @ x.T)],
    "linalg.svd": [lambda x: np.linalg.svd(x)[1], lambda x: np.linalg.svd(x, compute_uv=False)],
    "linalg.svdvals": [np.linalg.svdvals],
    "linalg.pinv": [np.linalg.pinv],
    "linalg.matrix_power": [lambda x: np.linalg.matrix_power(M + x[0], 3)],
    "linalg.multi_dot": [lambda x: np.linalg.multi_dot([x, M, X.T])],
    "linalg.norm": [
        np.linalg.norm,
        lambda x: np.linalg.norm(x, axis=1),
        lambda x: np.linalg.norm(x, 1, axis=(0, 1), keepdims=True),
        lambda x: np.linalg.norm(x[0], 3),
        lambda x: np.linalg.norm(x, "nuc"),
        lambda x: np.linalg.norm(x, np.inf),
    ],
    "linalg.vector_norm": [lambda x: np.linalg.vector_norm(x, axis=0, ord=3)],
    "linalg.matrix_norm": [np.linalg.matrix_norm, lambda x: np.linalg.matrix_norm(x, ord=2, keepdims=True)],
    "linalg.diagonal": [lambda x: np.linalg.diagonal(x, offset=1)],
    "linalg.trace": [np.linalg.trace],
    "linalg.outer": [lambda x: np.linalg.outer(x[0], V)],
    "linalg.cross": [lambda x: np.linalg.cross(x, X)],
    "linalg.matmul": [lambda x: np.linalg.matmul(x, M)],
    "linalg.vecdot": [lambda x: np.linalg.vecdot(x, V), lambda x: np.linalg.vecdot(X, x, axis=0)],
    "linalg.tensordot": [lambda x: np.linalg.tensordot(x, M, axes=1)],
    "linalg.matrix_transpose": [np.linalg.matrix_transpose],
    # Functions that only move numbers.
    "array_split": [lambda x: np.array_split(x, 2, axis=1)[1]],
    "atleast_1d": [lambda x: np.atleast_1d(x[0, 0])],
    "atleast_2d": [lambda x: np.atleast_2d(x[0])],
    "atleast_3d": [np.atleast_3d],
    "compress": [lambda x: np.compress([True, False, True], x, axis=1)],
    "delete": [lambda x: np.delete(x, 1, axis=1)],
    "diagonal": [np.diagonal, lambda x: np.diagonal(x, offset=-1)],
    "dsplit": [lambda x: np.dsplit(x[None], 3)[2]],
    "flip": [np.flip, lambda x: np.flip(x, axis=0)],
    "fliplr": [np.fliplr],
    "flipud": [np.flipud],
    "hsplit": [lambda x: np.hsplit(x, [1])[1]],
    "moveaxis": [lambda x: np.moveaxis(x, 0, 1)],
    "repeat": [lambda x: np.repeat(x, 2), lambda x: np.repeat(x, [1, 0, 2], axis=1)],
    "resize": [lambda x: np.resize(x, (3, 3))],
    "roll": [lambda x: np.roll(x, 1), lambda x: np.roll(x, (1, -1), axis=(0, 1))],
    "rollaxis": [lambda x: np.rollaxis(x, 1)],
    "rot90": [np.rot90],
    "split": [lambda x: np.split(x, 3, axis=1)[1]],
    "tile": [lambda x: np.tile(x, 2), lambda x: np.tile(x, (2, 1, 2))],
    "vsplit": [lambda x: np.vsplit(x, 2)[1]],
}
if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
    CASES |= {
        "cumulative_sum": [lambda x: np.cumulative_sum(x, axis=0)],
        "cumulative_prod": [lambda x: np.cumulative_prod(x, axis=1)],
        "unstack": [lambda x: np.unstack(x, axis=1)[1]],
    }

# Functions of NumPy whose results have no gradient.
FLAT = {"all", "any", "argmax", "argmin", "argsort", "round"}


def name_of(function):
    return f"{function.__module__}.{function.__name__}".removeprefix("numpy.")


def test_every_function_has_a_case():
    names = {name_of(function) for function in FUNCTIONS if function is not None}

    assert names - {"concat", "permute_dims", "row_stack"} == CASES.keys() | FLAT


@pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name, calls in CASES.items() for i in range(len(calls))]
)
def test_the_function_is_numpys_and_has_gradients_twice(name, i):
    call = CASES[name][i]

    result = call(tensor(X, requires_grad=True))

    assert isinstance(result, Tensor)
    assert result.requires_grad
    np.testing.assert_allclose(result.raw, call(X), rtol=1e-12, atol=1e-12)
    check_gradients(call, X, order=2)


# Ufuncs, and their methods.

TWO_RESULTS = {"divmod", "frexp", "modf"}
LOGIC = {"bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift", "gcd", "lcm"}
OF_MATRICES = {"matmul", "vecdot"}
BOUNDS = {"arccosh": 1.5}


def test_other_ufuncs_than_these_have_a_rule():
    ufuncs = {f for f in vars(np).values() if isinstance(f, np.ufunc)}
    without = {"bitwise_count", "frexp", "isnat", "matvec", "spacing", "vecmat"}

    assert {f.__name__ for f in ufuncs - UFUNCS.keys()} <= without


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda ufunc: ufunc.__name__)
def test_a_ufunc_gives_numpys_numbers_and_gradient(ufunc):
    name = ufunc.__name__
    if name in LOGIC:
        x = np.arange(6).reshape(2, 3)
        xs = [x, x[::-1] % 3][: ufunc.nin]
    else:
        x = X + BOUNDS.get(name, 0)
        xs = [x, X[::-1]][: ufunc.nin]
    if name == "matmul":
        xs = [X, M]
    if name == "ldexp":
        xs = [X, np.array([1, 2, 0])]

    results = ufunc(*map(tensor, xs))

    for mine, theirs in zip(
        *[r if isinstance(r, tuple) else (r,) for r in (results, ufunc(*xs))], strict=True
    ):
        assert isinstance(mine, Tensor)
        np.testing.assert_allclose(mine.raw, theirs, rtol=1e-12)
        assert mine.raw.dtype == theirs.dtype
    if name not in LOGIC | TWO_RESULTS | {"ldexp"}:
        check_gradients(ufunc, *xs, order=2)


@pytest.mark.parametrize("ufunc", REDUCTIONS, ids=lambda ufunc: ufunc.__name__)
@pytest.mark.parametrize("axis", [0, 1, None, (0, 1)])
def test_reduce_is_numpys(ufunc, axis):
    x = X > 0.5 if ufunc in (np.logical_and, np.logical_or) else X

    result = ufunc.reduce(tensor(x), axis=axis)

    np.testing.assert_allclose(result.raw, ufunc.reduce(x, axis=axis), rtol=1e-13)
    if x is X:
        check_gradients(functools.partial(ufunc.reduce, axis=axis), X)


NONE = (
    "sum",
    "prod",
    "max",
    "amin",
    "ptp",
    "mean",
    "var",
    "std",
    "nansum",
    "nanmax",
    "median",
    "linalg.vector_norm",
)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", NONE)
def test_no_axis_reduces_nothing_as_in_numpy(name, keepdims):
    function = numpys(name)

    result = function(tensor(X), axis=(), keepdims=keepdims)

    np.testing.assert_allclose(result.raw, function(X, axis=(), keepdims=keepdims), rtol=1e-13)
    np.testing.assert_array_equal(np.add.reduce(tensor(X), axis=()).raw, X)


@pytest.mark.parametrize("ufunc", ACCUMULATIONS, ids=lambda ufunc: ufunc.__name__)
@pytest.mark.parametrize("axis", [0, 1])
def test_accumulate_is_numpys(ufunc, axis):
    result = ufunc.accumulate(tensor(X), axis)

    np.testing.assert_allclose(result.raw, ufunc.accumulate(X, axis), rtol=1e-13)
    check_gradients(functools.partial(ufunc.accumulate, axis=axis), X)


def test_outer_takes_each_number_with_each():
    np.testing.assert_array_equal(np.subtract.outer(tensor(X), V).raw, np.subtract.outer(X, V))
    np.testing.assert_array_equal(np.multiply.outer(V, tensor(X)).raw, np.multiply.outer(V, X))
    check_gradients(np.subtract.outer, X, V)


def test_unequal_steps_of_a_gradient_are_refused():
    with pytest.raises(
        NotImplementedError, match=r"np.gradient on a Tensor needs equal steps: a number, not an array"
    ):
        np.gradient(tensor(X, requires_grad=True), [1.0, 2.0, 4.0], axis=1)


def test_padding_that_computes_numbers_is_refused():
    with pytest.raises(
        NotImplementedError, match=r"np.pad on a Tensor moves numbers, it computes none.*'mean'"
    ):
        np.pad(tensor(X, requires_grad=True), 1, mode="mean")


def test_what_has_no_numbers_is_broadcast_beside_a_tensor():
    x, words = np.broadcast_arrays(tensor([1.0, 2.0]), [None])

    assert x.tolist() == [1, 2]
    assert words.tolist() == [None, None]
