from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import plot_confusion_matrix, plot_images
from tinygrad_edu.viz.training import images

pytest.importorskip("matplotlib")


def drawn(figure):
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes]


@pytest.mark.parametrize("shape", [(3, 4, 4), (3, 1, 4, 4), (3, 16)])
def test_samples_stand_in_a_grid(shape):
    samples = np.arange(48.0).reshape(shape)

    figure = plot_images(tensor(samples), titles=["a", "b", "c"])

    np.testing.assert_array_equal(drawn(figure), samples.reshape(3, 4, 4))
    assert [axes.get_title() for axes in figure.axes] == ["a", "b", "c"]


def test_three_channels_are_colours():
    (image,) = drawn(plot_images(np.full((1, 3, 2, 5), 0.5)))

    assert image.shape == (2, 5, 3)


def test_weights_of_each_unit_are_an_image_with_zero_in_the_middle_of_the_scale():
    net = nn.Sequential(nn.Linear(9, 4), nn.Linear(4, 2))

    figure = plot_images(net)

    np.testing.assert_array_equal(drawn(figure), net[0].weight.numpy(force=True).reshape(4, 3, 3))
    low, high = figure.axes[0].images[0].get_clim()
    assert low == -high


def test_kernels_are_images_of_each_channel():
    assert len(plot_images(nn.Conv2d(2, 5, 3)).axes) == 10


def test_of_many_images_the_first_are_drawn_and_counted(monkeypatch):
    monkeypatch.setattr(images, "MAX_IMAGES", 4)

    figure = plot_images(np.zeros((1234, 2, 2)))

    assert len(figure.axes) == 4
    assert figure.get_supxlabel() == "the first 4 of 1,234"


@pytest.mark.parametrize(
    ("given", "more", "error", "message"),
    [
        ("abc", {}, TypeError, "an array of numbers, got str 'abc'"),
        (nn.ReLU(), {}, TypeError, "a Module with weights, got one without"),
        (np.zeros((2, 3)), {}, ValueError, r"shape=\(H, W\) for rows of 3 numbers, got None"),
        (np.zeros(3), {}, ValueError, r"got shape \(3,\)"),
        (np.zeros((2, 3, 3)), {"titles": ["a"]}, ValueError, "a title for each of the 2 images, got 1"),
    ],
)
def test_what_is_no_image_is_told(given, more, error, message):
    with pytest.raises(error, match=message):
        plot_images(given, **more)


def test_the_confusion_is_counted():
    scores = np.eye(3)[[0, 0, 1, 2, 2]]

    figure = plot_confusion_matrix(tensor(scores), [0, 1, 1, 2, 0], classes=["a", "b", "c"])

    (axes,) = figure.axes
    written = {tuple(map(int, text.get_position())): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "1", (2, 0): "1", (0, 1): "1", (1, 1): "1", (2, 2): "1"}  # column, row
    assert axes.get_title() == "3 of 5 right: 60.0%"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("predicted", "target", "message"),
    [
        ([0, 1], [0], r"got shapes \(2,\) and \(1,\)"),
        ([0.5], [0], r"whole class numbers or rows of scores, got \[0.5\]"),
        ([-1], [0], "class of 0 or more"),
    ],
)
def test_classes_that_do_not_fit_are_told(predicted, target, message):
    with pytest.raises(ValueError, match=message):
        plot_confusion_matrix(predicted, target)
