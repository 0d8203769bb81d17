"""gradcheck, gradgradcheck and detect_anomaly, and backward of several results."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import autograd, tensor
from tinygrad_edu.engine.operation import Operation

wrong = Operation(lambda x: x * 3, lambda g, _y, _x: g * 2, name="wrong")


def leaf(data):
    return tensor(data, requires_grad=True)


def test_right_gradients_pass():
    x = leaf([0.5, -1.0])

    assert autograd.gradcheck(lambda x: (x.sin(), x > 0), x)
    assert autograd.gradcheck(lambda x, c: x * c, (x, tensor([2.0, 3.0])), eps=1e-6, atol=1e-4)
    assert autograd.gradgradcheck(lambda x: x**3, (x,))


def test_wrong_gradients_are_named():
    x = leaf([1.0])

    with pytest.raises(autograd.GradcheckError, match=r"by the rule of wrong, 2.539.* by differences"):
        autograd.gradcheck(wrong, x)
    assert not autograd.gradcheck(wrong, x, raise_exception=False)
    with pytest.raises(ValueError, match="at least one input that requires a gradient"):
        autograd.gradcheck(wrong, tensor([1.0]))


def test_the_rule_that_made_a_nan_is_named():
    x = leaf([0.0, 1.0])

    with (
        autograd.detect_anomaly(),
        pytest.raises(RuntimeError, match=r"detect_anomaly found the first .* rule of sqrt at test_checks"),
    ):
        (x.sqrt() * 0).sum().backward()
    with autograd.detect_anomaly(check_nan=False):
        (x.sqrt() * 0).sum().backward()

    assert np.isnan(x.grad.tolist()[0])


def test_the_search_can_be_switched_on_and_off():
    x = leaf([0.0])

    autograd.set_detect_anomaly(True)
    try:
        with pytest.raises(RuntimeError, match="set_detect_anomaly found"):
            (x.sqrt() * 0).sum().backward()
    finally:
        autograd.set_detect_anomaly(False)
    with autograd.set_detect_anomaly(True), pytest.raises(RuntimeError, match="rule of sqrt"):
        (x.sqrt() * 0).sum().backward()

    (x.sqrt() * 0).sum().backward()
    assert np.isnan(x.grad.item())


def test_backward_of_several_results_adds_up():
    x = leaf([1.0, 2.0])

    autograd.backward([x * x, x.sum()], [torch.ones(2), None])

    assert x.grad.tolist() == [3, 5]


def test_a_batch_of_gradients_is_refused_in_words():
    x = leaf([1.0, 2.0])

    with pytest.raises(NotImplementedError, match=r"not a batch \(is_grads_batched\); call it for each"):
        autograd.grad(x * x, x, torch.eye(2), is_grads_batched=True)
