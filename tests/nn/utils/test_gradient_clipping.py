"""Gradients cut to a greatest norm or number."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import capture, nn, optim, tensor


def with_gradient(*numbers):
    parameter = tensor(np.zeros(len(numbers)), requires_grad=True)
    parameter.grad = tensor(np.array(numbers))
    return parameter


def test_the_norm_is_that_of_all_numbers_and_returned():
    a, b = with_gradient(3.0), with_gradient(0.0, 4.0)

    norm = nn.utils.clip_grad_norm_([a, b], 2.5)

    assert norm.item() == 5
    np.testing.assert_allclose([*a.grad, *b.grad], [1.5, 0, 2], rtol=1e-6)


def test_small_gradients_stay_as_they_are():
    a = with_gradient(0.3, -0.4)

    nn.utils.clip_grad_norm_(a, 1.0, foreach=True)

    np.testing.assert_array_equal(a.grad, [0.3, -0.4])


def test_the_greatest_number_is_the_norm_of_order_infinity():
    a, b = with_gradient(3.0, -8.0), with_gradient(1.0)

    assert nn.utils.clip_grad_norm_([a, b], 4, "inf").item() == 8
    np.testing.assert_allclose(a.grad, [1.5, -4], rtol=1e-6)


def test_numbers_are_cut_at_a_value():
    a = with_gradient(-3.0, 0.5, 3.0)

    nn.utils.clip_grad_value_([a], 1)

    np.testing.assert_array_equal(a.grad, [-1, 0.5, 1])


def test_without_gradients_the_norm_is_0():
    assert nn.utils.clip_grad_norm_([tensor([1.0], requires_grad=True)], 1).item() == 0
    assert nn.utils.get_total_norm([]).item() == 0


def test_a_norm_that_is_not_finite_is_refused_if_asked():
    a = with_gradient(np.inf)

    with pytest.raises(RuntimeError, match=r"needs a finite norm of order 2\.0, got inf"):
        nn.utils.clip_grad_norm_([a], 1, error_if_nonfinite=True)
    assert a.grad.item() == np.inf


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="clip_grad_value_ needs Tensors, got str 'w'"):
        nn.utils.clip_grad_value_(["w"], 1)


def test_the_older_name_warns():
    with pytest.warns(FutureWarning, match="older name of nn.utils.clip_grad_norm_"):
        nn.utils.clip_grad_norm([with_gradient(3.0)], 1)


def test_a_plan_clips_as_the_step_does():
    nets = [nn.Linear(3, 2), nn.Linear(3, 2)]
    nets[1].load_state_dict(nets[0].state_dict())

    def step_of(net):
        optimizer = optim.SGD(net.parameters(), lr=1.0)

        def step(x):
            optimizer.zero_grad()
            loss = (net(x) ** 2).sum()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.1)
            nn.utils.clip_grad_value_(net.parameters(), 0.04)
            optimizer.step()
            return loss

        return step

    plan, eager, rng = capture(step_of(nets[0])), step_of(nets[1]), np.random.default_rng(0)
    for _ in range(4):
        x = rng.normal(size=(4, 3))
        np.testing.assert_array_equal(plan(x).detach(), eager(tensor(x)).detach())

    for p, q in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        np.testing.assert_array_equal(p.detach(), q.detach())
