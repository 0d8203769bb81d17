from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest

from tests.viz.conftest import HOSTILE
from tinygrad_edu import nn
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import plot_gradient_norms, plot_loss
from tinygrad_edu.viz.training import figures

pytest.importorskip("matplotlib")

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def texts(figure):
    axes = figure.axes[0]
    legend = axes.get_legend()
    return [text.get_text() for text in (*axes.texts, *(legend.get_texts() if legend else ()))]


def test_a_loss_is_one_curve():
    (line,) = plot_loss([3.0, 2.0, tensor(1.5)]).axes[0].lines

    np.testing.assert_array_equal(line.get_ydata(), [3, 2, 1.5])


def test_rest_losses_have_a_legend():
    assert texts(plot_loss({"train": [2.0, 1.0], "valid": [2.0, 1.5]})) == ["train", "valid"]


@pytest.mark.parametrize(
    ("losses", "points"),
    [([3.0], [0]), ([3.0, 2.0], []), ([3.0, np.nan, 2.0, 1.0, np.inf, 0.5], [0, 5])],
)
def test_a_loss_that_no_line_leads_to_is_a_point(losses, points):
    (line,) = plot_loss(losses).axes[0].lines

    assert line.get_marker() == ("o" if points else "None")  # which a legend would show
    assert line.get_markevery() == points


@pytest.mark.parametrize("losses", [[3.0, 2.0, 1.0], [3.0]], ids=["three", "one"])
def test_steps_are_counted_in_whole_numbers(losses):
    figure = plot_loss(losses)
    figure.canvas.draw()

    assert all(step == int(step) for step in figure.axes[0].get_xticks())


@pytest.mark.filterwarnings("ignore:.*Glyph .* missing from font")
def test_hostile_names_are_only_names():
    figure = plot_loss({name: [2.0, 1.0] for name in (*HOSTILE.values(), r"$\frac{$", "x" * 9_000)})

    assert figures.png(figure).startswith(b"\x89PNG")
    assert len(figure.axes[0].lines) == len(HOSTILE) + 2
    assert len(texts(figure)) == len(HOSTILE) + 1  # a blank name has no entry


def test_marks_of_the_first_and_the_last_loss_are_inside_the_axes():
    axes = plot_loss([np.nan, 1.0, np.inf]).axes[0]

    left, right = axes.get_xlim()
    assert left <= 0
    assert right >= 2


@pytest.mark.parametrize("largest", [0.3, 1e4], ids=["one decade", "many decades"])
def test_ticks_of_gradient_norms_do_not_touch(largest):
    net = nn.Sequential(*(nn.Linear(1, 1, bias=False) for _ in range(8)))
    for parameter, norm in zip(net.parameters(), np.geomspace(0.05, largest, 8)):
        parameter.grad = tensor([[norm]])
    figure = plot_gradient_norms(net)
    figure.canvas.draw()

    axes = figure.axes[0]
    low, high = axes.get_xlim()
    labels = [label for label in axes.get_xticklabels() if low <= label.get_position()[0] <= high]
    boxes = [label.get_window_extent() for label in labels]
    assert len(boxes) >= 3
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))
    assert not axes.get_xticks(minor=True).size


def test_a_loss_that_is_not_finite_is_marked():
    figure = plot_loss([1.0, np.nan, np.inf, 2.0])

    (marks,) = figure.axes[0].collections
    np.testing.assert_array_equal(marks.get_offsets()[:, 0], [1, 2])
    assert "NaN or ∞" in texts(figure)


def test_a_loss_that_has_no_place_on_a_logarithmic_scale_is_marked():
    figure = plot_loss([1.0, 0.0, -2.0, 0.1], log=True)

    (marks,) = figure.axes[0].collections
    np.testing.assert_array_equal(marks.get_offsets()[:, 0], [1, 2])
    assert figure.axes[0].get_yscale() == "log"
    assert "≤ 0, NaN or ∞" in texts(figure)


def test_eighteen_curves_differ_in_look_and_stand_in_a_legend_beside_the_axes():
    figure = plot_loss({f"run {i}": [2.0, 1.0] for i in range(18)})
    figure.canvas.draw()

    (axes,) = figure.axes
    assert len({(line.get_color(), line.get_linestyle()) for line in axes.lines}) == 18
    assert axes.get_legend().get_window_extent().x0 >= axes.get_window_extent().x1
    assert axes.get_window_extent().width > 400


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        ([], ValueError, "at least one loss, got none"),
        (3.0, TypeError, "list of losses or a dict of lists, got float"),
        ("abc", TypeError, "got str"),
        ([[1.0, 2.0]], TypeError, "losses that are single numbers"),
    ],
)
def test_what_is_no_history_is_told(history, error, message):
    with pytest.raises(error, match=message):
        plot_loss(history)


def test_a_logarithmic_scale_needs_a_loss_above_zero():
    with pytest.raises(ValueError, match="needs a loss above 0 for log=True"):
        plot_loss([0.0, -1.0], log=True)


def trained():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    (net(tensor(X)) ** 2).mean().backward()
    return net


def test_a_bar_for_the_gradient_of_every_parameter():
    net = trained()

    axes = plot_gradient_norms(net).axes[0]

    widths = [bar.get_width() for bar in axes.patches]
    np.testing.assert_allclose(widths, [np.linalg.norm(p.raw_grad()) for p in net.parameters()])
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        path for path, _ in net.named_parameters()
    ]


def test_gradients_that_are_zero_missing_or_not_finite_are_named():
    net = trained()
    weight, bias, other, last = net.parameters()
    weight.grad, bias.grad = None, tensor(np.zeros(3))
    other.grad = tensor(np.full((1, 3), np.nan))

    assert texts(plot_gradient_norms(net)) == ["no gradient", "0", "NaN or ∞"]
    assert last.grad is not None


@pytest.mark.slow
def test_bars_of_very_many_parameters_have_names_that_do_not_touch():
    net = nn.Sequential(*(nn.Linear(1, 1) for _ in range(100)))
    for parameter in net.parameters():
        parameter.grad = tensor(np.ones(parameter.shape))
    figure = plot_gradient_norms(net)
    figure.canvas.draw()

    boxes = [label.get_window_extent() for label in figure.axes[0].get_yticklabels()]
    assert len(figure.axes[0].patches) == 200
    assert all(one.y0 > other.y1 for one, other in pairwise(boxes))


def test_without_any_gradient_it_says_what_to_do():
    with pytest.raises(RuntimeError, match=r"call loss\.backward\(\) before"):
        plot_gradient_norms(nn.Linear(2, 1))


def test_gradient_norms_need_a_module():
    with pytest.raises(TypeError, match="plot_gradient_norms needs a Module, got int 3"):
        plot_gradient_norms(3)


def test_a_notebook_shows_a_figure_by_itself():
    assert plot_loss([1.0, 2.0])._repr_png_().startswith(b"\x89PNG")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    figures._figure_class.cache_clear()

    with pytest.raises(ImportError, match=r'pip install "tinygrad_edu\[plot\]"'):
        plot_loss([1.0])
