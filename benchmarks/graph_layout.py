"""The size of pictures: our layout beside Graphviz's of the same cards, for the graphs that learners draw.

python benchmarks/graph_layout.py [folder for the pictures]

Graphviz is given every card, pill and label as a rectangle of the size that our picture has, and every edge. It runs
as the program `dot`; without it only our own sizes are printed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu import Value, draw, nn, tensor
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.viz.drawing.picture import Picture, arranged
from tinygrad_edu.viz.graph.graph_model import Graph

RNG = np.random.default_rng(0)
INCH = 72.0
Drawn = tuple[Any, dict[str, Any]]  # a result, and names for `draw`


def _parameters(**shapes: tuple[int, ...]) -> dict[str, Any]:
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
    p = _parameters(w=(2, 1), b=(1,))
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
    p = _parameters(Wq=(8, 8), Wk=(8, 8), Wv=(8, 8), Wo=(8, 8))
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
    p = _parameters(Wx=(3, 4), Wh=(4, 4), b=(4,), Wy=(4, 2))
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
    p = _parameters(**{f"{n}{i}": (4, 4) for i in range(8) for n in ("A", "B")})
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
    p = _parameters(E=(5, 3), W=(9, 5), b=(5,))
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
    p = _parameters(w=(3, 2), b=(2,))
    x, y = tensor(RNG.normal(size=(4, 3)), name="x"), tensor(RNG.random((4, 2)), name="y")
    z = x @ p["w"] + p["b"]
    total = (
        ((z - y) ** 2).mean() + (z - y).abs().mean() + nn.functional.binary_cross_entropy_with_logits(z, y)
    )
    total = total + nn.functional.smooth_l1_loss(z, y) - (y * z.log_softmax(1)).sum(1).mean()
    return total, {"z": z}


def batch_norm() -> Drawn:
    p = _parameters(gain=(4,), shift=(4,), W=(3, 4))
    h = tensor(RNG.normal(size=(5, 3)), name="x") @ p["W"]
    mean = h.mean(0, keepdim=True)
    centred = h - mean
    variance = (centred**2).sum(0, keepdim=True) / 4
    out = centred / (variance + 1e-5).sqrt() * p["gain"] + p["shift"]
    names = {"h": h, "mean": mean, "centred": centred, "variance": variance, "out": out}
    return out.tanh().mean(), names


def contrastive() -> Drawn:
    p = _parameters(A=(4, 3), B=(5, 3))
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


GRAPHS: tuple[Callable[[], Drawn], ...] = (
    neuron, logistic, exam, mlp, attention, heads, rnn, rnn_losses, lstm, residual, residuals, gan, embedding,
    convolution, transformer, transformer_flat, second_order, in_place, five_losses, batch_norm, contrastive,
    chain, values_mlp, moons, plan,
)  # fmt: skip


def graphviz_size(picture: Picture, graph: Graph) -> tuple[float, float]:
    """The width and height of Graphviz's layout of the same cards in the same boxes, in pixels."""
    lines = ['digraph { nodesep=0.35 ranksep=0.4 node [shape=box fixedsize=true label=""]']
    lines += [line for i, node in enumerate(graph.nodes) if node.scope is None for line in _node(picture, i)]
    lines += [
        line
        for i, scope in enumerate(graph.scopes)
        if scope.parent is None
        for line in _cluster(picture, graph, i)
    ]
    lines += [line for i in range(len(graph.nodes), len(picture.boxes)) for line in _node(picture, i)]
    for link in picture.links:
        box = picture.boxes[link.target]
        into = f"o{link.target}" if box.pill and not box.flat else f"n{link.target}"
        words = (
            f' [label="{"x" * round(link.label / 6)}" fontname=Helvetica fontsize=11]' if link.label else ""
        )
        lines.append(f"n{link.source} -> {into}{words}")
    made = subprocess.run(
        ["dot", "-Tplain"],
        input="\n".join([*lines, "}"]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    _, _, wide, high = made.stdout.partition("\n")[0].split()
    return float(wide) * INCH, float(high) * INCH


def _node(picture: Picture, i: int) -> list[str]:
    box = picture.boxes[i]
    lines = [f"n{i} [width={box.width / INCH:.3f} height={box.height / INCH:.3f}]"]
    if box.pill and not box.flat:
        lines.append(f"o{i} [width={box.pill[0] / INCH:.3f} height={box.pill[1] / INCH:.3f}] o{i} -> n{i}")
    return lines


def _cluster(picture: Picture, graph: Graph, i: int) -> list[str]:
    lines = [f'subgraph cluster_{i} {{ label="{"x" * 8}" fontsize=11']
    for k, scope in enumerate(graph.scopes):
        lines += _cluster(picture, graph, k) if scope.parent == i else []
    lines += [line for k, node in enumerate(graph.nodes) if node.scope == i for line in _node(picture, k)]
    return [*lines, "}"]


def main() -> None:
    """Print the table, and save the pictures if a folder is given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with_dot = shutil.which("dot") is not None
    print(f"{'graph':18}{'nodes':>6}{'ours':>14}{'Graphviz':>14}{'width':>8}{'height':>8}")
    for make in GRAPHS:
        manual_seed(0)
        result, names = make()
        if hasattr(result, "backward"):
            result.backward()
        drawing = draw(result, names=names)
        picture = arranged(drawing.graph)
        wide, high = picture.plan.width, picture.plan.height
        line = f"{make.__name__:18}{len(drawing.graph.nodes):6}{wide:8.0f}x{high:<5.0f}"
        if with_dot:
            w, h = graphviz_size(picture, drawing.graph)
            line += f"{w:8.0f}x{h:<5.0f}{wide / w:8.2f}{high / h:8.2f}"
        print(line)
        if folder:
            drawing.save(folder / f"{make.__name__}.svg")


if __name__ == "__main__":
    main()
