"""The exam paper: what its three problems start from, and every number it prints, with its decimals."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np


class Printed(NamedTuple):
    """Numbers as printed, with so many decimals: each stands for all numbers within half a unit of the last decimal."""

    values: np.ndarray
    decimals: int

    @property
    def half_unit(self) -> float:
        """The largest distance of the number that was rounded from the printed one."""
        return 0.5 * 10.0**-self.decimals


def _array(values: Any) -> np.ndarray:
    array = np.array(values, dtype=float)
    array.flags.writeable = False
    return array


def _printed(decimals: int, values: Any) -> Printed:
    return Printed(_array(values), decimals)


class Problem1:
    """Three warm-up numbers."""

    X = _array([1, 2, 3, 4])
    W1 = _array(np.ones((4, 3)))
    H = _array([2, 2, 2])
    W = _array(np.ones((3, 1)))

    PRINTED: ClassVar = {
        "X @ W1": _printed(0, [10, 10, 10]),
        "sigmoid(H @ W)": _printed(8, [0.99752738]),
        "-log(0.9)": _printed(17, 0.10536051565782628),
    }


class Problem2:
    """A network 4 -> 3 -> 1 of sigmoids, binary cross-entropy, and one gradient."""

    X = _array([[1, 2, 3, 0], [2, 4, 1, 0], [4, 3, 2, 0]])
    Y = _array([[0], [1], [1]])
    W1 = _array(np.ones((4, 3)))
    W2 = _array(np.ones((3, 1)))
    B = _array(np.zeros((1, 3)))
    C = _array(np.zeros((1, 1)))
    EPS = 1e-10

    INITIAL: ClassVar = {"W1": _printed(1, np.ones((4, 3))), "W2": _printed(1, np.ones((3, 1)))}
    FORWARD: ClassVar = {
        "Z1": _printed(2, [[6, 6, 6], [7, 7, 7], [9, 9, 9]]),
        "H1": _printed(2, np.ones((3, 3))),
        "Z2": _printed(2, [[2.99], [3.0], [3.0]]),
        "yhat": _printed(2, [[0.95], [0.95], [0.95]]),
        "Loss": _printed(2, [[3.04], [0.05], [0.05]]),
    }
    GRADIENT_PER_EXAMPLE = (
        _printed(2, [[5.71, -0.28, -0.28], [11.43, -0.57, -0.57], [17.14, -0.86, -0.85], [0, 0, 0]]),
        _printed(2, [[11.43, -0.57, -0.57], [22.85, -1.14, -1.14], [5.71, -0.28, -0.28], [0, 0, 0]]),
        _printed(2, [[22.85, -1.14, -1.14], [17.14, -0.86, -0.85], [11.43, -0.57, -0.57], [0, 0, 0]]),
    )
    GRADIENT_MEAN = _printed(
        3, [[13.331, -0.666, -0.664], [17.14, -0.856, -0.854], [11.427, -0.571, -0.569], [0, 0, 0]]
    )


class Problem3:
    """A network 3 -> 2 (sigmoid) -> 3 (softmax), categorical cross-entropy, and one epoch of training."""

    X = _array([[1, 0, 0], [0.9, 0, 0], [0, 1, 0], [0, 0.95, 0], [0, 0, 1], [0, 0, 0.85]])
    Y = _array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]])
    EPOCHS, BATCH_SIZE, LR = 1, 6, 1

    DATA: ClassVar = {"X": Printed(X, 2), "Y": Printed(Y, 0)}
    INITIAL: ClassVar = {
        "W1": _printed(4, [[0.5938, 0.0634], [0.0018, 0.1043], [0.3504, 0.0656]]),
        "W2": _printed(2, [[1.0, 0.41, 0.26], [0.24, 0.53, 0.71]]),
        "B": _printed(2, [[0.76, 0.76]]),
        "C": _printed(2, [[0.95, 0.21, 0.98]]),
    }
    LINE = "Epoch 0 (out of 1) -- Loss: 1.5997"
    LOSS = _printed(4, 1.5997)
    LOSS_AVG = _printed(14, 9.59841928248252)
    FORWARD: ClassVar = {
        "Z1": _printed(
            2, [[1.34, 0.83], [1.28, 0.82], [0.75, 0.87], [0.75, 0.87], [1.1, 0.83], [1.04, 0.82]]
        ),
        "H1": _printed(2, [[0.79, 0.7], [0.78, 0.69], [0.68, 0.7], [0.68, 0.7], [0.75, 0.7], [0.74, 0.69]]),
        "Z2": _printed(
            2,
            [
                [1.65, 1.23, 1.6],
                [1.65, 1.23, 1.6],
                [1.55, 1.18, 1.58],
                [1.55, 1.18, 1.58],
                [1.62, 1.21, 1.59],
                [1.61, 1.21, 1.59],
            ],
        ),
        "Yhat": _printed(
            2,
            [
                [0.38, 0.25, 0.36],
                [0.38, 0.25, 0.37],
                [0.37, 0.25, 0.38],
                [0.37, 0.25, 0.38],
                [0.38, 0.25, 0.37],
                [0.38, 0.25, 0.37],
            ],
        ),
        "Yhat - Y": _printed(
            2,
            [
                [-0.62, 0.25, 0.36],
                [-0.62, 0.25, 0.37],
                [0.37, -0.75, 0.38],
                [0.37, -0.75, 0.38],
                [0.38, 0.25, -0.63],
                [0.38, 0.25, -0.63],
            ],
        ),
    }
    GRADIENTS: ClassVar = {
        "dL/dW1": _printed(4, [[0.0041, -0.0019], [0.0042, -0.002], [0.0039, -0.0019]]),
        "dL/dW2": _printed(2, [[0.09, -0.12, 0.03], [0.09, -0.11, 0.02]]),
        "dL/dB": _printed(4, [[0.0128, -0.0062]]),
        "dL/dC": _printed(2, [[0.12, -0.16, 0.04]]),
    }
    W1_NEW = _printed(4, [[0.5898, 0.0653], [-0.0024, 0.1063], [0.3465, 0.0675]])
