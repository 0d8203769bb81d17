"""Constants keep their names, and how they were made."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import explain, tensor

RNG = np.random.default_rng(0)
q = tensor(RNG.random((3, 4)), name="q")
z = tensor(RNG.normal(size=(3, 4)), requires_grad=True, name="z")

CASES = [
    ((torch.where(z > 0, z, 0.1 * z)).sum(), "[z > 0] + 0.1 [z ≤ 0]"),
    ((torch.where(z <= 0.3, 0.0, z)).sum(), "[z > 0.3]"),
    ((z * (z > 0).float()).sum(), "[z > 0]"),
    ((q * (q.log() - z)).sum(), "−q"),
    ((z * q * q.log()).sum(), "q ⊙ log(q)"),
    ((z * q[0:1]).sum(), "q[0:1] repeated"),
    ((z * q.T.T).sum(), "q"),
    ((z * (1 - q) * q).sum(), "q ⊙ (1 − q)"),
    ((z * q.log()).sum(), "log(q)"),
    ((z * q.softmax(1)).sum(), "softmax(q)"),
    ((z * (q + 1).exp()).sum(), "exp(q + 1)"),
    ((z * q[[2, 1, 0]]).sum(), "q[[2, 1, 0]]"),
    ((z[:, 0] * q[:, 1].log()).sum(), "zeros(3, 4)[:, 0 ← log(q[:, 1])]"),
    ((z[0:2] * (z > 0)[0:2]).sum(), "zeros(3, 4)[0:2 ← [z > 0][0:2]]"),
    ((z * ((z > 0) & (z < 1))).sum(), "[z > 0] ⊙ [z < 1]"),
    ((z * ~(z > 0)).sum(), "1 − [z > 0]"),
    (torch.where((z > 0) & (z < 1), z, 0).sum(), "[z > 0] ⊙ [z < 1]"),
    ((z[z > 0] ** 2).sum(), "2 zeros(3, 4)[[z > 0] += z[[z > 0]]]"),
]


@pytest.mark.parametrize(("loss", "formula"), CASES, ids=[formula for _, formula in CASES])
def test_a_constant_is_written_as_it_was_made(loss, formula):
    assert explain(loss, z).formula == f"∂L/∂z = {formula}"


def test_a_condition_on_a_result_is_written_with_its_formula():
    t = z * q
    loss = torch.where(t > 0, t, 2 * t).sum()

    formula = explain(loss, z, names={"t": t}).text

    assert "∂L/∂t = [t > 0] + 2 [t ≤ 0]" in formula


def test_a_name_among_the_variables_explains_a_constant():
    p = RNG.random((3, 4))

    assert explain((z * tensor(np.log(p))).sum(), z, names={"p": p}).formula == "∂L/∂z = log(p)"


def test_a_mask_of_few_places_is_not_taken_for_a_comparison_by_its_numbers():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    c = tensor([0.5, -0.5], name="c")

    text = explain(torch.where(tensor([True, False]), w * c, 2 * w).sum(), w).text

    assert "[c > 0]" not in text


def test_a_long_index_has_a_name():
    rows = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]

    derivation = explain((z[rows] ** 2).sum(), z)

    assert "L = Σ z[i]²" in derivation.text
    assert derivation.formula == "∂L/∂z = 2 zeros(3, 4)[i += z[i]]"


def test_a_quotient_of_whole_numbers_is_written_as_one():
    assert explain((z * (1 / 31)).sum(), z).formula == "∂L/∂z = 1 / 31 in every place"
    assert explain((z * 0.1).sum(), z).formula == "∂L/∂z = 0.1"


def test_a_constant_without_a_name_is_given_and_what_is_made_of_it_is_not():
    p = tensor(RNG.random((3, 4)))

    found = explain((z * p.log()).sum(), z, names={})

    assert found.formula == "∂L/∂z = log(y)"
    np.testing.assert_allclose(found.steps[-1].gradient, np.log(p.raw))
    assert "y = " in found.text.split("Forward")[0]


@pytest.mark.parametrize(("writer", "sign"), [("latex", r"\log"), ("html", "log"), ("markdown", r"\log")])
def test_every_writer_writes_how_a_constant_was_made(writer, sign):
    text = getattr(explain((z * q.log()).sum(), z), writer)

    assert sign in text
    assert "c_1" not in text


def test_a_constant_whose_source_was_changed_since_is_given():
    p = tensor(RNG.random((3, 4)), name="p")
    loss = (z * p.log()).sum()
    p.add_(1)

    assert explain(loss, z).formula == "∂L/∂z = y"
