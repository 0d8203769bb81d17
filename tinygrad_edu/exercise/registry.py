"""Exercises by name: `random:7`; `exam-2` and `exam-3`, problems of the exam paper; and those of known courses."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any

from tinygrad_edu.exam.paper import Problem1, Problem2, Problem3
from tinygrad_edu.exam.paper_functions import loss_BCE, loss_CCE, sigmoid, softmax
from tinygrad_edu.exercise import jacobian_puzzles
from tinygrad_edu.exercise.batch_norm_by_hand import BATCH_NORM_BY_HAND
from tinygrad_edu.exercise.exercise import Exercise
from tinygrad_edu.exercise.jacobian_puzzle import JacobianPuzzle
from tinygrad_edu.tensor.tensor import Tensor


def _network(output: Callable[[Any], Any], loss: Any, prediction: str) -> Callable[..., Any]:
    """The network of the paper: a hidden layer of sigmoids, and this output and loss; `prediction` is its name."""

    def network(X: Tensor, Y: Tensor, W1: Tensor, B: Tensor, W2: Tensor, C: Tensor) -> Any:
        Z1 = X @ W1 + B
        H1 = sigmoid(Z1)
        Z2 = H1 @ W2 + C
        P = output(Z2)
        return loss.nats(Y, P).mean(), {"Z1": Z1, "H1": H1, "Z2": Z2, prediction: P}

    return network


def _data(problem: Any, parameters: Any) -> dict[str, Any]:
    return {"X": problem.X, "Y": problem.Y, **{name: parameters[name] for name in ("W1", "B", "W2", "C")}}


EXAM_PROBLEM_2 = Exercise(
    _network(sigmoid, loss_BCE, "yhat"),
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
    _network(softmax, loss_CCE, "Yhat"),
    _data(Problem3, {name: printed.values for name, printed in Problem3.INITIAL.items()}),
    ["W1", "W2", "B", "C"],
    title="Exam, Problem 3",
    text="Six points in three classes, two hidden units, a softmax. L is the mean cross-entropy over the six examples,"
    " in nats: with the logarithm to base 2, as in the paper's loss, everything would be divided by ln 2.",
)

EXERCISES: dict[str, Exercise | JacobianPuzzle] = {
    "exam-2": EXAM_PROBLEM_2,
    "exam-3": EXAM_PROBLEM_3,
    "makemore-4": BATCH_NORM_BY_HAND,
    "jacobian-softmax": jacobian_puzzles.SOFTMAX,
    "jacobian-layer-norm": jacobian_puzzles.LAYER_NORM,
    "jacobian-matmul": jacobian_puzzles.MATMUL,
}
RANDOM = "random:"
MAX_SEED_DIGITS = 20


def load(name: str) -> Exercise | JacobianPuzzle:
    """The exercise or puzzle of this name; `random:SEED` is `Exercise.random(SEED)`.

    Raises `ValueError` for another name.
    """
    seed = name.removeprefix(RANDOM) if isinstance(name, str) and name.startswith(RANDOM) else ""
    if seed.isascii() and seed.isdecimal() and len(seed) <= MAX_SEED_DIGITS:
        return Exercise.random(int(seed))
    if name in EXERCISES:
        return EXERCISES[name]
    raise ValueError(
        f"load needs {', '.join(EXERCISES)} or {RANDOM}SEED with a whole number, got {short(name)}"
    )
