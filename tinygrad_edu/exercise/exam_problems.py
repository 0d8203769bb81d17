"""Problems 2 and 3 of the exam paper as exercises, with its numbers."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.exam.paper import Problem1, Problem2, Problem3
from tinygrad_edu.exam.paper_functions import loss_BCE, loss_CCE, sigmoid, softmax
from tinygrad_edu.exercise.exercise import Exercise
from tinygrad_edu.tensor.tensor import Tensor

Returned = tuple[Tensor, dict[str, Tensor]]


def _sigmoids(X: Tensor, Y: Tensor, W1: Tensor, B: Tensor, W2: Tensor, C: Tensor) -> Returned:  # noqa: PLR0917
    Z1 = X @ W1 + B
    H1 = sigmoid(Z1)
    Z2 = H1 @ W2 + C
    yhat = sigmoid(Z2)
    return loss_BCE.nats(Y, yhat).mean(), {"Z1": Z1, "H1": H1, "Z2": Z2, "yhat": yhat}


def _softmax(X: Tensor, Y: Tensor, W1: Tensor, B: Tensor, W2: Tensor, C: Tensor) -> Returned:  # noqa: PLR0917
    Z1 = X @ W1 + B
    H1 = sigmoid(Z1)
    Z2 = H1 @ W2 + C
    Yhat = softmax(Z2)
    return loss_CCE.nats(Y, Yhat).mean(), {"Z1": Z1, "H1": H1, "Z2": Z2, "Yhat": Yhat}


def _data(problem: Any, parameters: Any) -> dict[str, Any]:
    return {"X": problem.X, "Y": problem.Y, **{name: parameters[name] for name in ("W1", "B", "W2", "C")}}


EXAM_PROBLEM_2 = Exercise(
    _sigmoids,
    _data(Problem2, vars(Problem2)),
    ["W1"],
    title="Exam, Problem 2",
    text="Three examples with four features, three hidden units, one output. L is the mean binary cross-entropy in"
    " nats, with ε = 1e-10 in its logarithms. H = [2, 2, 2] is left over from Problem 1.",
    digits=6,
    parameters=["B", "W2", "C"],
    given={"H": Problem1.H},
)

EXAM_PROBLEM_3 = Exercise(
    _softmax,
    _data(Problem3, {name: printed.values for name, printed in Problem3.INITIAL.items()}),
    ["W1", "W2", "B", "C"],
    title="Exam, Problem 3",
    text="Six points in three classes, two hidden units, a softmax. L is the mean cross-entropy over the six examples,"
    " in nats: with the logarithm to base 2, as in the paper's loss, everything would be divided by ln 2.",
)
