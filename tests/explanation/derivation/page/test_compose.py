"""Which numbers stand on the page, and how often."""

from __future__ import annotations

import pytest

from tinygrad_edu import Value, explain, tensor


def leaf(*shape, name):
    return tensor([1.0, 2.0, 3.0] if shape else 2.0, requires_grad=True, name=name)


def lines(derivation):
    return [" ".join(line.split()) for line in derivation.text.splitlines()]


@pytest.mark.parametrize("loss", [leaf(name="w") * 0 + 6, Value(2.0, label="w") * 0 + 6])
def test_a_formula_that_is_its_number_is_not_followed_by_the_number(loss):
    found = lines(explain(loss))

    assert "L = 6" in found
    assert found.count("∂L/∂w = 0") == 2  # in the step and in the result
    assert "= 0" not in found


def test_a_number_rounded_in_another_way_is_shown_beside_the_formula():
    assert "L = 6 = 6.00" in lines(explain(leaf(name="w") * 0 + 6, digits=2))
    assert "∂L/∂w = 0.3333" in lines(explain(leaf(name="w") / 3))
    assert "= 0.333333" not in lines(explain(leaf(name="w") / 3))


def test_the_numbers_of_an_array_stand_beside_a_single_number_as_formula():
    found = lines(explain(leaf(3, name="w").sum() * 2))

    assert "∂L/∂w = 2" in found
    assert "= [ 2 2 2 ]" in found
    assert "∂L/∂w = [ 2 2 2 ]" in found


def test_the_shares_of_several_uses_stay_though_the_formula_is_a_number():
    w = leaf(name="w")

    assert "= 1 via L + 2 via 2 w = 3" in lines(explain(w * 2 + w))
