from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import plot_loss_landscape
from tinygrad_edu.viz.training import landscape

pytest.importorskip("matplotlib")


@pytest.fixture
def net():
    net = nn.Linear(2, 2)
    net.weight.data.copy_(tensor([[3.0, 4.0], [0.0, 0.5]]))
    return net


def test_the_parts_of_a_direction_are_as_long_as_the_weights_of_each_unit(net):
    d = landscape.direction(net.weight.numpy(force=True), np.random.default_rng(0))

    np.testing.assert_allclose(np.linalg.norm(d, axis=1), [5, 0.5])


def test_heights_are_the_losses_at_the_moved_weights_which_are_put_back(net):
    before = net.weight.numpy(force=True).copy()
    rng = np.random.default_rng(1)
    first, second = (landscape.direction(before, rng) for _ in range(2))

    heights = landscape._heights(
        lambda: net.weight.square().sum(), net, np.array([-1.0, 0.5]), np.random.default_rng(1)
    )

    expected = [[((before + a * first + b * second) ** 2).sum() for a in (-1, 0.5)] for b in (-1, 0.5)]
    np.testing.assert_allclose(heights, expected)
    np.testing.assert_array_equal(net.weight.numpy(force=True), before)


def test_weights_are_put_back_after_an_error(net):
    before = net.weight.numpy(force=True).copy()

    with pytest.raises(ZeroDivisionError):
        plot_loss_landscape(lambda: 1 // 0, net, points=2)

    np.testing.assert_array_equal(net.weight.numpy(force=True), before)


def test_the_loss_here_is_written_at_the_cross(net):
    axes = plot_loss_landscape(lambda: net.weight.square().sum(), net, points=3).axes[0]

    assert [text.get_text() for text in axes.texts] == ["25.2"]


def test_points_that_are_not_finite_are_counted(net):
    start = net.weight.numpy(force=True).copy()

    def loss():
        moved = net.weight.numpy(force=True)
        return 1.0 if np.array_equal(moved, start) else np.inf

    figure = plot_loss_landscape(loss, net, points=3)

    assert figure.axes[0].get_title() == "NaN or ∞ at 8 of 9 points"


@pytest.mark.parametrize(
    ("loss", "more", "error", "message"),
    [
        (3, {}, TypeError, "a function that computes the loss, got int 3; write lambda"),
        (lambda: 1.0, {"span": 0}, ValueError, "span above 0 and points of 2 or more, got 0, 25"),
    ],
)
def test_what_is_no_loss_is_told(net, loss, more, error, message):
    with pytest.raises(error, match=message):
        plot_loss_landscape(loss, net, **more)


def test_a_landscape_needs_a_module():
    with pytest.raises(TypeError, match="plot_loss_landscape needs a Module, got int 3"):
        plot_loss_landscape(lambda: 1.0, 3)
