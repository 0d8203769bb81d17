from __future__ import annotations

import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.autograd import grad


def leaf(data):
    return tensor(data, requires_grad=True)


def test_a_hook_sees_the_gradient_and_replaces_it():
    x, seen = leaf([1.0, 2.0]), []
    y = x * x
    y.register_hook(lambda g: seen.append(g.tolist()))
    handle = x.register_hook(lambda g: g * 10)

    y.sum().backward()
    handle.remove()
    (after,) = grad((x * x).sum(), x)

    assert seen == [[1, 1]]
    assert x.grad.tolist() == [20, 40]
    assert after.tolist() == [2, 4]


def test_a_replaced_gradient_flows_on():
    x = leaf([1.0, 2.0])
    y = x * 3
    with y.register_hook(lambda g: -g):
        (y * y).sum().backward()

    assert x.grad.tolist() == [-18, -36]


def test_hooks_of_a_gradient_that_is_differentiated_again():
    x = leaf(2.0)
    x.register_hook(lambda g: g * 2)

    (g,) = grad(x**3, x, create_graph=True)

    assert g.item() == 24
    assert grad(g, x)[0].item() == 2 * 2 * 12  # the hook runs on both


def test_a_hook_after_the_gradient_was_added_up():
    x, seen = leaf([1.0]), []
    x.register_post_accumulate_grad_hook(lambda x: seen.append(x.grad.item()))

    for _ in range(2):
        (2 * x).sum().backward()

    assert seen == [2, 4]


def test_every_tensor_keeps_its_gradient():
    x = leaf([1.0])
    y = x * 2
    y.retain_grad()

    y.sum().backward()

    assert (y.retains_grad, x.retains_grad, y.grad.tolist()) == (True, False, [1])


def test_wrong_use_is_refused():
    x, c = leaf([1.0, 2.0]), tensor([1.0])
    with pytest.raises(RuntimeError, match="register_hook needs a tensor that requires a gradient"):
        c.register_hook(print)
    with pytest.raises(RuntimeError, match=r"needs a leaf, but .* was computed; use register_hook"):
        (x * 2).register_post_accumulate_grad_hook(print)
    x.register_hook(lambda g: g.sum())
    with pytest.raises(RuntimeError, match=r"a hook of .* needs to return a gradient of its shape, \(2,\)"):
        x.sum().backward()


def test_gradients_of_a_layer_are_clipped_by_hooks():
    layer = nn.Linear(2, 1)
    for parameter in layer.parameters():
        parameter.register_hook(lambda g: g.clamp(-0.1, 0.1))

    layer(tensor([[10.0, -10.0]])).sum().backward()

    assert layer.weight.grad.tolist() == [[0.1, -0.1]]
