"""Results of in-place operations: formula, numbers and steps say what was computed."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import draw, explain, tensor
from tinygrad_edu.autograd import grad


@pytest.fixture
def x():
    return tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")


def test_an_element_that_was_put_in_place_is_written_at_its_place(x):
    h = x * 2
    h[0] = 5

    derivation = explain(h.sum(), names={})

    assert "L = Σ (2 x)[0 ← 5] = 15" in derivation.text
    assert derivation.formula == "∂L/∂x = 2 · 1[0 ← 0]"
    assert derivation.gradient.tolist() == [0, 2, 2]
    assert r"{[}" not in derivation.latex
    assert r"\left(2\,x\right)[\mathtt{0} \leftarrow 5]" in derivation.latex


def test_a_result_is_shown_with_the_numbers_that_it_had_before(x):
    h = x * 2
    h[1:] = tensor([7.0, 8.0], requires_grad=True, name="u")

    text = explain((h * h).sum(), names={}, every=True).text

    assert "t₁ = 2 x = [ 2  4  6 ]" in text
    assert "t₂ = t₁[1: ← u] = [ 2  7  8 ]" in text
    assert "computed before numbers were overwritten" not in text


def in_place(x):
    h = x * 2
    h += 1
    return h


def twice(x):
    h = x.sin()
    h[0] = x[1] * 3
    h[1] += 1
    return h


def in_a_view(x):
    h = x * 1
    h[1:].mul_(2)
    return h


@pytest.mark.parametrize("change", [in_place, twice, in_a_view])
@pytest.mark.parametrize("every", [False, True])
def test_every_step_has_a_formula_that_gives_its_numbers(x, change, every):
    h = change(x)
    loss = (h * h).sum()

    derivation = explain(loss, x, every=every)

    np.testing.assert_array_equal(derivation.gradient, grad(loss, x)[0])
    assert all(step.forms for step in derivation.steps)
    assert "overwritten" not in derivation.text


def test_a_picture_shows_the_same(x):
    h = x * 2
    h[0] = 5

    drawn = " ".join(draw(h.sum()).text.split())

    assert "v0 = x · 2" in drawn
    assert "[2 4 6]" in drawn
    assert "h = v0[0 ← 5]" in drawn
    assert "[5 4 6]" in drawn
