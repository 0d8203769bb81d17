"""Gradients of a finished graph, which touch no `.grad`."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, no_grad, tensor
from tinygrad_edu.reading.gradients import checked_gradients, gradients_of


def on_tensors():
    x, w = tensor(2.0, requires_grad=True), tensor(3.0, requires_grad=True)
    return x * w + x, x, w


def on_values():
    x, w = Value(2.0), Value(3.0)
    return x * w + x, x, w


@pytest.mark.parametrize("build", [on_tensors, on_values])
@pytest.mark.parametrize("gradients", [gradients_of, lambda *given: checked_gradients("explain", *given)])
def test_tensors_and_values_have_the_gradients_of_the_engine_and_keep_their_own(build, gradients):
    loss, x, w = build()

    found = gradients(loss)

    assert (found[loss], found[x], found[w]) == (1, 4, 2)
    assert x.grad in (None, 0.0)


@pytest.mark.parametrize("build", [on_tensors, on_values])
def test_another_gradient_may_flow_in(build):
    loss, x, _ = build()

    assert gradients_of(loss, np.float64(10))[x] == 40
    assert checked_gradients("explain", loss, 10.0)[x] == 40


def test_the_gradient_of_results_by_themselves_is_1_in_their_shape_and_dtype():
    x = tensor([1.0, 2.0], requires_grad=True, dtype="float32")
    y = x * 3

    found = gradients_of(y)[y]

    assert (found.tolist(), found.dtype) == ([1, 1], np.float32)


def test_a_pole_is_no_warning():
    x = tensor([0.0, 1.0], requires_grad=True)

    np.testing.assert_array_equal(gradients_of(x.sqrt().sum())[x], [np.inf, 0.5])


def test_only_checked_gradients_notice_a_tensor_that_was_overwritten():
    x = tensor([1.0, 2.0], requires_grad=True)
    loss = (x * x).sum()
    with no_grad():
        x.mul_(10)

    np.testing.assert_array_equal(gradients_of(loss)[x], [20, 40])
    with pytest.raises(RuntimeError, match="was overwritten"):
        checked_gradients("explain", loss)


def test_the_call_is_named_where_there_is_no_gradient():
    with pytest.raises(RuntimeError, match="the page needs a tensor that depends on one with requires_grad"):
        checked_gradients("the page", tensor(1.0) * 2)
