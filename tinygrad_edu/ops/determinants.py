"""Determinants, with derivatives of matrices that are singular, too."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import equal, exp, log, where
from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.solvers import (
    column,
    diagonal,
    diagonal_matrix,
    inverse,
    lower,
    row,
    transposed,
    well_conditioned,
)
from tinygrad_edu.ops.spectra import left_and_right, singular_values, singular_vectors
from tinygrad_edu.ops.tested import operation


def _determinant_rule(g: Data, _y: Data, x: Data) -> Data:
    return column(column(g)) * cofactors(x)


@operation(_determinant_rule, shape=lambda x: x[:-2], numpy="np.linalg.det(x)", example=well_conditioned)
def determinant(x: np.ndarray) -> np.ndarray:
    """The determinant of each matrix."""
    return np.linalg.det(x)


def _products_without_each(s: np.ndarray) -> np.ndarray:
    """For each number of a vector the product of the others."""
    ones = np.ones_like(s[..., :1])
    before = np.cumprod(np.concatenate([ones, s[..., :-1]], -1), -1)
    after = np.cumprod(np.concatenate([ones, s[..., :0:-1]], -1), -1)
    return before * after[..., ::-1]


def _products_without_two(s: Data) -> Data:
    """In row i and column j the product of all numbers of a vector but the i-th and the j-th; 0 on the diagonal."""
    zero = equal(s, 0)
    filled = where(zero, 1, s)
    product = exp(log(filled).sum(axis=-1, keepdims=True))
    zeros_left = column(zero.sum(axis=-1, keepdims=True)) - row(zero) - column(zero)
    pairs = where(equal(zeros_left, 0), column(product) / (row(filled) * column(filled)), 0)
    return lower(pairs, diagonal=-1) + transposed(lower(pairs, diagonal=-1))


def _cofactors_rule(g: Data, _y: Data, x: Data) -> Data:
    # In the basis of the singular vectors x is diagonal, where each cofactor has at most two derivatives.
    u, v = left_and_right(x, singular_vectors(x))
    pairs, turned = _products_without_two(singular_values(x)), transposed(u) @ g @ v
    inner = diagonal_matrix((pairs * row(diagonal(turned))).sum(axis=-1)) - pairs * transposed(turned)
    sign = sign_of_determinant(u) * sign_of_determinant(v)
    return column(column(sign)) * (u @ inner @ transposed(v))


@operation(
    _cofactors_rule,
    shape=same_shape,
    numpy="np.linalg.det(x)[..., None, None] * np.linalg.inv(x).swapaxes(-1, -2)",
    example=well_conditioned,
)
def cofactors(x: np.ndarray) -> np.ndarray:
    """The derivative of the determinant by each number: the determinant without its row and column, and a sign.

    From the singular value decomposition, which needs no inverse.
    """
    u, s, vh = np.linalg.svd(x)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return column(column(sign)) * (u * row(_products_without_each(s)) @ vh)


def _logabsdet_rule(g: Data, _y: Data, x: Data) -> Data:
    return column(column(g)) * transposed(inverse(x))


@operation(_logabsdet_rule, shape=lambda x: x[:-2], numpy="np.linalg.slogdet(x)[1]", example=well_conditioned)
def logabsdet(x: np.ndarray) -> np.ndarray:
    """The logarithm of the absolute value of the determinant, without overflow; -inf of a singular matrix."""
    return np.linalg.slogdet(x)[1]


@operation(None, shape=lambda x: x[:-2], numpy="np.linalg.slogdet(x)[0]", example=well_conditioned)
def sign_of_determinant(x: np.ndarray) -> np.ndarray:
    """1, -1, or 0 of a singular matrix."""
    return np.linalg.slogdet(x)[0]
