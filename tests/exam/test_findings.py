from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exam import findings, problem2, problem3
from tinygrad_edu.exam.paper import Problem3


@pytest.fixture
def stale(found):
    return text(found[0])


@pytest.fixture
def means(found):
    return text(found[1])


@pytest.fixture
def bits(found):
    return text(found[2])


def text(finding):
    return "\n".join(f"{e.certainty}: {e.text}" for e in finding.evidence)


def test_the_stale_h_reproduces_all_printed_numbers(stale):
    assert "gives 48 of the 48 printed numbers" in stale
    assert "without it, 2 numbers would be printed differently" in stale


def test_h1_in_the_same_line_would_be_wrong_by_the_number_of_hidden_units(stale):
    """Each H1 is nearly 1, so the matrix product sums three of them where one belongs."""
    H1 = np.array(problem2.solve().H1.detach())

    assert "3.000 times too large" in stale
    assert H1.sum(axis=0).max() == pytest.approx(3, abs=0.01)


def test_printed_dw1_is_the_outer_product_to_the_printed_digits():
    residual, allowed = findings.outer_residual()

    assert (np.abs(residual) <= allowed).all()
    assert np.abs(residual).max() == pytest.approx(0.000063, abs=5e-7)


def test_the_true_dw1_is_no_such_outer_product():
    true = problem3.gradients(problem3.network(problem3.initial().centre))
    x = Problem3.X.mean(axis=0, keepdims=True).T

    assert np.abs(np.array(true["dL/dW1"].detach()) - x @ np.array(true["dL/dB"].detach())).max() > 0.01


def test_certain_and_likely_are_kept_apart(found):
    assert [e.certainty for e in found[1].evidence] == [
        "certain",
        "certain",
        "most likely",
        "most likely",
        "certain",
    ]


def test_the_doubt_about_the_likely_cause_is_told(means):
    assert "gives 4 of the 6 numbers of dL/dW2" in means
    assert "One doubt stays" in means
    assert "allows 0.02504 or more" in means
    assert "The source of the paper's nn is not known" in means


def test_db_from_batch_means_fits_and_the_true_one_does_not(means):
    assert "dL/dB computed from the same means fits" in means


def test_w1_new_follows_from_the_printed_gradient():
    assert np.abs(findings.step_residual()).max() <= 0.00015


def test_the_loss_is_told_in_both_units_and_as_a_sum(bits):
    assert "1.5997 bits per example, which is 1.1088 nats" in bits
    assert "in nats the sum is 6.653" in bits


@pytest.mark.slow
def test_1_5997_nats_is_out_of_the_question():
    """No weights within the rounding give 1.5997 in nats: that would be 2.3 bits, worse than guessing."""
    _, high = findings.attained(problem3.forward, problem3.after_papers_step())["Loss"]

    assert high * np.log(2) < 1.2


def test_every_finding_has_a_sentence_and_a_lesson_of_at_most_two(found):
    assert [x.title for x in found if x.sentence.count(". ") or not x.sentence.endswith(".")] == []
    assert [x.title for x in found if x.lesson.count(". ") > 1 or not x.lesson.endswith(".")] == []
