"""Problem 1: a matrix product, a sigmoid and a logarithm, each by the engine."""

from __future__ import annotations

from tinygrad_edu.exam.paper import Problem1
from tinygrad_edu.exam.paper_functions import sigmoid
from tinygrad_edu.tensor.tensor import Tensor, tensor


def solve() -> dict[str, Tensor]:
    """The three results, named as in `Problem1.PRINTED`."""
    return {
        "X @ W1": tensor(Problem1.X) @ tensor(Problem1.W1),
        "sigmoid(H @ W)": sigmoid(tensor(Problem1.H) @ tensor(Problem1.W)),
        "-log(0.9)": -tensor(0.9).log(),
    }
