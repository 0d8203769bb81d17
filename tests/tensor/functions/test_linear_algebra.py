"""Linear algebra where PyTorch is no measure: at degenerate points, and what it says where it fails."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_edu as ours
from tinygrad_edu import linalg, tensor
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
DEGENERATE = {
    "zero": np.zeros((3, 3)),
    "of rank 1": np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0]),
    "of rank 2": np.diag([1.0, 2.0, 0.0]),
    "with equal singular values": np.eye(3),
}


def leaf(data):
    return tensor(data, requires_grad=True)


@pytest.mark.parametrize("x", DEGENERATE.values(), ids=DEGENERATE)
def test_a_determinant_has_both_derivatives_where_there_is_no_inverse(x):
    check_gradients(ours.det, x, order=2)


def test_equal_eigenvalues_have_derivatives_where_their_vectors_have_none():
    x = leaf(np.eye(2))

    linalg.eigh(x).eigenvalues.sum().backward()

    np.testing.assert_allclose(x.grad.raw, np.eye(2))


def test_what_is_added_with_a_factor_of_0_may_be_nan():
    x = ours.full((2, 2), math.nan)

    assert ours.addmm(x, ours.ones(2, 3), ours.ones(3, 2), beta=0).tolist() == [[3, 3], [3, 3]]


def test_addmm_overwrites_in_place():
    x = ours.zeros(2, 2)
    y = x

    x.addmm_(ours.eye(2), ours.eye(2), alpha=3)

    assert y.tolist() == [[3, 0], [0, 3]]


def test_a_chain_is_multiplied_in_the_order_that_is_quickest():
    a, b, c = leaf(RNG.normal(size=(2, 50))), leaf(RNG.normal(size=(50, 50))), leaf(RNG.normal(size=(50, 1)))

    left, right = ours.chain_matmul(a, b, c).inputs

    assert (left is a, right.shape) == (True, (50, 1))


def test_einsum_of_a_product_is_the_product_alone():
    x, y = leaf(RNG.normal(size=(2, 3))), leaf(RNG.normal(size=(3, 4)))

    z = ours.einsum("ij,jk->ik", x, y)

    assert (z.operation.name, z.inputs) == ("matmul", (x, y))


@pytest.mark.parametrize(
    ("result", "fields"),
    [
        (linalg.qr, ("Q", "R")),
        (linalg.svd, ("U", "S", "Vh")),
        (ours.svd, ("U", "S", "V")),
        (linalg.eigh, ("eigenvalues", "eigenvectors")),
        (ours.slogdet, ("sign", "logabsdet")),
        (lambda x: linalg.lstsq(x, x), ("solution", "residuals", "rank", "singular_values")),
    ],
)
def test_results_have_the_names_of_pytorch(result, fields):
    assert result(ours.eye(2))._fields == fields


def test_what_fails_says_so_as_a_linalgerror():
    with pytest.raises(linalg.LinAlgError, match="got a singular one"):
        ours.inverse(ours.zeros(2, 2))
    assert issubclass(linalg.LinAlgError, RuntimeError)


def test_a_factorization_without_q_or_u_has_empty_or_zero_ones():
    x = tensor(RNG.normal(size=(3, 3)))

    assert linalg.qr(x, "r").Q.shape == (0,)
    np.testing.assert_allclose(linalg.qr(x, "r").R.raw, linalg.qr(x).R.raw)
    assert not ours.svd(x, compute_uv=False).U.raw.any()


def test_a_complete_basis_completes_the_reduced_one():
    x = tensor(RNG.normal(size=(4, 2)))

    u, q = linalg.svd(x).U.raw, linalg.qr(x, "complete").Q.raw

    for basis in (u, q):
        np.testing.assert_allclose(basis.T @ basis, np.eye(4), atol=1e-12)


def test_distances_of_many_rows_come_from_products():
    x, y = tensor(RNG.normal(size=(30, 3))), tensor(RNG.normal(size=(4, 3)))

    exact = ours.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")

    np.testing.assert_allclose(ours.cdist(x, y).raw, exact.raw, rtol=1e-10)


@pytest.mark.parametrize("p", [2.0, 1.0, 3.0, 0.5])
def test_the_distance_of_equal_rows_has_no_gradient(p):
    x = leaf([[1.0, 2.0]])

    ours.cdist(x, tensor([[1.0, 2.0]]), p).sum().backward()

    assert x.grad.tolist() == [[0, 0]]


def test_the_exponential_of_a_large_matrix_loses_no_digit():
    turn = tensor([[0.0, -200.0], [200.0, 0.0]])

    c, s = math.cos(200), math.sin(200)

    np.testing.assert_allclose(ours.matrix_exp(turn).raw, [[c, -s], [s, c]], atol=1e-12)


@pytest.mark.parametrize("name", ["mm", "matmul", "inner"])
def test_floats_of_two_widths_meet_in_the_wider_one(name):
    x = tensor(np.ones((2, 2), np.float32), requires_grad=True)
    y = tensor(np.ones((2, 2)), requires_grad=True)

    z = getattr(ours, name)(x, y)
    z.sum().backward()

    assert (z.dtype, x.grad.dtype, y.grad.dtype) == (np.float64, np.float32, np.float64)
