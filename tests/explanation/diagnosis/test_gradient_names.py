from __future__ import annotations

import pytest

from tinygrad_edu.explanation.diagnosis.gradient_names import filled, gradient_of


@pytest.mark.parametrize(
    ("value", "gradient"),
    [
        ("W1", "dW1"),
        ("(X @ W1)", "d(X @ W1)"),
        ("relu(X @ W1)", "d(relu(X @ W1))"),
        ("(a + b) * (c)", "d((a + b) * (c))"),
        ("W1.T", "d(W1.T)"),
        ("h[0]", "d(h[0])"),
        ("fc1.weight", "fc1.weight.grad"),
        ("net.layers.0.bias", "net.layers.0.bias.grad"),
    ],
)
def test_the_gradient_of_a_value_has_a_name_of_its_own(value, gradient):
    assert gradient_of(value) == gradient


def test_a_template_is_filled_with_gradients_and_values():
    words = {"w": "fc1.weight", "x": "{h}", "z": "tanh(h)"}

    assert filled("d{w} = {x}.T @ d{z}", words) == "fc1.weight.grad = {h}.T @ d(tanh(h))"
