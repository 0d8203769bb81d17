from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import nn
from tinygrad_edu.autograd import grad
from tinygrad_edu.utils.checkpoint import checkpoint


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 2))


def gradients(net, run, x):
    torch.manual_seed(1)
    net.zero_grad()
    x.grad = None
    (run(x * 2) ** 2).sum().backward()
    return [p.grad.tolist() for p in (*net.parameters(), x)]


def test_gradients_are_the_same_with_random_numbers_in_between():
    net, x = model(), torch.randn(5, 3, requires_grad=True)

    plain = gradients(net, net, x)

    assert gradients(net, lambda x: checkpoint(net, x, use_reentrant=False), x) == plain


def test_second_derivatives_are_the_same():
    net, x = model().eval(), torch.randn(5, 3, requires_grad=True)
    found = []
    for run in (net, lambda x: checkpoint(net, x)):
        (slope,) = grad((run(x) ** 2).sum(), x, create_graph=True)
        found += [slope.detach().numpy(), grad((slope**2).sum(), next(net.parameters()))[0].numpy()]

    np.testing.assert_allclose(found[2], found[0], rtol=1e-12)
    np.testing.assert_allclose(found[3], found[1], rtol=1e-12)


def test_what_is_computed_inside_is_forgotten():
    inner = []

    def part(x):
        y = x.exp()
        inner.append(weakref.ref(y))
        return y * 2

    result = checkpoint(part, torch.ones(3, requires_grad=True))
    gc.collect()

    assert inner[0]() is None
    assert result.requires_grad


def test_several_results_and_other_arguments():
    x = torch.ones(2, requires_grad=True)

    first, (second,) = checkpoint(lambda x, n, scale: (x * n, [x + scale]), x, 3, scale=5.0)
    (first.sum() + 2 * second.sum()).backward()

    assert x.grad.tolist() == [5, 5]


@pytest.mark.parametrize("mode", [torch.no_grad, torch.enable_grad])
def test_without_a_gradient_it_is_the_function(mode):
    with mode():
        assert not checkpoint(lambda x: x * 2, torch.ones(2)).requires_grad
