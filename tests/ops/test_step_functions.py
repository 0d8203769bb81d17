"""Gradients where a function jumps, bends or is not a number: those of PyTorch 2.13."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import flat, flat_of_two
from tinygrad_edu.tensor.tensor import Tensor

INF, NAN = np.inf, np.nan
STEPS = {name: op for name, op in OPERATIONS.items() if op.rules[0] in (flat, flat_of_two)}


def gradients(name: str, *inputs: list[float]) -> list[list[float]]:
    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    with np.errstate(all="ignore"):
        (OPERATIONS.get(name) or getattr(Tensor, name))(*leaves).backward(np.ones(len(inputs[0])))
    return [x.grad.raw for x in leaves]


def test_the_step_functions_are_known_by_their_rule():
    assert STEPS.keys() == {
        "sign",
        "floor",
        "ceil",
        "trunc",
        "round",
        "floor_divide",
        "trunc_divide",
    }


@pytest.mark.parametrize("name", STEPS)
def test_a_step_hands_on_exactly_zero_of_an_infinite_gradient(name):
    x = Tensor([0.25, -INF, NAN], requires_grad=True)

    with np.errstate(all="ignore"):
        STEPS[name](*[x] * len(STEPS[name].rules)).backward([INF, NAN, -INF])

    assert x.grad.tolist() == [0, 0, 0]
    assert not np.signbit(x.grad.raw).any()  # which would print as -0


@pytest.mark.parametrize(
    ("name", "inputs", "expected"),
    [
        ("relu", [[NAN, 0.0, 2.0]], [[1, 0, 1]]),
        ("absolute", [[NAN, 0.0, -2.0]], [[0, 0, -1]]),
        ("root", [[0.0, 1.0, 4.0]], [[0, 0.5, 0.25]]),
        ("maximum", [[NAN, 1, 1, 1], [1, NAN, 1, 2]], [[1, 1, 0.5, 0], [1, 1, 0.5, 1]]),
        ("minimum", [[NAN, 1, 1, 1], [1, NAN, 1, 2]], [[1, 1, 0.5, 1], [1, 1, 0.5, 0]]),
        ("fmax", [[NAN, 1, 1, 1, NAN], [1, NAN, 1, 2, NAN]], [[0, 1, 1, 0, 1], [1, 0, 0, 1, 0]]),
        ("fmin", [[NAN, 1, 1, 1, NAN], [1, NAN, 1, 2, NAN]], [[0, 1, 1, 1, 1], [1, 0, 0, 0, 0]]),
        ("clamp_min", [[0, 1, 2, NAN, 1], [1, 1, 1, 1, NAN]], [[0, 1, 1, 0, 0], [1, 0, 0, 0, 0]]),
        ("clamp_max", [[0, 1, 2, NAN, 1], [1, 1, 1, 1, NAN]], [[1, 1, 0, 0, 0], [0, 0, 1, 0, 0]]),
        (
            "clamp",
            [[0, 1, 3, NAN, 1, 1.5], [1, 1, 1, 1, NAN, 2], [2, 1, 2, 2, 1, 1]],
            [[0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1]],
        ),
        ("copysign", [[1.5, 0, NAN], [-1, -1, 1]], [[-1, 0, NAN], [0, 0, 0]]),
        ("nextafter", [[1.0, 1.0, NAN], [1, 2, 1]], [[0, 1, 1], [0, 0, 0]]),
        ("atan2", [[0.0, 3.0], [0, 4]], [[0, 0.16], [0, -0.12]]),
        ("fmod", [[5.5, -5.5, 1], [2, 2, 0]], [[1, 1, 1], [-2, 2, -INF]]),
        ("remainder", [[5.5, -5.5, 1], [2, 2, 0]], [[1, 1, 1], [-2, 3, -INF]]),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_gradients_at_jumps_ties_and_nan(name, inputs, expected):
    for found, wanted in zip(gradients(name, *inputs), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-15)


def test_the_sign_of_nan_is_0_in_memory_that_is_given_too():
    x = np.array([NAN, -2.0, 0.0])

    OPERATIONS["sign"].forward(x, out=x)

    assert x.tolist() == [0, -1, 0]
