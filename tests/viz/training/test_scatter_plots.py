from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.viz import plot_decision_boundary, scatter3d

pytest.importorskip("matplotlib")

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
Y = np.array([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("net", "border"),
    [
        (lambda x: x[:, 1:] - 0.5, 0.5),
        (lambda x: (x[:, 1] - 0.25).sigmoid(), 0.25),
        (lambda x: (x.numpy() @ np.array([[0.0, 0.0], [-1.0, 1.0]])) + [0.5, -0.5], 0.5),
    ],
    ids=["score", "probability", "two scores"],
)
def test_the_boundary_is_where_the_class_changes(net, border):
    filled = plot_decision_boundary(net, X, Y).axes[0].collections[0]

    below, above = (path.vertices[:, 1] for path in filled.get_paths())
    assert below.max() == pytest.approx(border, abs=0.02)
    assert above.min() == pytest.approx(border, abs=0.02)


def test_a_threshold_may_be_given():
    filled = plot_decision_boundary(lambda x: x[:, 1], X, Y, threshold=0.75).axes[0].collections[0]

    assert filled.get_paths()[0].vertices[:, 1].max() == pytest.approx(0.75, abs=0.02)


def test_a_module_is_asked_in_eval_mode_and_left_as_it_was():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.seen = []

        def forward(self, x):
            self.seen.append((self.training, x.requires_grad))
            return x[:, :1]

    net = Net()

    plot_decision_boundary(net, X, Y[:, None])

    assert net.seen == [(False, False)]
    assert net.training


@pytest.mark.parametrize(
    ("net", "X", "y", "message"),
    [
        (lambda x: x, np.ones((4, 3)), Y, r"X of shape \(N, 2\), got \(4, 3\)"),
        (lambda x: x, X, Y[:3], r"for each of the 4 points, got y of shape \(3,\)"),
        (lambda x: x, X, Y - 0.5, "a class number of 0 or more"),
        (lambda x: x[:2], X, Y, r"a net that makes \(M, K\) of \(M, 2\), got \(2, 2\)"),
    ],
)
def test_shapes_that_do_not_fit_are_told(net, X, y, message):
    with pytest.raises(ValueError, match=message):
        plot_decision_boundary(net, X, y)


def test_points_in_space_are_told_apart_by_class():
    figure = scatter3d(np.arange(9.0).reshape(3, 3), np.eye(3))

    legend = figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["class 0", "class 1", "class 2"]
    assert len(figure.axes[0].collections) == 3


def test_a_net_that_cannot_be_called_is_told():
    with pytest.raises(TypeError, match="needs a Module or a function as net, got int 3"):
        plot_decision_boundary(3, X, Y)
