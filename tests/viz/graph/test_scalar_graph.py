from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.functions.joining import cat
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.graph.scalar_graph import opened

RNG = np.random.default_rng(0)
STEPS = {
    "linear": lambda x, w: nn.functional.linear(x, w).tanh().sum(),
    "matmul": lambda x, w: (x @ w.T).sigmoid().mean(),
    "vectors": lambda x, w: (x[0] @ w[0]).exp(),
    "bias": lambda x, w: (x @ w.T + w.sum(dim=1)).relu().sum(),
    "softmax": lambda x, w: (x @ w.T).softmax(dim=1).log().mean(),
    "log_softmax": lambda x, w: (x @ w.T).log_softmax(dim=1)[0, 1],
    "logsumexp": lambda x, w: (x @ w.T).logsumexp(dim=1).sum(),
    "large logits": lambda x, w: (1000 * (x @ w.T)).logsumexp(dim=1).sum(),
    "cross_entropy": lambda x, w: nn.functional.cross_entropy(x @ w.T, tensor([1, 0])),
    "moves": lambda x, w: (cat([x, w], dim=0).reshape(-1).reshape(4, 3).T ** 2).sum(),
    "keepdim": lambda x, w: (w / w.mean(dim=1, keepdim=True)).sum() + x.sum(),
    "used twice": lambda x, w: ((w * w) * x).sum(),
}


def leaves_of(ends):
    found, waiting = {}, list(ends)
    while waiting:
        value = waiting.pop()
        if value not in found:
            found[value] = value.label
            waiting += [x for x in value.inputs if isinstance(x, Value)]
    return {label: value for value, label in found.items() if label}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_the_numbers_and_gradients_are_those_of_the_tensors(step):
    x, w = tensor(RNG.random((2, 3)), name="x"), tensor(RNG.random((2, 3)), requires_grad=True, name="w")
    result = step(x, w)
    result.backward()

    (end,) = opened(result).ends

    assert end.data == pytest.approx(result.item(), rel=1e-9)
    for label, value in leaves_of([end]).items():
        if label.startswith("w["):
            i, j = map(int, label[2:-1].split(","))
            assert value.grad == pytest.approx(w.raw_grad()[i, j], rel=1e-9, abs=1e-12)


def test_a_neuron_is_drawn_as_single_numbers_with_their_names():
    x = tensor([1.0, 2.0], name="x")
    w, b = tensor([3.0, -4.0], requires_grad=True, name="w"), tensor(5.0, requires_grad=True, name="b")
    y = (w @ x + b).tanh()
    y.backward()

    graph = draw(y, names={"y": y}, scalars=True).graph

    assert {"x[0]", "x[1]", "w[0]", "w[1]", "b", "y"} <= {node.name for node in graph.nodes}
    assert [node.operation for node in graph.nodes if node.operation] == [
        "multiply",
        "multiply",
        "add",
        "add",
        "tanh",
    ]
    assert graph.differentiated
    assert {node.name for node in graph.nodes if node.kind == "parameter"} == {"w[0]", "w[1]", "b"}
    assert {node.name for node in graph.nodes if node.kind == "input"} == {"x[0]", "x[1]"}


def test_every_input_of_an_operation_is_opened():
    parts = [tensor([float(i)], requires_grad=True) for i in range(40)]

    graph = draw(cat(parts).sum(), scalars=True, max_nodes=200).graph

    assert sum(node.kind == "parameter" for node in graph.nodes) == 40
    assert graph.nodes[-1].value.texts == [["780"]]


def test_before_backward_no_gradient_is_shown():
    x = tensor([1.0, 2.0], requires_grad=True, name="x")

    assert all(node.gradient is None for node in draw((x * x).sum(), scalars=True).graph.nodes)


def test_a_module_is_opened_with_its_input():
    net = nn.Linear(2, 1)

    names = {node.name for node in draw(net, np.ones((1, 2)), scalars=True).graph.nodes}

    assert {"x[0,0]", "x[0,1]", "net.weight[0,0]", "net.weight[0,1]", "net.bias[0]"} <= names


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (Value(1.0), TypeError, "scalars=True needs Tensors, got Value"),
        (
            tensor(np.ones((50, 50))) @ tensor(np.ones((50, 50)), requires_grad=True),
            ValueError,
            "at most 2,000",
        ),
        (tensor([1.0, 2.0], requires_grad=True).max(), ValueError, "meaning for single numbers, got amax"),
    ],
    ids=["Value", "too many", "amax"],
)
def test_what_cannot_be_opened_is_told(x, error, message):
    with pytest.raises(error, match=message):
        draw(x, scalars=True)


def test_single_numbers_of_an_updated_leaf_are_said_to_be_computed_anew():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    loss = (w * w).sum()
    with no_grad():
        w -= 0.25
        w -= 0.25

    graph = draw(loss, scalars=True).graph

    assert graph.nodes[-1].value.texts == [["2.5"]]
    assert graph.notes == ("computed anew: w was overwritten since the graph was computed",)
