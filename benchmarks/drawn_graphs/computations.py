"""Computations that learners draw: second order, in place, several losses, single Values, a plan."""

from __future__ import annotations

from typing import Any

import numpy as np

from drawn_graphs.networks import RNG, Drawn, parameters
from tinygrad_edu import Value, nn, tensor


def second_order() -> Drawn:
    x = tensor([1.0, 2.0], requires_grad=True, name="x")
    y = (x**3).sum() + x.prod()
    from tinygrad_edu import autograd  # noqa: PLC0415

    (g,) = autograd.grad(y, x, create_graph=True)
    return (g**2).sum(), {"g": g}


def in_place() -> Drawn:
    x = tensor([[1.0, -2.0], [3.0, 4.0], [-0.5, 6.0]], requires_grad=True, name="x")
    u = tensor([7.0, 8.0], requires_grad=True, name="u")
    h = x * x
    h[[0, 2]] = u
    tail = h[1:]
    tail *= 3
    return (h * h).mean(), {"h": h, "tail": tail}


def five_losses() -> Drawn:
    p = parameters(w=(3, 2), b=(2,))
    x, y = tensor(RNG.normal(size=(4, 3)), name="x"), tensor(RNG.random((4, 2)), name="y")
    z = x @ p["w"] + p["b"]
    total = (
        ((z - y) ** 2).mean() + (z - y).abs().mean() + nn.functional.binary_cross_entropy_with_logits(z, y)
    )
    total = total + nn.functional.smooth_l1_loss(z, y) - (y * z.log_softmax(1)).sum(1).mean()
    return total, {"z": z}


def batch_norm() -> Drawn:
    p = parameters(gain=(4,), shift=(4,), W=(3, 4))
    h = tensor(RNG.normal(size=(5, 3)), name="x") @ p["W"]
    mean = h.mean(0, keepdim=True)
    centred = h - mean
    variance = (centred**2).sum(0, keepdim=True) / 4
    out = centred / (variance + 1e-5).sqrt() * p["gain"] + p["shift"]
    names = {"h": h, "mean": mean, "centred": centred, "variance": variance, "out": out}
    return out.tanh().mean(), names


def contrastive() -> Drawn:
    p = parameters(A=(4, 3), B=(5, 3))
    a, b = (
        tensor(RNG.normal(size=(2, 4)), name="image") @ p["A"],
        tensor(RNG.normal(size=(2, 5)), name="text") @ p["B"],
    )
    a, b = a / (a**2).sum(1, keepdim=True).sqrt(), b / (b**2).sum(1, keepdim=True).sqrt()
    logits, labels = a @ b.T * 10, tensor([0, 1])
    return (
        nn.functional.cross_entropy(logits, labels) + nn.functional.cross_entropy(logits.T, labels)
    ) / 2, {"logits": logits}


def chain() -> Drawn:
    x = tensor(RNG.normal(size=(2, 3)), requires_grad=True, name="x")
    y = x
    for _ in range(50):
        y = y.tanh()
    return y.sum(), {}


class Neuron:
    """micrograd's neuron on Values."""

    def __init__(self, inputs: int, nonlinear: bool = True) -> None:
        self.w, self.b = [Value(w) for w in RNG.uniform(-1, 1, inputs)], Value(0.0)
        self.nonlinear = nonlinear

    def __call__(self, x: Any) -> Any:
        z = sum((w * v for w, v in zip(self.w, x, strict=True)), self.b)
        return z.tanh() if self.nonlinear else z


def values_mlp() -> Drawn:
    layers = [[Neuron(2) for _ in range(4)], [Neuron(4) for _ in range(4)], [Neuron(4, False)]]
    x = [Value(1.0), Value(-2.0)]
    for layer in layers:
        x = [n(x) for n in layer]
    loss = (x[0] - 1.0) ** 2
    return loss, {}


def moons() -> Drawn:
    """One step of micrograd's demo: an MLP 2-16-16-1 of Values, hinge loss and weight decay, on 20 points."""
    layers = [[Neuron(2) for _ in range(16)], [Neuron(16) for _ in range(16)], [Neuron(16, False)]]
    scores = []
    for point in RNG.normal(size=(20, 2)).tolist():
        x = [Value(v) for v in point]
        for layer in layers:
            x = [n(x) for n in layer]
        scores.append(x[0])
    losses = [(1 + -y * s).relu() for y, s in zip(RNG.choice([-1, 1], 20).tolist(), scores, strict=True)]
    weights = [p for layer in layers for n in layer for p in [*n.w, n.b]]
    data = sum(losses) * (1.0 / len(losses))
    return data + 1e-4 * sum(p * p for p in weights), {}


def plan() -> Drawn:
    from tinygrad_edu.plan import capture  # noqa: PLC0415

    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    step = capture(lambda x: (net(x) ** 2).mean())
    while not step.ready:
        step(tensor(np.ones((2, 3))))
    return step, {"net": net}
