from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.graph.folding import MAX_FOLDED_CARDS, MAX_UNFOLDED_TENSORS, summary

X = np.ones((2, 3))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return x + self.fc2(self.fc1(x).relu())


class Deep(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.stem, self.head = nn.Linear(3, 3), nn.Linear(3, 1)
        self.blocks = nn.Sequential(*blocks)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


@pytest.fixture
def deep():
    return Deep([Block() for _ in range(12)])


def card(graph, operation):
    return next(node for node in graph.nodes if node.operation == operation)


def test_blocks_that_repeat_are_one_card(deep):
    graph = draw(deep, X).graph

    block = card(graph, "Block")
    assert (block.kind, block.sign) == ("module", "Block ×12")
    assert block.expression == "deep.blocks.0 … deep.blocks.11(v0)"
    assert block.inside == ("48 parameters, 288 numbers", "48 operations")
    assert [node.operation for node in graph.nodes if node.operation] == ["linear", "Block", "linear"]


def test_blocks_with_different_operations_of_one_name_do_not_repeat():
    class Own(nn.Module):
        def __init__(self, power):
            super().__init__()
            self.fc = nn.Linear(3, 3)
            self.own = Operation(lambda x: x**power, lambda g, _y, x: g * x, name="own")

        def forward(self, x):
            return self.own(self.fc(x))

    same, different = Own(1), [Own(i) for i in range(40)]
    alike = [Own(1) for _ in range(40)]
    for block in alike:
        block.own = same.own

    assert "Own ×40" in draw(nn.Sequential(*alike), X).text
    assert "Own ×" not in draw(nn.Sequential(*different), X).text


def test_the_picture_says_what_it_folded_and_how_to_see_it(deep):
    drawing = draw(deep, X)

    assert drawing.graph.notes == ("showing 8 of 103 tensors; folded: Block ×12; depth=4 shows all",)
    assert drawing.graph.notes[0] in drawing.svg
    assert len(draw(deep, X, depth=4).graph.nodes) == 103


def test_a_folded_module_shows_the_numbers_of_its_result(deep):
    x = tensor(X)
    result = deep.blocks(deep.stem(x))

    block = card(draw(deep, X).graph, "Block")

    np.testing.assert_array_equal(block.value.rows, result.raw)


def test_a_block_of_another_shape_ends_the_run():
    class Wide(Block):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(3, 5), nn.Linear(5, 3)

    Wide.__name__ = "Block"
    net = Deep([*(Block() for _ in range(5)), Wide(), *(Block() for _ in range(6))])

    signs = [node.sign for node in draw(net, X).graph.nodes if node.kind == "module"]

    assert signs == ["Block ×5", "Block ×6"]


def test_blocks_with_something_between_are_no_run_of_modules():
    class Side(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = [Block() for _ in range(12)]

        def forward(self, x):
            total = x
            for block in self.blocks:
                total = total + block(x)
            return total

    assert [x.sign for x in draw(Side(), X).graph.nodes if x.kind == "module"] == ["linear … + ×12"]


def test_a_small_network_is_not_folded_unasked():
    net = Deep([Block() for _ in range(3)])

    graph = draw(net, X).graph

    assert len(graph.nodes) <= MAX_UNFOLDED_TENSORS
    assert not [node for node in graph.nodes if node.kind == "module"]


@pytest.mark.parametrize(("depth", "operations"), [(0, ["Deep"]), (1, ["Linear", "Sequential", "Linear"])])
def test_depth_says_how_far_modules_open(deep, depth, operations):
    graph = draw(deep, X, depth=depth).graph

    assert [node.operation for node in graph.nodes if node.operation] == operations
    assert {scope.parent for scope in graph.scopes} <= {None}


def test_a_folded_module_hides_its_parameters_and_keeps_its_edges(deep):
    graph = draw(deep, X, depth=1).graph

    assert [(graph.nodes[e.source].name, graph.nodes[e.target].operation) for e in graph.edges] == [
        ("X", "Linear"),
        ("v0", "Sequential"),
        ("v1", "Linear"),
    ]


@pytest.mark.parametrize("blocks", [3, 12])
def test_what_fits_into_max_nodes_is_not_folded(blocks):
    net = Deep([Block() for _ in range(blocks)])

    assert len(draw(net, X, max_nodes=1000).graph.nodes) == 7 + 8 * blocks


def test_max_nodes_folds_the_deepest_modules_first(deep):
    assert len(draw(deep, X, max_nodes=8).graph.nodes) == 8
    assert len(draw(deep, X, max_nodes=4).graph.nodes) == 4
    assert len(draw(deep, X, max_nodes=3).graph.nodes) == 2


def test_what_no_module_can_fold_is_cut_at_max_nodes():
    x = tensor(1.0, requires_grad=True)
    for i in range(50):
        x = x.tanh() if i % 7 % 3 else x.exp() if i % 11 % 4 else x.relu()

    graph = draw(x, max_nodes=10).graph

    assert "the newest 10 of 51 tensors are drawn" in graph.notes[0]


def test_large_networks_fold_by_themselves():
    net = nn.Sequential(*(nn.Sequential(nn.Linear(3, n), nn.Tanh(), nn.Linear(n, 3)) for n in range(1, 60)))

    graph = draw(net, X).graph

    assert len(graph.nodes) <= MAX_FOLDED_CARDS
    assert re.match(r"showing \d+ of \d+ tensors; folded: ", graph.notes[0])


def test_inner_blocks_that_repeat_are_folded_before_outer_ones():
    net = nn.Sequential(*(nn.Sequential(*(Block() for _ in range(5))) for _ in range(4)))

    graph = draw(net, X).graph

    assert [node.sign for node in graph.nodes if node.operation] == ["Block ×5"] * 4
    assert len(graph.scopes) == 5


def test_gradients_of_folded_parameters_are_summed_up():
    net = nn.Sequential(nn.Linear(3, 1))
    loss = net(tensor(X)).sum()
    loss.backward()
    norm = np.sqrt(sum((p.raw_grad() ** 2).sum() for p in net.parameters()))

    node = card(draw(loss, model=net, depth=0).graph, "Sequential")

    assert node.inside == ("2 parameters, 4 numbers", f"1 operation, gradient norm {norm:.3g}")


def test_a_module_with_two_results_shows_neither_as_its_own():
    class Split(nn.Module):
        def forward(self, x):
            return x.exp(), x.tanh()

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.split = Split()

        def forward(self, x):
            a, b = self.split(x)
            return a * b

    graph = draw(Whole(), X, depth=1).graph

    assert card(graph, "Split").value is None
    assert [(e.source, e.target) for e in graph.edges] == [(0, 1), (1, 2), (1, 2)]


def test_a_folded_loss_is_still_the_loss():
    class Loss(nn.Module):
        def forward(self, x):
            return (x * x).sum()

    drawing = draw(Loss(), tensor(X, requires_grad=True), depth=0)

    assert drawing.graph.loss == "L"
    assert drawing.svg


@pytest.mark.parametrize(
    ("option", "value"), [("depth", -1), ("depth", "all"), ("max_nodes", 0), ("depth", True)]
)
def test_limits_are_whole_numbers(deep, option, value):
    with pytest.raises(ValueError, match=f"draw needs {option} as a whole number of [01] or more, got"):
        draw(deep, X, **{option: value})


def test_a_summary_is_short():
    kinds = [("Block", 12), *((f"Kind{i}", 1) for i in range(9)), ("Kind0", 1)]

    assert summary([("T", 10), ("T", 10), ("A", 1)]) == "2 times T ×10, A"
    assert summary(kinds) == "Block ×12, 2 Kind0, Kind1, Kind2, Kind3, Kind4 and 4 more"


@pytest.mark.slow
def test_a_net_of_many_thousand_operations_folds_in_its_picture():
    net = Deep([Block() for _ in range(1_500)])

    assert len(draw(net, X).graph.nodes) == 8
