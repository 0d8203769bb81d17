"""Puzzles: the Jacobians of softmax, layer norm and a matrix product."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.exercise.jacobian_puzzle import JacobianPuzzle
from tinygrad_edu.explanation.diagnosis.known_activations import softmax
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

EPSILON = 1e-5


def _layer_norm(x: Tensor) -> Tensor:
    centred = x - x.mean()
    return centred / ((centred * centred).mean() + EPSILON) ** 0.5


def _layer_norm_jacobian(x: Array, mean: bool = True, deviation: bool = True, ddof: int = 0) -> Array:
    """The Jacobian, or what comes of it if the mean or the deviation is taken as a constant, or v has 1/(n - ddof)."""
    n, s = len(x), np.sqrt(x.var(ddof=ddof) + EPSILON)
    y = (x - x.mean()) / s
    through_mean, through_deviation = np.full((n, n), 1 / n), np.outer(y, y) / (n - ddof)
    return np.asarray((np.eye(n) - mean * through_mean - deviation * through_deviation) / s)


SOFTMAX = JacobianPuzzle(
    "Jacobian of softmax",
    "p = softmax(z), that is p_i = exp(z_i) / (exp(z_1) + exp(z_2) + ...). Find the matrix J with ∂p_i/∂z_j in row i"
    " and column j.",
    lambda z: z.softmax(0),
    {"z": np.array([1.2, -0.4, 0.3, 0.9, -1.1])},
    (
        "Every p_i depends on every z_j: all exponentials are in the denominator. No number of J is zero.",
        "Write p_i as a quotient with s = exp(z_1) + exp(z_2) + ... below, and differentiate it twice: by z_i itself,"
        " and by another z_j, which is in s only.",
        "∂p_i/∂z_i = p_i (1 − p_i), and ∂p_i/∂z_j = −p_i p_j if j is not i. What is that as a sum of two matrices?",
        "J = diag(p) − p pᵀ. Each row and each column sums to 0, as the p_i sum to 1 whatever z is.",
    ),
    "J = np.diag(p) - np.outer(p, p)",
    {
        "the diagonal only: p_i also depends on the other z_j": lambda z: np.diag(
            softmax(z) * (1 - softmax(z))
        ),
        "the Jacobian with + p_i p_j beside the diagonal": lambda z: (
            np.diag(softmax(z) - 2 * softmax(z) ** 2) + np.outer(softmax(z), softmax(z))
        ),
        "diag(p) alone: p pᵀ is not subtracted": lambda z: np.diag(softmax(z)),
        "−p pᵀ alone: diag(p) is missing": lambda z: -np.outer(softmax(z), softmax(z)),
        "the Jacobian of the logarithm of softmax": lambda z: np.eye(len(z)) - softmax(z),
        "the Jacobian at softmax(p), not at p": lambda z: (
            np.diag(softmax(softmax(z))) - np.outer(softmax(softmax(z)), softmax(softmax(z)))
        ),
    },
)

LAYER_NORM = JacobianPuzzle(
    "Jacobian of layer norm",
    "y = (x − m) / s with the mean m of the n numbers in x and s = √(v + 0.00001), where v is the mean of (x_i − m)²."
    " Find the matrix J with ∂y_i/∂x_j in row i and column j.",
    _layer_norm,
    {"x": np.array([1.3, -0.7, 0.4, 2.2, -1.6, 0.1])},
    (
        "x_j is in y_i up to three times: in x_i itself, in the mean, and in s.",
        "∂m/∂x_j = 1/n. For s, differentiate v first: the part of v that comes through the mean is zero, as the"
        " deviations sum to 0.",
        "∂s/∂x_j = (x_j − m) / (n s) = y_j / n. Put it into the quotient rule for (x_i − m) / s.",
        "J = (I − 1/n − y yᵀ / n) / s: 1/n is subtracted from every number.",
    ),
    "J = (np.eye(n) - 1 / n - np.outer(y, y) / n) / s",
    {
        "I / s: mean and deviation are taken as constants": lambda x: _layer_norm_jacobian(x, False, False),
        "the Jacobian with the mean taken as a constant": lambda x: _layer_norm_jacobian(x, mean=False),
        "the Jacobian with the deviation s taken as a constant": lambda x: _layer_norm_jacobian(
            x, deviation=False
        ),
        "the Jacobian of a layer norm with 1/(n − 1) in v": lambda x: _layer_norm_jacobian(x, ddof=1),
        "s times the Jacobian: the division by s is missing": lambda x: (
            np.sqrt(x.var() + EPSILON) * _layer_norm_jacobian(x)
        ),
    },
)

MATMUL = JacobianPuzzle(
    "Jacobian of a matrix product",
    "C = A · B. Find the matrix J of the derivatives of C by A, where both are read row by row: a row of J"
    " belongs to C_ik, a column to A_lj, and ∂C_ik/∂A_lj stands where they meet.",
    lambda A, B: A @ B,
    {
        "A": np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.8]]),
        "B": np.array([[1.0, 2.0], [-0.5, 0.7], [0.4, -1.2]]),
    },
    (
        "C_ik is the sum of A_ij B_jk over j. Which numbers of A are in it?",
        "Row l of A is in row l of C only: J has a block for each pair of rows, and those off the diagonal are 0.",
        "In the block of row i, ∂C_ik/∂A_ij = B_jk stands in row k and column j. Which matrix is that?",
        "J has Bᵀ in each block on its diagonal: the Kronecker product of I and Bᵀ. A itself is not in it.",
    ),
    "J = np.kron(np.eye(len(A)), B.T)",
    {
        "the Jacobian with A and C read column by column": lambda A, B: np.kron(B.T, np.eye(len(A))),
        "the derivatives by B, not by A": lambda A, B: np.kron(A, np.eye(B.shape[1])),
        "one block of it: Bᵀ alone": lambda _A, B: B.T,
        "the Jacobian with Bᵀ in every block: one row of C depends on one row of A only": lambda A, B: (
            np.kron(np.ones((len(A), len(A))), B.T)
        ),
    },
)
