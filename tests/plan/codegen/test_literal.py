"""Arrays as text: uniform ones are one number and a shape."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.codegen.literal import literal


@pytest.mark.parametrize(
    "array",
    [
        np.full((128, 784), 2 / 784, np.float32),
        np.full((2, 2), -np.inf),
        np.full(3, np.nan),
        np.full((2, 3), True),
        np.array([0.0, -0.0]),
        np.array(0.5),
        np.zeros((0, 3)),
        np.arange(3),
    ],
)
def test_the_text_of_an_array_is_the_array(array):
    found = eval(literal(array), {"np": np})

    assert found.dtype == array.dtype
    assert found.shape == array.shape
    assert found.tobytes() == array.tobytes()


def test_a_uniform_array_is_short():
    assert literal(np.full((128, 784), 0.5)) == "np.full((128, 784), 0.5, dtype=np.float64)"


@pytest.mark.parametrize("dialect", ["numpy", "jax"])
def test_the_source_of_a_squared_error_has_no_long_lines(dialect):
    net = nn.Linear(784, 784)

    def step(x):
        net.zero_grad()
        loss = nn.MSELoss()(net(x), x)
        loss.backward()
        return loss

    plan = capture(step, pure=True)
    for _ in range(3):
        plan(tensor(np.ones((128, 784))))

    assert max(map(len, plan.source(dialect).splitlines())) < 500
