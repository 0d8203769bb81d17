"""A padding with zeros: kept around the gradient, cut off at the wrong end, or other numbers put around."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn import functional as F

rng = np.random.default_rng(0)
X, W, Y = rng.normal(size=(2, 2, 5, 4)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=(2, 3, 5, 4))


def network():
    """A convolution that keeps the size, its tensors, and the deltas of its result."""
    x, w = tensor(X, requires_grad=True, name="X"), tensor(W, requires_grad=True, name="W")
    z = F.conv2d(x, w, padding=1)
    return ((z - tensor(Y)) ** 2).sum(), x, w, 2 * (z.raw - Y)


def back_to_the_padded(d):
    g = np.zeros((2, 2, 7, 6))
    for i, j in np.ndindex(5, 4):
        g[:, :, i : i + 3, j : j + 3] += np.einsum("nf,fcab->ncab", d[:, :, i, j], W)
    return g


def of_the_kernel(d, mode):
    around = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), mode)
    return np.einsum("nfij,ncijab->fcab", d, np.lib.stride_tricks.sliding_window_view(around, (3, 3), (2, 3)))


def test_the_right_gradients_are_right():
    loss, x, w, d = network()
    right = {x: back_to_the_padded(d)[:, :, 1:-1, 1:-1], w: of_the_kernel(d, "constant")}

    assert diagnose(loss, right).verdict == "right"


@pytest.mark.parametrize("scale", [1, -1])
def test_a_padding_kept_around_the_gradient_is_named(scale):
    loss, x, _, d = network()

    found = diagnose(loss, x, np.round(scale * back_to_the_padded(d), 4))

    assert [e.mistake for e in found.explanations] == ["padding-kept"]
    assert "it should be dX = dX_padded[..., 1:6, 1:5]" in str(found)


@pytest.mark.parametrize(("cut", "which"), [(np.s_[:, :, :5, :4], "first"), (np.s_[:, :, -5:, -4:], "last")])
def test_a_padding_cut_off_at_one_end_is_named(cut, which):
    loss, x, _, d = network()

    found = diagnose(loss, x, np.round(back_to_the_padded(d)[cut], 4))

    assert [e.mistake for e in found.explanations] == ["padding-cut-wrongly"]
    assert f"It equals the {which} numbers of the gradient of X with its padding, not those inside" in str(
        found
    )


@pytest.mark.parametrize("mode", ["edge", "reflect", "wrap"])
def test_a_kernel_from_windows_with_another_border_is_named(mode):
    loss, _, w, d = network()

    found = diagnose(loss, w, np.round(of_the_kernel(d, mode), 4))

    assert [e.mistake for e in found.explanations] == ["padded-otherwise"]
    assert f'np.pad(X, ..., mode="{mode}")' in str(found)


def test_a_picture_of_one_pixel_has_no_mirror():
    x = tensor(rng.normal(size=(2, 2, 1, 1)), requires_grad=True, name="X")
    w = tensor(W, requires_grad=True, name="W")
    loss = (F.conv2d(x, w, padding=1) ** 2).sum()

    assert diagnose(loss, w, np.round(rng.normal(size=W.shape), 4)).verdict == "unknown"
