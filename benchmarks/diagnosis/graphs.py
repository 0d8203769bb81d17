"""The same networks as graphs of tinygrad_edu, spelt in the ways in which people write them; the seed picks one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diagnosis.networks import Network
from tinygrad_edu import Tensor, log, nn, tensor
from tinygrad_edu.nn import functional

Spelling = Callable[..., Tensor]

ACTIVATIONS: dict[str, list[Spelling]] = {
    "sigmoid": [functional.sigmoid, Tensor.sigmoid, lambda z: 1 / (1 + (-z).exp())],
    "tanh": [functional.tanh, Tensor.tanh],
    "relu": [functional.relu, Tensor.relu, lambda z: z.clamp(min=0)],
    "linear": [lambda z: z],
    "softmax": [lambda z: z.softmax(1), lambda z: z.exp() / z.exp().sum(1, keepdim=True)],
}
WEIGHED: list[Spelling] = [lambda a, W, b: a @ W + b, lambda a, W, b: b + a.matmul(W)]

# A loss of the scores z, the output p, the targets y, and what the sum is divided by.
BCE: list[Spelling] = [
    lambda z, p, y, n: -(y * log(p) + (1 - y) * log(1 - p)).mean(),
    lambda z, p, y, n: (-(y * p.log()) - (1 - y) * (1 - p).log()).sum() / n,
    lambda z, p, y, n: functional.binary_cross_entropy(p, y),
    lambda z, p, y, n: functional.binary_cross_entropy_with_logits(z, y),
]
CE: list[Spelling] = [
    lambda z, p, y, n: -(y * p.log()).sum(1).mean(),
    lambda z, p, y, n: -(y * log(p)).sum() / n,
    lambda z, p, y, n: -(y * z.log_softmax(1)).sum(1).mean(),
    lambda z, p, y, n: functional.cross_entropy(z, y),
    lambda z, p, y, n: functional.cross_entropy(z, tensor(np.argmax(y.numpy(), axis=1))),
]
MSE: list[Spelling] = [
    lambda z, p, y, n: functional.mse_loss(p, y),
    lambda z, p, y, n: ((p - y) ** 2).mean(),
    lambda z, p, y, n: ((p - y) * (p - y)).sum() / n,
]
HALF_MSE: list[Spelling] = [
    lambda z, p, y, n: ((p - y) ** 2).sum() / (2 * n),
    lambda z, p, y, n: (0.5 * (p - y) ** 2).sum(1).mean(),
    lambda z, p, y, n: functional.mse_loss(p, y, reduction="sum") / (2 * n),
]
LOSSES = {("BCE", 1.0): BCE, ("CE", 1.0): CE, ("MSE", 1.0): MSE, ("MSE", 0.5): HALF_MSE}


def graph(network: Network) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss and the parameters by name."""
    rng = np.random.default_rng([network.seed, 2])
    given = {name: nn.Parameter(network.as_kept(name, values)) for name, values in network.parameters.items()}
    for name, parameter in given.items():
        parameter.name = name
    z, p = _forward(network, given, rng)
    spelling = _one_of(LOSSES[network.loss, network.half], rng)
    loss = spelling(z, p, tensor(network.Y, name="Y"), network.count)
    if network.l2:
        loss = loss + network.l2 * sum((w**2).sum() for name, w in given.items() if name[0] == "W")
    return loss, given


def _one_of(spellings: list[Spelling], rng: np.random.Generator) -> Spelling:
    return spellings[rng.integers(len(spellings))]


def _forward(network: Network, given: dict[str, Tensor], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    weigh, first = _one_of(WEIGHED, rng), {"norm": _normalised, "conv": _convolved}.get(network.kind)
    a = skipped = tensor(network.X, name="X")
    for k in network.layers:
        f = _one_of(ACTIVATIONS[network.activations[k - 1]], rng)
        if first and k == 1:
            z = first(a, given)
        elif network.turned:
            z = _linear(given[network.weight(k)], given[network.bias(k)])(a)
        else:
            z = weigh(a, given[network.weight(k)], given[network.bias(k)])
        a = f(z) + skipped if network.kind == "skip" and k == 2 else f(z)
        skipped = a
    return z, a


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(*weight.shape[::-1])
    layer.weight, layer.bias = weight, bias
    return layer


def _normalised(x: Tensor, given: dict[str, Tensor]) -> Tensor:
    u = x @ given["W1"]
    centred = u - u.mean(0)
    return given["gamma1"] * (centred / ((centred**2).mean(0) + 1e-5).sqrt()) + given["beta1"]


def _convolved(x: Tensor, given: dict[str, Tensor]) -> Tensor:
    window, filters = given["W1"].shape
    steps = x.shape[1] - window + 1
    terms = [x[:, j : j + steps].unsqueeze(2) * given["W1"][j] for j in range(window)]
    return (sum(terms[1:], terms[0]) + given["b1"]).reshape(x.shape[0], steps * filters)
