"""Problem 2: a network of sigmoids, its gradients by the engine, and the paper's other formula."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinygrad_edu.exam.paper import Problem1, Problem2
from tinygrad_edu.exam.paper_functions import loss_bce, sigmoid
from tinygrad_edu.tensor.tensor import Tensor, tensor


class Solution(NamedTuple):
    """Every tensor of the network, from the inputs to the loss of each example (nats) and their mean."""

    X: Tensor
    Y: Tensor
    W1: Tensor
    B: Tensor
    W2: Tensor
    C: Tensor
    Z1: Tensor
    H1: Tensor
    Z2: Tensor
    yhat: Tensor
    loss: Tensor
    mean: Tensor


def solve() -> Solution:
    """`H1 = sigmoid(X @ W1 + B)`, `yhat = sigmoid(H1 @ W2 + C)`, binary cross-entropy; with their graph."""
    X, Y = tensor(Problem2.X), tensor(Problem2.Y)
    W1, B = tensor(Problem2.W1, requires_grad=True), tensor(Problem2.B, requires_grad=True)
    W2, C = tensor(Problem2.W2, requires_grad=True), tensor(Problem2.C, requires_grad=True)
    Z1 = X @ W1 + B
    H1 = sigmoid(Z1)
    Z2 = H1 @ W2 + C
    yhat = sigmoid(Z2)
    loss = loss_bce(yhat, Y, Problem2.EPS)
    solution = Solution(X, Y, W1, B, W2, C, Z1, H1, Z2, yhat, loss, loss.mean())
    for name, value in zip(Solution._fields, solution, strict=True):
        value.name = name
    solution.mean.name = "L"  # pictures then read dL/dW1
    return solution


def gradient_per_example() -> np.ndarray:
    """dL_i / dW1 of every example i by the engine, shape (3, 4, 3)."""
    solution = solve()
    gradients = []
    for loss in solution.loss:
        solution.W1.zero_grad()
        loss.sum().backward()
        gradients.append(np.array(solution.W1.grad))
    return np.array(gradients)


def gradient_mean() -> np.ndarray:
    """dL / dW1 of the mean loss by the engine, shape (4, 3)."""
    solution = solve()
    solution.mean.backward()
    return np.array(solution.W1.grad)


def activation_jacobians() -> Tensor:
    """d H1[n] / d Z1[n] for every example n: the paper's `sigmoid(Z1, deriv=True)`, shape (3, 3, 3)."""
    return sigmoid(solve().Z1.detach(), deriv=True)


def paper_formula(*, inner_rounding: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """The result of the paper's own line, per example (3, 4, 3) and averaged (4, 3): not the gradient.

        dL_dz1 = (Y - yhat) * W2.T @ H * (1 - H)
        dL_dW1 = [np.round(np.outer(xi, dL_dz1), 3) for xi in X]

    `H` is still [2, 2, 2], left over from Problem 1, where H1 was meant. `*` and `@` bind equally, from the
    left, so the line is `((Y - yhat) * W2.T) @ H * (1 - H)`, (3, 3) @ (3,): its three numbers belong to the
    three examples, and the outer product puts them where hidden units belong. Sign: `yhat - Y` was meant;
    1 - H = -1 turns it back. `inner_rounding`: with the paper's rounding to 3 decimals before any other.
    """
    H, W2, yhat = Problem1.H, Problem2.W2, np.array(solve().yhat.detach())
    dL_dz1 = (Problem2.Y - yhat) * W2.T @ H * (1 - H)
    each = np.array([np.outer(xi, dL_dz1) for xi in Problem2.X])
    each = np.round(each, 3) if inner_rounding else each
    return each, each.mean(axis=0)
