from __future__ import annotations

import numpy as np

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.picture import arranged
from tinygrad_edu.viz.drawing.stubs import stubs


def loop(steps):
    """A recurrent step whose operations change from step to step, which keeps it from being folded."""
    w, x = tensor(np.eye(2), requires_grad=True, name="w"), tensor(np.ones((1, 2)), name="x")
    h = x
    for i in range(steps):
        h = (h @ w).tanh() if i % 2 else (h @ w).exp()
        h = h + x
    return h.sum()


def test_a_parameter_used_again_far_below_has_a_stub_there():
    graph = draw(loop(6)).graph

    found = stubs(graph)

    assert {stub.name for stub in found} == {"w"}
    assert len(found) == 5


def test_an_input_keeps_its_edges_however_far_they_run():
    graph = draw(loop(6)).graph

    assert all(graph.nodes[graph.edges[stub.edge].source].kind == "parameter" for stub in stubs(graph))


def test_a_stub_stands_left_of_its_operation_and_overlaps_no_card():
    graph = draw(loop(6)).graph

    picture = arranged(graph)

    places = [
        (*corner, box.width, box.height)
        for corner, box in zip(picture.plan.cards, picture.boxes, strict=True)
    ]
    for stub, (x, y, wide, high) in zip(picture.stubs, places[len(graph.nodes) :], strict=True):
        card = places[graph.edges[stub.edge].target]
        assert x + wide < card[0]
        assert card[1] <= y + high / 2 <= card[1] + card[3]
        for left, top, w, h in places[: len(graph.nodes)]:
            assert x + wide <= left or left + w <= x or y + high <= top or top + h <= y


def test_a_picture_with_all_numbers_has_no_stubs():
    assert stubs(draw(loop(6), numbers=True).graph) == []
