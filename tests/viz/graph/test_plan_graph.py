from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, optim
from tinygrad_edu.plan import capture
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw


@pytest.fixture
def plan():
    """A step of training that has been run until it is replayed, and its model."""
    net = nn.Linear(3, 1)
    optimizer = optim.SGD(net.parameters(), lr=0.1)

    def step(x):
        optimizer.zero_grad()
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    plan = capture(step)
    while not plan.ready:
        plan(tensor(np.ones((2, 3))))
    return plan, net


def test_a_plan_is_drawn_from_its_inputs_to_the_update(plan):
    graph = draw(plan[0], names={"net": plan[1]}).graph

    operations = [node.operation for node in graph.nodes]
    assert operations.count("linear") == 1
    assert operations.count("assign") == 2
    assert {node.name for node in graph.nodes if node.kind == "parameter"} == {"net.weight", "net.bias"}
    assert all(edge.source < edge.target for edge in graph.edges)


def test_modules_are_boxes_in_a_plan_and_random_numbers_are_inside():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Dropout(0.5), nn.Linear(2, 1))
    plan = capture(lambda x: net(x).sum())
    while not plan.ready:
        plan(tensor(np.ones((2, 3))))

    graph = draw(plan, model=net).graph

    found = {node.operation: node.scope for node in graph.nodes if node.operation}
    paths = {name: "" if scope is None else graph.scopes[scope].path for name, scope in found.items()}
    assert paths["relu"] == "net.1"
    assert paths["where"] == "net.2"
    assert paths["draw"] == "net"  # before or after that call began: nobody noted when
    assert paths["sum"] == ""
    assert [scope.path for scope in graph.scopes].count("net") == 1


def test_a_plan_shows_no_numbers_and_says_why(plan):
    graph = draw(plan[0]).graph

    assert all(node.value is None for node in graph.nodes)
    assert graph.notes == ("a plan: its numbers differ from run to run",)


def test_the_picture_of_a_plan_knows_the_lines_of_the_step(plan):
    lines = {node.line for node in draw(plan[0]).graph.nodes if node.operation}

    assert all(line.startswith("test_plan_graph.py:") for line in lines)


def test_a_plan_without_a_program_says_what_to_do():
    with pytest.raises(RuntimeError, match="the plan has no program yet; call it"):
        draw(capture(lambda x: x.sum()))


def test_a_buffer_of_an_optimizer_is_called_by_its_parameter():
    net = nn.Linear(3, 1)
    optimizer = optim.Adam(net.parameters(), lr=0.1)

    def step(x):
        optimizer.zero_grad()
        net(x).sum().backward()
        optimizer.step()

    plan = capture(step)
    while not plan.ready:
        plan(tensor(np.ones((2, 3))))

    found = {node.name for node in draw(plan).graph.nodes if node.kind == "input"}
    assert {f"net.{x}.{y}" for x in ("weight", "bias") for y in ("step", "exp_avg", "exp_avg_sq")} <= found
