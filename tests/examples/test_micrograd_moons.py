from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu.examples import micrograd_moons
from tinygrad_edu.examples.micrograd_moons import TensorMLP, ValueMLP


@pytest.mark.slow
def test_value_and_tensor_take_the_same_steps(tmp_path, capsys):
    result = micrograd_moons.main(epochs=5, points=20, out=tmp_path)

    values, tensors = result["losses"]["Value"], result["losses"]["Tensor"]
    np.testing.assert_allclose(values, tensors, rtol=1e-12)
    assert values[-1] < values[0]
    assert result["largest difference"] < 1e-13
    assert "Result: gradients equal to" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == ["loss.png", "moons.png"]


def test_a_wrong_gradient_would_be_noticed():
    torch.manual_seed(0)
    values = ValueMLP(2, 3, 1)
    tensors = TensorMLP(values)
    x = torch.tensor([[0.5, -1.0]])
    values([0.5, -1.0]).backward()
    tensors(x).sum().backward()
    assert micrograd_moons.gradient_difference(values, tensors) < 1e-15

    values.layers[0][1].w[0].grad += 0.25

    assert micrograd_moons.gradient_difference(values, tensors) == 0.25
