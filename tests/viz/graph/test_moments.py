"""Pictures after an update, and of gradients that added up: numbers of one moment, and a word on the others."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import autograd, nn, optim
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.graph.graph_builder import graph_of


def leaf(data, name=None):
    return tensor(data, requires_grad=True, name=name)


def step(*parameters, lr=0.1):
    optim.SGD(parameters, lr=lr).step()


def seen(graph):
    return {
        node.name: (node.value_caption, node.value.texts, node.gradient and node.gradient.texts)
        for node in graph.nodes
    }


def test_after_an_update_the_graph_has_its_numbers_and_says_what_moved():
    w = leaf([1.0, 2.0], "w")
    loss = (w * w).sum()
    loss.backward()
    step(w)

    graph = graph_of(loss)

    assert seen(graph) == {
        "w": ("value then", [["1", "2"]], [["2", "4"]]),
        "v0": ("value", [["1", "4"]], [["1", "1"]]),
        "L": ("value", [["5"]], [["1"]]),
    }
    assert graph.nodes[0].now.texts == [["0.8", "1.6"]]
    assert graph.notes == ("moved since: w [1 2] → [0.8 1.6]",)


def test_values_that_were_updated_are_marked_too():
    w = Value(2.0, label="w")
    loss = w * w
    loss.backward()
    w.data -= 0.05 * w.grad

    graph = graph_of(loss)

    assert seen(graph)["w"] == ("value then", [["2"]], [["4"]])
    assert graph.notes == ("moved since: w 2 → 1.8",)


def test_numbers_that_are_gone_are_called_those_of_now():
    w = leaf([1.0, 2.0], "w")
    loss = (w * w).sum()
    loss.backward()
    step(w, lr=0.125)
    step(w, lr=0.125)

    graph = graph_of(loss)

    assert seen(graph)["w"] == ("value now", [["0.5", "1"]], [["2", "4"]])
    assert graph.gradient_caption(graph.nodes[0]) == ".grad"
    assert graph.notes == ("value now: w was overwritten since the graph was computed",)


def test_of_many_that_moved_three_are_named_and_of_many_numbers_the_largest_change():
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
    loss = net(tensor(np.ones((2, 3)))).sum()
    loss.backward()
    with_large_change = net[0].weight
    step(*net.parameters(), lr=1.0)

    (note,) = graph_of(loss, {"net": net}).notes

    change = float(np.abs(with_large_change.grad.numpy()).max())
    assert note.startswith(f"moved since: net.0.weight by at most {change:.3g}")
    assert note.endswith("and 1 more")


def accumulated(passes=2):
    w = leaf([1.0, 2.0], "w")
    for _ in range(passes):
        loss = (w * w).sum()
        loss.backward()
    return w, loss


def test_a_gradient_that_added_up_is_not_shown_as_that_of_the_loss():
    w, loss = accumulated(3)

    graph = graph_of(loss)

    assert w.grad.tolist() == [6, 12]
    assert graph.nodes[0].gradient.texts == [["2", "4"]]
    assert graph.gradient_caption(graph.nodes[0]) == "∂L/∂w"
    assert graph.notes == (".grad added up over several passes, or was changed: w.grad is 3 times ∂L/∂w",)


def test_a_gradient_that_was_changed_is_told_in_numbers_if_they_are_few():
    w, loss = accumulated(1)
    w.grad[0] = 7.0

    assert graph_of(loss).notes[0].endswith(": w.grad is 7 4, not ∂L/∂w")


def test_a_gradient_of_many_numbers_that_was_changed_is_only_named():
    w = leaf(np.arange(6.0), "w")
    loss = (w * w).sum()
    loss.backward()
    w.grad[0] = 7.0

    assert graph_of(loss).notes[0].endswith(": w.grad is not ∂L/∂w")


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_a_gradient_of_the_loss_alone_needs_no_note_in_any_dtype(scale):
    for dtype in ("float32", "float64"):
        w = tensor(np.linspace(-1, 1, 5) * scale, dtype=dtype, requires_grad=True)
        loss = (w * 3).sum()
        loss.backward()

        assert graph_of(loss).notes == ()


def test_after_zero_grad_no_gradient_of_a_leaf_is_shown():
    w, loss = accumulated(1)
    w.grad = None

    assert graph_of(loss).nodes[0].gradient is None


def test_a_picture_calls_no_hook():
    w, seen = leaf([3.0, 4.0], "w"), []
    h = w * 2
    h.register_hook(lambda g: seen.append(g) or g * 10)
    loss = h.sum()
    loss.backward()

    graph = graph_of(loss)

    assert len(seen) == 1
    assert graph.nodes[0].gradient.texts == [["20", "20"]]
    assert graph.gradient_caption(graph.nodes[0]) == ".grad"


def test_a_rule_that_runs_only_once_leaves_what_is_stored():
    class Once(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.left = [2.0]
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * ctx.left.pop()

    w = leaf([3.0, 4.0], "w")
    loss = Once.apply(w).sum()
    loss.backward()

    graph = graph_of(loss)

    assert graph.nodes[1].gradient.texts == [["2", "2"]]
    assert graph.gradient_caption(graph.nodes[1]) == ".grad"


UPDATES = {
    "SGD": lambda w: optim.SGD([w], lr=0.1),
    "LBFGS": lambda w: optim.LBFGS([w], lr=0.1, max_iter=4),
    "line search": lambda w: optim.LBFGS([w], lr=0.1, line_search_fn="strong_wolfe"),
}


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("update", UPDATES)
def test_after_an_update_of_any_kind_the_loss_that_it_returns_has_its_numbers(update, watched):
    w = leaf([2.0, 1.0], "w")
    optimizer = UPDATES[update](w)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with autograd.set_detect_anomaly(watched):
        loss = optimizer.step(closure)
    graph = graph_of(loss)

    assert graph.nodes[0].value.texts == [["2", "1"]]
    assert graph.nodes[0].value_caption == "value then"
    assert graph.notes[0].startswith("moved since: w [2 1] →")


def test_of_a_loss_in_the_middle_of_an_update_the_parameters_are_lost():
    w, losses = leaf([2.0, 1.0], "w"), []
    optimizer = optim.LBFGS([w], lr=0.1, max_iter=4)

    def closure():
        optimizer.zero_grad()
        losses.append((w * w).sum())
        losses[-1].backward()
        return losses[-1]

    optimizer.step(closure)

    assert graph_of(losses[1]).nodes[0].value_caption == "value now"
