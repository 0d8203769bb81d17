"""Convolution by hand, and what no other library can be asked about."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import capture, nn
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.convolution import convolve

RNG = np.random.default_rng(0)


def test_a_convolution_is_the_sum_over_each_window_times_the_kernel():
    x = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    kernel = torch.tensor([[[1.0, 0.0, -1.0]]])

    assert torch.conv1d(x, kernel).tolist() == [[-2, -2]]


def test_same_padding_of_an_even_kernel_adds_the_odd_zero_at_the_end():
    x, kernel = torch.ones(1, 3), torch.ones(1, 1, 2)

    assert torch.conv1d(x, kernel, padding="same").tolist() == [[2, 2, 1]]


def test_halves_are_added_up_in_float32():
    x = torch.ones(1, 4, 600, dtype=np.float16, requires_grad=True)
    w = torch.ones(1, 4, 600, dtype=np.float16, requires_grad=True)

    y = torch.conv1d(x * 1.5, w)
    y.sum().backward()

    assert (y.dtype, y.item()) == (np.float16, 3600)
    assert (w.grad.dtype, w.grad[0, 0, 0].item()) == (np.float16, 1.5)


def test_blocks_of_samples_give_what_all_at_once_give():
    x, w = (
        RNG.normal(size=(40, 3, 30, 30)),
        RNG.normal(size=(2, 3, 3, 3)),
    )  # 1.7 MB of windows in each four samples
    how = {"stride": (1, 1), "dilation": (1, 1), "groups": 1}

    together = convolve(x, w, **how)
    alone = [convolve(x[i : i + 1], w, **how) for i in range(40)]

    np.testing.assert_allclose(together, np.concatenate(alone), rtol=1e-13)


@pytest.mark.parametrize("name", ["convolve", "convolve_back", "convolve_kernels"])
def test_the_three_slopes_of_one_number_agree(name):
    x, w = torch.tensor(RNG.normal(size=(2, 2, 7))), torch.tensor(RNG.normal(size=(3, 2, 3)))
    g = torch.tensor(RNG.normal(size=(2, 3, 3)))
    how = {"stride": (2,), "dilation": (1,), "groups": 1}
    slopes = {
        "convolve": (g, OPERATIONS["convolve"](x, w, **how)),
        "convolve_back": (x, OPERATIONS["convolve_back"](g, w, **how, shape=(7,))),
        "convolve_kernels": (w, OPERATIONS["convolve_kernels"](g, x, **how, size=(3,))),
    }

    array, slope = slopes[name]

    np.testing.assert_allclose((array * slope).sum().item(), (g * slopes["convolve"][1]).sum().item())


def test_the_greatest_number_of_a_window_with_ties_is_the_first_and_has_the_whole_gradient():
    x = torch.tensor([[[2.0, 2.0], [2.0, 2.0]]], requires_grad=True)

    nn.functional.max_pool2d(x, 2).sum().backward()

    assert x.grad.tolist() == [[[1, 0], [0, 0]]]


def test_nan_is_the_greatest_number_of_a_window():
    x = torch.tensor([[1.0, np.nan, 3.0, 4.0]])

    values, places = nn.functional.max_pool1d(x, 2, return_indices=True)

    np.testing.assert_array_equal(values.numpy(), [[np.nan, 4]])
    assert places.tolist() == [[1, 3]]


def test_a_window_of_minus_infinity_has_a_place_inside_and_not_in_the_padding():
    x = torch.tensor([[-np.inf, -np.inf]])

    _, places = nn.functional.max_pool1d(x, 2, 1, padding=1, return_indices=True)

    assert places.tolist() == [[0, 0, 1]]


def test_numbers_that_are_put_into_one_place_each_have_the_gradient_there():
    x = torch.tensor([[5.0, 5.0]], requires_grad=True)

    y = nn.functional.max_unpool1d(x, torch.tensor([[1, 1]]), 2, 1)
    (y * torch.tensor([[7.0, 3.0, 1.0]])).sum().backward()

    assert y.tolist() == [[0, 5, 0]]
    assert x.grad.tolist() == [[3, 3]]


def test_an_infinite_number_is_in_the_means_of_its_own_windows_only():
    x = torch.tensor([[[np.inf, 0.0, 0.0, 1.0, 2.0]]])

    assert nn.functional.adaptive_avg_pool1d(x, 2).tolist() == [[[np.inf, 1.0]]]


def test_a_plan_of_a_convolutional_network_is_the_eager_step_bit_for_bit():
    x, y = RNG.normal(size=(4, 1, 8, 8)), RNG.integers(0, 3, 4)
    start = [RNG.normal(size=shape) for shape in ((2, 1, 3, 3), (2,), (18, 3))]
    parameters = [[torch.tensor(w, requires_grad=True) for w in start] for _ in range(2)]

    def step_of(w, b, v):
        optimizer = torch.optim.SGD([w, b, v], lr=0.1)

        def step(x, y):
            optimizer.zero_grad()
            h = nn.functional.max_pool2d(nn.functional.relu(torch.conv2d(x, w, b)), 2)
            h = nn.functional.avg_pool2d(h, 2, 1, 1, count_include_pad=False)[:, :, :3, :3]
            loss = nn.functional.cross_entropy(h.flatten(1) @ v, y)
            loss.backward()
            optimizer.step()
            return loss

        return step

    eager, plan = step_of(*parameters[0]), capture(step_of(*parameters[1]))
    for _ in range(4):
        expected = eager(torch.tensor(x), torch.tensor(y))
        np.testing.assert_array_equal(plan(torch.tensor(x), torch.tensor(y)).detach(), expected.detach())
    for p, q in zip(*parameters):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())
