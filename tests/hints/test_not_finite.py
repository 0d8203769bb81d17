"""Where the first nan or infinity came from, forward and backward."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import check_finite, tensor, where_not_finite
from tinygrad_edu.hints import warnings
from tinygrad_edu.hints.warnings import NotFiniteWarning


def test_a_long_number_is_rounded():
    x = tensor([-1.674626708848729e154], requires_grad=True)

    with np.errstate(all="ignore"):
        found = where_not_finite((x * x).sum())

    assert "-1.67463e+154 * -1.67463e+154 = inf" in str(found)


def test_the_first_number_that_is_not_finite_is_found_with_its_place_and_operand():
    p = tensor([[0.5, 0.0]], requires_grad=True)
    with np.errstate(all="ignore"):
        loss = (p.log() * 2).sum()

    answer = str(where_not_finite(loss))

    assert answer.startswith("First number that is not finite: log at test_not_finite.py:")
    assert "element [0, 1]: log(0.0) = -inf" in answer


def test_check_finite_stops_at_the_operation():
    x = tensor([0.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"log at .*log\(0.0\) = -inf"),
        check_finite(),
    ):
        x.log()


def test_check_finite_names_the_rule_on_the_way_back():
    x = tensor([0.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"the derivative rule of sqrt .*infinite at 0"),
        check_finite(),
    ):
        x.sqrt().sum().backward()


def test_finite_numbers_pass():
    x = tensor([1.0], requires_grad=True)

    with check_finite():
        x.log().sum().backward()

    assert x.grad.item() == 1


def test_gradients_are_the_same_with_and_without_the_check():
    x = tensor([0.3, 2.0], requires_grad=True)

    with check_finite(), warnings.off():
        (x.tanh() * x.exp()).sum().backward()

    checked = x.grad.numpy().copy()
    x.grad = None
    (x.tanh() * x.exp()).sum().backward()
    np.testing.assert_array_equal(checked, x.grad.numpy())


def test_a_loss_that_is_not_finite_is_traced_to_its_first_operation():
    p = tensor([0.0, 1.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.warns(NotFiniteWarning, match=r"log at .*, element \[0\]: log\(0.0\)"),
    ):
        (-p.log()).sum().backward()
