"""Two moons told apart by micrograd's network, on single numbers and on arrays: equal gradients.

The network of Karpathy's micrograd, 2 -> 16 -> 16 -> 1 with ReLU, is written from scratch for `Value`, and as layers
for `Tensor` with the same weights. Both take the same steps down the same loss: max-margin with a little weight decay.
Result with seed 0: gradients equal to 3e-16, all 60 points on the right side after 60 epochs.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import tinygrad_edu as torch
from tinygrad_edu import Tensor, Value, nn
from tinygrad_edu.datasets import moons
from tinygrad_edu.viz import plot_decision_boundary, plot_loss

DECAY = 1e-4


class Neuron:
    """`relu(w1 x1 + w2 x2 + ... + b)`, or without relu in the last layer."""

    def __init__(self, inputs: int, last: bool) -> None:
        self.w = [Value(w) for w in torch.empty(inputs).uniform_(-1, 1).tolist()]
        self.b = Value(0.0)
        self.last = last

    def __call__(self, x: list[Any]) -> Value:
        z = sum((w * x for w, x in zip(self.w, x, strict=True)), self.b)
        return z if self.last else z.relu()


class ValueMLP:
    """Layers of neurons: lists of lists."""

    def __init__(self, *sizes: int) -> None:
        last = len(sizes) - 2
        pairs = enumerate(pairwise(sizes))
        self.layers = [[Neuron(inputs, k == last) for _ in range(outputs)] for k, (inputs, outputs) in pairs]

    def __call__(self, x: list[Any]) -> Value:
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self) -> list[Value]:
        return [p for layer in self.layers for neuron in layer for p in (*neuron.w, neuron.b)]


class TensorMLP(nn.Module):
    """The same network made of Linear and ReLU, with a copy of the weights."""

    def __init__(self, values: ValueMLP) -> None:
        super().__init__()
        self.linears = nn.ModuleList()
        for neurons in values.layers:
            linear = nn.Linear(len(neurons[0].w), len(neurons))
            linear.load_state_dict(linear_state(neurons, "data"))
            self.linears.append(linear)

    def forward(self, x: Tensor) -> Tensor:
        for linear in self.linears[:-1]:
            x = linear(x).relu()
        return self.linears[-1](x).squeeze(1)


def linear_state(neurons: list[Neuron], what: str) -> dict[str, Tensor]:
    """Weight and bias of a Linear made of the "data" of neurons, or of their "grad"."""
    weight = torch.tensor([[getattr(w, what) for w in neuron.w] for neuron in neurons])
    return {"weight": weight, "bias": torch.tensor([getattr(neuron.b, what) for neuron in neurons])}


def value_loss(net: ValueMLP, points: list[list[float]], signs: list[float]) -> Value:
    """Mean of `relu(1 - y score)` over the points, plus the decay, one number after the other."""
    margins = [(1 - y * net(x)).relu() for x, y in zip(points, signs, strict=True)]
    return sum(margins, Value(0.0)) / len(margins) + DECAY * sum(
        (p * p for p in net.parameters()), Value(0.0)
    )


def tensor_loss(net: nn.Module, points: Tensor, signs: Tensor) -> Tensor:
    """The same, on whole arrays."""
    margins = (1 - signs * net(points)).relu()
    return margins.mean() + DECAY * sum(p.square().sum() for p in net.parameters())


def gradient_difference(values: ValueMLP, tensors: TensorMLP) -> float:
    """The largest difference between a gradient by Value and the same one by Tensor."""
    return max(
        (gradient - getattr(linear, name).grad).abs().max().item()
        for neurons, linear in zip(values.layers, tensors.linears, strict=True)
        for name, gradient in linear_state(neurons, "grad").items()
    )


def main(epochs: int = 60, seed: int = 0, out: Path | None = None, points: int = 60) -> dict[str, Any]:
    """Train both networks side by side; returns the losses of both and the largest difference of gradients."""
    torch.manual_seed(seed)
    X, classes = moons(points, noise=0.1)[:]
    signs = 2.0 * classes - 1
    values = ValueMLP(2, 16, 16, 1)
    tensors = TensorMLP(values)
    parameters: list[Any] = [*values.parameters(), *tensors.parameters()]
    losses: dict[str, list[float]] = {"Value": [], "Tensor": []}
    largest = 0.0
    for epoch in range(epochs):
        rate = 1.0 - 0.9 * epoch / epochs

        loss = value_loss(values, X.tolist(), signs.tolist())
        for v in values.parameters():
            v.grad = 0.0
        loss.backward()
        losses["Value"].append(loss.data)

        same_loss = tensor_loss(tensors, X, signs)
        tensors.zero_grad()
        same_loss.backward()
        losses["Tensor"].append(same_loss.item())

        largest = max(largest, gradient_difference(values, tensors))
        for p in parameters:
            p.data -= rate * p.grad
        if epoch % 10 == 9 or epoch == epochs - 1:
            print(f"epoch {epoch + 1:2}: loss {loss.data:.12f} on Value, {same_loss.item():.12f} on Tensor")

    accuracy = ((tensors(X) > 0) == (signs > 0)).double().mean().item()
    print(f"Result: gradients equal to {largest:.0e}, {accuracy:.0%} of the points on the right side")
    if out:
        plot_loss(losses).savefig(out / "loss.png")
        plot_decision_boundary(tensors, X, classes).savefig(out / "moons.png")
    return {"losses": losses, "largest difference": largest, "accuracy": accuracy}


if __name__ == "__main__":
    main()
