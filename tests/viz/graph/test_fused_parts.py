"""Fused operations in their parts: the numbers and gradients are those of the whole operation."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, optim, tensor
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.examples import example
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.graph.fused_parts import in_parts

RNG = np.random.default_rng(0)
F = nn.functional
SINGLE = {"cast", "column_sums"}  # which are one operation on paper, too
FUSED = [
    name
    for name, operation in OPERATIONS.items()
    if (operation.readings.paper or callable(operation.readings.scalars)) and operation.differentiable
]


def leaf(data, name=None):
    return tensor(data, requires_grad=True, name=name)


def signs(drawing):
    return [node.operation for node in drawing.graph.nodes if node.operation]


def classified(scale=1.0):
    net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3))
    return net, F.cross_entropy(scale * net(tensor(RNG.normal(size=(2, 3)))), tensor([0, 2]))


@pytest.mark.parametrize("name", FUSED)
def test_the_parts_have_the_numbers_and_pass_the_gradients_of_the_operation(name):
    arrays, settings = example(OPERATIONS[name], 2)
    inputs = [tensor(x, requires_grad=np.asarray(x).dtype.kind == "f") for x in arrays]
    whole = OPERATIONS[name](*inputs, **settings)
    g = RNG.normal(size=whole.shape)

    computation = in_parts(Computation(whole), True, Names()).computation

    (end,) = computation.ends
    assert (len(computation.results) > 1) == (name not in SINGLE)
    recomputed = end.operation(*(getattr(x, "raw", x) for x in end.inputs), **end.settings)
    np.testing.assert_allclose(recomputed, whole.raw, rtol=1e-12, atol=1e-14)
    expected, found = gradients_of(whole, g), gradients_of(end, g)
    for x in inputs:
        if x in expected:
            np.testing.assert_allclose(found[x], expected[x], rtol=1e-12, atol=1e-14)


def test_a_layer_and_a_loss_are_drawn_as_their_formulas():
    net, loss = classified()
    loss.backward()

    drawing = draw(loss, names={"net": net}, parts=True)

    layer = ["permute", "matmul", "add"]
    cross_entropy = [
        "one_hot",
        "exp",
        "sum",
        "log",
        "subtract",
        "multiply",
        "sum",
        "negative",
        "sum",
        "divide",
    ]
    assert signs(drawing) == [*layer, "tanh", *layer, "multiply", *cross_entropy]
    graph = drawing.graph
    assert [graph.title(i) for i in range(len(graph.scopes))] == (
        ["net: Sequential", "0: Linear", "1: Tanh", "2: Linear", "cross_entropy", "log_softmax"]
    )
    weight = next(node for node in graph.nodes if node.name == "net.0.weight")
    transposed = next(node for node in graph.nodes if node.operation == "permute")
    np.testing.assert_array_equal(transposed.gradient.rows, np.transpose(weight.gradient.rows))
    assert "linear" not in drawing.text
    assert "net.0.weightᵀ" in drawing.html


def test_only_what_is_named_is_opened():
    _, loss = classified()

    cross_entropy = ["one_hot", "log_softmax", "multiply", "sum", "negative", "sum", "divide"]
    assert signs(draw(loss, parts=["cross_entropy"])) == [
        "linear",
        "tanh",
        "linear",
        "multiply",
        *cross_entropy,
    ]
    assert signs(draw(loss, parts="linear"))[-3:] == ["add", "multiply", "class_cross_entropy"]


def test_the_graph_of_the_user_stays_whole():
    net, loss = classified()
    loss.backward()
    before = [p.raw_grad().copy() for p in net.parameters()]

    draw(loss, parts=True).html  # noqa: B018 - the page computes, too

    assert signs(draw(loss)) == ["linear", "tanh", "linear", "multiply", "class_cross_entropy"]
    for p, gradient in zip(net.parameters(), before, strict=True):
        np.testing.assert_array_equal(p.raw_grad(), gradient)
        assert p.views is None


def test_after_an_update_the_parts_have_the_numbers_of_before():
    w = leaf([[2.0, 1.0]], "w")
    loss = F.linear(tensor([[1.0, 3.0]]), w).sum()
    loss.backward()

    before = draw(loss, parts=True)
    optim.SGD([w], lr=0.5).step()
    after = draw(loss, parts=True)

    for drawing in (before, after):
        transposed = next(node for node in drawing.graph.nodes if node.operation == "permute")
        assert transposed.value.texts == [["2"], ["1"]]
        assert drawing.html
    assert after.graph.notes == ("moved since: w [2 1] → [1.5 −0.5]",)


def test_parts_that_overflow_leave_the_operation_whole():
    probability = leaf([1.0, 0.5], "p")  # log(1 - p) would be infinite

    loss = F.binary_cross_entropy(probability, tensor([1.0, 0.0]))

    assert signs(draw(loss, parts=True)) == ["binary_cross_entropy", "sum", "divide"]


def test_large_logits_are_shifted():
    _, loss = classified(scale=1e4)

    assert draw(loss, parts=True).graph.nodes[-1].value.texts == draw(loss).graph.nodes[-1].value.texts


def test_what_is_marked_and_named_is_so_in_parts():
    x, w = tensor([[1.0, 3.0]]), leaf([[2.0, 1.0]])
    z = F.linear(x, w)
    y = z.tanh()

    graph = draw(y.sum(), mark=[y], names={"z": z, "y": y}, parts=True).graph

    assert [node.name for node in graph.nodes if node.marked] == ["y"]
    assert [node.operation for node in graph.nodes if node.name == "z"] == ["matmul"]


def test_numbers_overwritten_in_place_are_followed():
    x, w = tensor([[1.0, 3.0]]), leaf([[2.0, 1.0], [0.0, 1.0]], "w")
    h = F.linear(x, w)
    h *= 2
    h[0, 0] = 7.0
    loss = F.linear(h, w).sum()
    loss.backward()

    graph = draw(loss, parts=True).graph

    assert graph.nodes[-1].value.texts == [["26"]]
    assert graph.notes == ()


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ("softplus", ValueError, "in the graph, got 'softplus'; it has cross_entropy, linear"),
        (3, TypeError, "parts=True or names of operations, got 3"),
        ([None], TypeError, r"got \[None\]; write parts="),
    ],
)
def test_what_cannot_be_opened_is_named(parts, error, message):
    _, loss = classified()

    with pytest.raises(error, match=message):
        draw(loss, parts=parts)
