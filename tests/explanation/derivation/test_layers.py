"""Layers on paper: each is a line of its own, with a short formula for every gradient."""

from __future__ import annotations

import numpy as np

from tinygrad_edu import explain, nn, tensor

X = np.random.default_rng(0).normal(size=(2, 1, 3, 3))


def formulas(net, *inputs):
    return list(explain((net(*inputs) ** 2).sum(), names={}).formulas)


def test_a_convolution_is_a_layer():
    assert formulas(nn.Conv2d(1, 2, 2), tensor(X)) == [
        "δ = 2 z",
        "∂L/∂W = conv_kernels(δ, x)",
        "∂L/∂b = Σ dims 0, 2, 3 δ",
    ]


def test_of_two_convolutions_the_first_gets_its_gradient_back_through_the_second():
    net = nn.Sequential(nn.Conv2d(1, 2, 2), nn.Tanh(), nn.Conv2d(2, 1, 2))

    assert formulas(net, tensor(X)) == [
        "δ₂ = 2 z₂",
        "δ₁ = conv_back(δ₂, W₂) ⊙ (1 − a₁²)",
        "∂L/∂W₁ = conv_kernels(δ₁, x)",
        "∂L/∂b₁ = Σ dims 0, 2, 3 δ₁",
        "∂L/∂W₂ = conv_kernels(δ₂, a₁)",
        "∂L/∂b₂ = Σ dims 0, 2, 3 δ₂",
    ]


def test_a_normalization_is_a_line_between_layers():
    found = formulas(nn.Sequential(nn.Linear(9, 3), nn.LayerNorm(3)), tensor(X.reshape(2, 9)))

    assert found[:2] == [
        "∂L/∂t₁ = 2 w₁ ⊙ (t₁ ⊙ w₁ + w₂)",
        "δ = s / √(Σ columns (z − Σ columns z / 3)² / 3 + 1e−5)\n"
        "    with s = ∂L/∂t₁ − Σ columns ∂L/∂t₁ / 3 − t₁ ⊙ Σ columns (∂L/∂t₁ ⊙ t₁) / 3",
    ]
