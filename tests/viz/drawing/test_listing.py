from __future__ import annotations

import numpy as np

from tinygrad_edu import nn
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw


def test_a_line_for_every_tensor_with_value_and_gradient():
    a = tensor([1.0, 2.0], requires_grad=True, name="a")
    loss = (a * a).sum()
    loss.backward()

    lines = draw(loss).text.splitlines()

    assert [" ".join(line.split()) for line in lines] == [
        "a (2,) parameter [1 2] ∂loss/∂a [2 4]",
        "v0 = a × a (2,) [1 4] ∂loss/∂v0 [1 1]",
        "loss = Σ v0 scalar loss 5 ∂loss/∂loss 1",
    ]


def test_tensors_stand_under_their_module():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())

    lines = draw(net, np.ones((1, 3))).text.splitlines()

    assert [line.split("  (")[0].rstrip() for line in lines if ": " in line] == [
        "net: Sequential",
        "  0: Linear",
        "  1: ReLU",
    ]
    assert any(line.startswith("    net.0.weight ") for line in lines)


def test_a_hostile_name_stays_on_its_line(product):
    drawing = draw(product)

    assert len(drawing.text.splitlines()) == len(drawing.graph.nodes)
    assert "\x1b" not in drawing.text
    assert max(map(len, drawing.text.splitlines())) < 300


def test_the_rows_of_a_matrix_are_told_apart_and_only_the_first_numbers_shown():
    x = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    y = tensor(np.zeros((3, 4)), requires_grad=True, name="y")

    assert "[1 2; 3 4]" in draw(x.exp()).text
    assert "[0 0 0 0; 0 0 …]" in draw(y.sum() * x).text
