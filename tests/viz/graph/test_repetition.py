from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.graph.repetition import repeated

RNG = np.random.default_rng(0)


def weights(*shape, name):
    return tensor(RNG.normal(size=shape), requires_grad=True, name=name)


def recurrent(steps):
    """A recurrent network, step after step: (loss, its weights)."""
    wx, wh, b = weights(3, 4, name="Wx"), weights(4, 4, name="Wh"), weights(4, name="b")
    h = tensor(np.zeros((1, 4)), name="h0")
    for t in range(steps):
        h = (tensor(RNG.normal(size=(1, 3)), name=f"x{t}") @ wx + h @ wh + b).tanh()
    return (h**2).mean()


def neurons(sizes, inputs=(1.0, -2.0)):
    """A network of Values, neuron after neuron, as micrograd computes it."""
    x = [Value(v) for v in inputs]
    for wide in sizes:
        layer = [[Value(w) for w in RNG.normal(size=len(x) + 1)] for _ in range(wide)]
        x = [sum((w * v for w, v in zip(ws, x, strict=False)), ws[-1]).tanh() for ws in layer]
    return sum(x[1:], x[0])


def lengths(result):
    """The count and the length of the equal parts."""
    results = Computation(result).results[::-1]
    return [(len(run), len(run[0])) for run in repeated(results, np.ones(len(results), dtype=bool))]


def signs(result):
    return [node.sign for node in draw(result).graph.nodes if node.kind == "module"]


def chain(n):
    x = tensor([1.0], requires_grad=True)
    for _ in range(n):
        x = x.tanh()
    return x


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (recurrent(10), [(10, 5)]),
        (chain(50), [(50, 1)]),
        (neurons([4, 5, 1]), [(5, 9), (4, 5), (5, 2)]),
        (chain(3), []),
    ],
    ids=["recurrent", "chain", "neurons", "too few"],
)
def test_parts_are_as_long_as_a_reader_would_say(result, expected):
    assert lengths(result) == expected


def test_steps_of_a_loop_are_one_card_that_says_how_often():
    graph = draw(recurrent(10)).graph

    card = next(node for node in graph.nodes if node.kind == "module")
    assert card.sign == "@ … tanh ×10"
    assert card.inside == ("10 times in turn: @ @ + + tanh",)
    assert {"Wx", "Wh", "b"} <= {graph.nodes[e.source].name for e in graph.edges}
    assert graph.notes == ("showing 7 of 66 tensors; folded: @ … tanh ×10; max_nodes=66 shows all",)


def test_neurons_of_a_layer_are_one_card():
    graph = draw(neurons([16, 16])).graph

    inside = [node.inside[-1] for node in graph.nodes if node.kind == "module"]
    assert inside[0] == "16 times side by side: × + × + tanh"
    assert len(graph.nodes) < 12


def test_a_plain_number_that_differs_is_not_in_the_caption():
    x = [Value(float(i), label=f"x{i}") for i in range(20)]
    losses = [(1 + -y * v).relu() for v, y in zip(x, [1, -1, -1, 1] * 5, strict=True)]

    graph = draw(sum(losses[1:], losses[0])).graph

    assert "20 times side by side: × 1 + relu" in [node.inside[-1] for node in graph.nodes if node.inside]


def test_results_of_equal_parts_are_counted_where_they_are_used():
    w = weights(2, 2, name="w")
    losses = [((tensor(RNG.normal(size=(1, 2))) @ w).tanh() ** 2 * 3).exp().mean() for _ in range(10)]

    graph = draw((sum(losses[1:], losses[0])).exp() * losses[2]).graph
    assert any(node.name == "10 results" for node in graph.nodes)
    assert graph.nodes[-1].expression.endswith("result3")


def test_the_numbers_of_a_folded_chain_are_those_of_its_end():
    result = recurrent(10)
    h = Computation(result).results[2]

    card = next(node for node in draw(result).graph.nodes if node.kind == "module")

    np.testing.assert_array_equal(card.value.rows, h.raw)


def test_parts_that_differ_inside_are_not_folded_together():
    x = tensor(np.ones((2, 2)), requires_grad=True)
    for i in range(30):
        y = x.exp()
        x = y * y if i % 2 else y * x

    assert signs(x.sum()) == ["exp … × ×15"]


def test_leaves_that_only_a_folded_card_uses_are_one_card():
    x = [Value(float(i), label=f"x{i}") for i in range(9)]
    parts = [sum((v * weight for v in x), Value(0.0)).tanh() for weight in (2.0, 3.0, 4.0, 5.0)]

    graph = draw(sum(parts, Value(0.0))).graph

    pile = next(node for node in graph.nodes if node.name == "9 inputs")
    assert pile.inside == ("x0 … x8",)


def test_nothing_is_folded_for_who_asks_for_all():
    result = recurrent(10)

    assert len(draw(result, max_nodes=66).graph.nodes) == 66


def test_a_step_of_many_neurons_and_examples_is_one_screen():
    layers = [
        [[Value(w) for w in RNG.normal(size=n + 1)] for _ in range(m)] for n, m in ((2, 8), (8, 8), (8, 1))
    ]

    def network(x):
        for layer in layers:
            x = [sum((w * v for w, v in zip(ws, x, strict=False)), ws[-1]).tanh() for ws in layer]
        return x[0]

    losses = [(network([Value(a), Value(b)]) - 1.0) ** 2 for a, b in RNG.normal(size=(10, 2))]
    loss = sum(losses[1:], losses[0]) * 0.1

    assert len(draw(loss).graph.nodes) < 12
    assert any(sign.endswith("×10") for sign in signs(loss))
