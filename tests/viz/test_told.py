from __future__ import annotations

import numpy as np

from tinygrad_edu import nn
from tinygrad_edu.tensor import tensor
from tinygrad_edu.viz import draw

X = np.ones((2, 3))


class Block(nn.Module):
    def __init__(self):
        self.fc1, self.fc2 = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return x + self.fc2(self.fc1(x).relu())


class Before(nn.Module):
    """Begins with what has no parameter."""

    def __init__(self):
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        h = x.relu()
        return x + self.fc(h)


def operations(graph):
    return [
        (node.operation, graph.scopes[node.scope].path if node.scope is not None else "")
        for node in graph.nodes
        if node.operation
    ]


def test_of_a_finished_graph_the_parameters_tell_the_module():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    loss = (net(tensor(X)) ** 2).mean()

    for graph in (draw(loss, names={"net": net}).graph, draw(loss, model=net).graph):
        assert operations(graph)[:3] == [("linear", "net.0"), ("relu", "net"), ("linear", "net.2")]
        assert {path for _, path in operations(graph)[3:]} == {""}


def test_a_penalty_on_a_weight_is_not_said_to_be_computed_by_its_module():
    net = nn.Linear(3, 1)
    loss = net(tensor(X)).sum() + (net.weight**2).sum()

    graph = draw(loss, model=net).graph

    assert [path for name, path in operations(graph) if name == "power"] == [""]


def test_what_the_code_of_a_module_computes_after_its_parameters_is_its_own():
    net = nn.Sequential(Block(), Block())
    loss = net(tensor(X)).sum()

    assert operations(draw(loss, model=net).graph) == [
        *[("linear", "net.0.fc1"), ("relu", "net.0"), ("linear", "net.0.fc2"), ("add", "net.0")],
        *[("linear", "net.1.fc1"), ("relu", "net.1"), ("linear", "net.1.fc2"), ("add", "net.1")],
        ("sum", ""),
    ]


def test_what_might_be_the_end_of_one_module_or_the_beginning_of_the_next_is_said_to_be_in_neither():
    net = nn.Sequential(Before(), Before())

    found = operations(draw(net(tensor(X)), model=net).graph)

    assert found[-4:] == [("add", "net.0"), ("relu", "net"), ("linear", "net.1.fc"), ("add", "net.1")]


def test_what_is_told_agrees_with_what_is_recorded_or_is_less_exact():
    for net in (nn.Sequential(Block(), Block(), nn.ReLU()), nn.Sequential(Before(), Before())):
        told = operations(draw(net(tensor(X)), model=net).graph)
        recorded = operations(draw(net, X).graph)

        assert [operation for operation, _ in told] == [operation for operation, _ in recorded]
        assert all(exact.startswith(path) for (_, path), (_, exact) in zip(told, recorded, strict=True))


def test_repeated_blocks_of_a_finished_graph_fold_with_their_gradients():
    net = nn.Sequential(*(Block() for _ in range(12)))
    loss = net(tensor(X)).sum()
    loss.backward()

    block = next(node for node in draw(loss, model=net).graph.nodes if node.kind == "module")

    assert block.sign == "Block ×12"
    assert block.inside[1].startswith("48 operations, gradient norm ")
