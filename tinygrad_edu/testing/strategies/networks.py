"""The strategies `networks` and `training_steps`: layers, losses and optimizers as programs in PyTorch's words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.testing.strategies.program_words import WORDS, function
from tinygrad_edu.testing.strategies.shapes import Draw, Shape
from tinygrad_edu.testing.strategies.tensors import code_of, tensors

SMOOTH = ["Tanh()", "Sigmoid()", "GELU()", "Softplus()", "SiLU()"]
KINKED = ["ReLU()", "LeakyReLU(0.1)", "ELU()"]
NORMS = ["LayerNorm({n})", "BatchNorm1d({n})"]
LOSSES = {
    "torch.nn.functional.cross_entropy({out}, y)": "classes",
    "torch.nn.functional.mse_loss({out}, y)": "numbers",
    "torch.nn.functional.smooth_l1_loss({out}, y)": "numbers",
    "torch.nn.functional.binary_cross_entropy_with_logits({out}, y.sigmoid())": "numbers",
    "(({out} - y) ** 2).sum() * 0.1": "numbers",
}
OPTIMIZERS = [
    "SGD({p}, lr=0.05)",
    "SGD({p}, lr=0.05, momentum=0.9, weight_decay=0.01)",
    "SGD({p}, lr=0.05, momentum=0.8, nesterov=True)",
    # With an eps above the rounding of a gradient that is 0, by which the step would be divided.
    *("Adam({p}, lr=0.01, eps=1e-3)", "AdamW({p}, lr=0.01, eps=1e-3)", "RMSprop({p}, lr=0.01, eps=1e-3)"),
]
STEP = "optimizer.zero_grad()\nloss = {loss}\nloss.backward()\noptimizer.step()"
# Weights that are the same in every library and in every run.
FILLED = """with torch.no_grad():
    for i, p in enumerate(network.parameters()):
        p.copy_((torch.arange(p.numel()).double() * 0.7 + i).sin().reshape(p.shape) * 0.6)"""


class Network:
    """A network in float64; `network()` makes it, with the same weights every time.

    `text`: the call that makes it, in PyTorch's words. `shape`: of the input that it takes.
    """

    def __init__(self, text: str, shape: Shape) -> None:
        self.text, self.shape = text, shape

    def __call__(self, torch: Any = None) -> Any:
        """The module, of this library or of another one with PyTorch's words."""
        names = _words(torch)
        exec(f"network = {self.text}.double()\n{FILLED}", names)
        return names["network"]

    def __repr__(self) -> str:
        return f"Network({self.text!r}, shape={self.shape})"


class TrainingStep:
    """A network, an optimizer and a loss; `start()` makes a function `step(x, y)` that takes one step.

    `text`: the lines of the step, after those that make `network` and `optimizer`.
    """

    def __init__(self, network: Network, optimizer: str, text: str, x: Tensor, y: Tensor) -> None:
        self.network, self.optimizer, self.text = network, optimizer, text.strip("\n")
        self.x, self.y = x, y

    def start(self, torch: Any = None) -> Run:
        """A training that begins, in this library or in another one with PyTorch's words."""
        return Run(self, torch)

    def __repr__(self) -> str:
        return (
            f'TrainingStep({self.network!r}, {self.optimizer!r}, """\n{self.text}\n""", '
            f"x={code_of(self.x)}, y={code_of(self.y)})"
        )


class Run:
    """A training of its own: `step(x, y)` takes a step and returns the loss; `x`, `y`: the data to call it with."""

    def __init__(self, drawn: TrainingStep, torch: Any) -> None:
        self.network = drawn.network(torch)
        names = {**_words(torch), "network": self.network}
        exec(f"optimizer = torch.optim.{drawn.optimizer.format(p='network.parameters()')}", names)
        self.step = function("loss", ["x", "y"], drawn.text, names)
        make = tensor if torch is None else torch.tensor
        self.x, self.y = (make(data.numpy().copy()) for data in (drawn.x, drawn.y))

    def numbers(self) -> list[np.ndarray]:
        """The parameters and their gradients, copied."""
        parameters = list(self.network.parameters())
        grads = [p.grad for p in parameters if p.grad is not None]
        return [np.array(x.detach().numpy()) for x in (*parameters, *grads)]


def _words(torch: Any) -> dict[str, Any]:
    return {**WORDS} if torch is None else {"torch": torch}


@st.composite
def networks(draw: Draw, *, max_layers: int = 3, kinks: bool = True, outputs: int | None = None) -> Network:
    """Networks of linear layers, activations and normalizations, with their input of several rows."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=max_layers + 1))
    sizes[-1] = sizes[-1] if outputs is None else outputs
    layers = []
    for i, (n, m) in enumerate(pairwise(sizes)):
        if i:
            layers.append(draw(st.sampled_from(SMOOTH + KINKED * kinks)))
            layers += [norm.format(n=n) for norm in draw(st.lists(st.sampled_from(NORMS), max_size=1))]
        bias = "" if draw(st.booleans()) else ", bias=False"
        layers.append(f"Linear({n}, {m}{bias})")
    text = ", ".join(f"torch.nn.{layer}" for layer in layers)
    return Network(f"torch.nn.Sequential({text})", (draw(st.integers(2, 5)), sizes[0]))


@st.composite
def training_steps(draw: Draw, *, kinks: bool = True) -> TrainingStep:
    """A network with an optimizer and a loss, and the data of one batch."""
    loss, kind = draw(st.sampled_from(sorted(LOSSES.items())))
    outputs = draw(st.integers(2, 4))
    network = draw(networks(kinks=kinks, outputs=outputs))
    rows = network.shape[0]
    y = tensors((rows,), "int64", low=0, high=outputs - 1) if kind == "classes" else tensors((rows, outputs))
    text = STEP.format(loss=loss.format(out="network(x)"))
    return TrainingStep(
        network, draw(st.sampled_from(OPTIMIZERS)), text, draw(tensors(network.shape)), draw(y)
    )
