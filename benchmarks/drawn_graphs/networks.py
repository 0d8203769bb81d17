"""Networks that learners draw: a neuron, layers, attention, recurrence, residual blocks, GAN, transformer."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu import Value, nn, tensor

RNG = np.random.default_rng(0)
Drawn = tuple[Any, dict[str, Any]]  # a result, and names for `draw`


def parameters(**shapes: tuple[int, ...]) -> dict[str, Any]:
    return {
        name: tensor(RNG.normal(size=shape), requires_grad=True, name=name) for name, shape in shapes.items()
    }


def neuron() -> Drawn:
    """`tanh(x1 w1 + x2 w2 + b)` on Values, micrograd's first picture."""
    x1, x2, w1, w2, b = (
        Value(x, label=n) for n, x in {"x1": 2.0, "x2": 0.0, "w1": -3.0, "w2": 1.0, "b": 6.88}.items()
    )
    o = (x1 * w1 + x2 * w2 + b).tanh()
    return o, {"o": o}


def logistic() -> Drawn:
    p = parameters(w=(2, 1), b=(1,))
    x, y = tensor(RNG.normal(size=(3, 2)), name="x"), tensor([[1.0], [0.0], [1.0]], name="y")
    loss = (((x @ p["w"] + p["b"]).sigmoid() - y) ** 2).mean()
    return loss, {}


def exam() -> Drawn:
    from tinygrad_edu.exam import problem3  # noqa: PLC0415
    from tinygrad_edu.exam.paper import Problem3  # noqa: PLC0415

    return problem3.network(problem3.initial().centre).objective(Problem3.X, Problem3.Y), {}


def mlp() -> Drawn:
    net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    return nn.functional.cross_entropy(
        net(tensor(RNG.normal(size=(4, 2)), name="x")), tensor([0, 1, 1, 0])
    ), {"net": net}


def attention() -> Drawn:
    p = parameters(Wq=(8, 8), Wk=(8, 8), Wv=(8, 8), Wo=(8, 8))
    x, mask = (
        tensor(RNG.normal(size=(4, 8)), name="x"),
        tensor(np.triu(np.full((4, 4), -1e9), 1), name="mask"),
    )
    q, k, v = x @ p["Wq"], x @ p["Wk"], x @ p["Wv"]
    scores = q @ k.T / 8**0.5 + mask
    weights = scores.softmax(-1)
    out = x + (weights @ v) @ p["Wo"]
    loss = (out**2).mean()
    return loss, {"q": q, "k": k, "v": v, "scores": scores, "weights": weights, "out": out}


def heads() -> Drawn:
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    x = tensor(RNG.normal(size=(1, 4, 8)), name="x")
    return (layer(x, x, x)[0] ** 2).mean(), {"attention": layer}


def rnn(steps: int = 10, each: bool = False) -> Drawn:
    p = parameters(Wx=(3, 4), Wh=(4, 4), b=(4,), Wy=(4, 2))
    h = tensor(np.zeros((1, 4)), name="h0")
    losses = []
    for t in range(steps):
        x = tensor(RNG.normal(size=(1, 3)), name=f"x{t}")
        h = (x @ p["Wx"] + h @ p["Wh"] + p["b"]).tanh()
        if each:
            losses.append(((h @ p["Wy"]) ** 2).mean())
    return sum(losses[1:], losses[0]) if each else ((h @ p["Wy"]) ** 2).mean(), {}


def rnn_losses() -> Drawn:
    return rnn(5, each=True)


def lstm() -> Drawn:
    cell = nn.LSTMCell(3, 4)
    h, c = tensor(np.zeros((1, 4)), name="h0"), tensor(np.zeros((1, 4)), name="c0")
    for _ in range(6):
        h, c = cell(tensor(RNG.normal(size=(1, 3))), (h, c))
    return (h**2).mean(), {"cell": cell}


class Residual(nn.Module):
    """`x + W2 relu(W1 norm(x))`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        return x + self.fc2(self.fc1(self.norm(x)).relu())


def residual() -> Drawn:
    net = Residual(4)
    return (net(tensor(RNG.normal(size=(2, 4)), name="x")) ** 2).mean(), {}


def residuals() -> Drawn:
    p = parameters(**{f"{n}{i}": (4, 4) for i in range(8) for n in ("A", "B")})
    x = tensor(RNG.normal(size=(2, 4)), name="x")
    for i in range(8):
        x = x + (x @ p[f"A{i}"]).relu() @ p[f"B{i}"]
    return (x**2).mean(), {}


def gan() -> Drawn:
    generator = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3))
    critic = nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1))
    real, z = tensor(RNG.normal(size=(4, 3)), name="real"), tensor(RNG.normal(size=(4, 2)), name="z")
    ones, zeros = tensor(np.ones((4, 1)), name="ones"), tensor(np.zeros((4, 1)), name="zeros")
    loss = nn.functional.binary_cross_entropy_with_logits(critic(real), ones)
    loss = loss + nn.functional.binary_cross_entropy_with_logits(critic(generator(z)), zeros)
    return loss, {"generator": generator, "critic": critic}


def embedding() -> Drawn:
    p = parameters(E=(5, 3), W=(9, 5), b=(5,))
    ids, targets = tensor(np.array([[0, 1, 2], [3, 4, 0]]), name="ids"), tensor([3, 1])
    h = p["E"][ids].reshape(2, 9).tanh()
    return nn.functional.cross_entropy(h @ p["W"] + p["b"], targets), {"h": h}


def convolution() -> Drawn:
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 4, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(16, 3),
    )
    images = tensor(RNG.normal(size=(2, 1, 10, 10)), name="images")
    return nn.functional.cross_entropy(net(images), tensor([0, 2])), {"net": net}


def transformer() -> Drawn:
    block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    return (block(tensor(RNG.normal(size=(1, 4, 8)), name="x")) ** 2).mean(), {"block": block}


def transformer_flat() -> Drawn:
    return transformer()[0], {}
