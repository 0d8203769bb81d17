from __future__ import annotations

import pytest

from tinygrad_edu.exam import comparison_table, diagnoses, findings
from tinygrad_edu.exam.diagnoses import Answer


@pytest.fixture(scope="module")
def gradients():
    return {answer.given: answer for answer in diagnoses.of_gradients()}


def test_problem_2_is_the_left_over_h_as_a_matrix_product_with_the_sign_lost():
    (answer,) = diagnoses.of_problem2()

    assert answer.certainty == "certain"
    assert (
        "@ for * in the sigmoid derivative at 'H1', and H for H1, times -1: the sign is lost" in answer.text
    )
    assert "You wrote dZ1 = dH1 @ H * (1 - H); it should be dZ1 = dH1 * H1 * (1 - H1)." in answer.text


@pytest.mark.parametrize("given", ["all four printed gradients", "dL/dW1 alone"])
def test_problem_3_averaged_the_batch_first_most_likely(gradients, given):
    assert gradients[given].certainty == "most likely"
    assert "the batch is averaged before anything is multiplied" in gradients[given].text


def test_the_first_wrong_gradient_of_problem_3_is_blamed_and_the_others_follow(gradients):
    text = gradients["all four printed gradients"].text

    assert text.startswith("C: right. W2: wrong. B: follows from the mistake before it. W1: follows from")


@pytest.mark.parametrize("given", ["dL/dW2 alone", "dL/dB alone"])
def test_few_printed_digits_alone_accuse_nobody(gradients, given):
    assert gradients[given].certainty == diagnoses.NOT_ENOUGH
    assert "Too little is given to name a mistake" in gradients[given].text


def test_the_gradients_are_not_those_of_the_loss_in_bits():
    (answer,) = diagnoses.of_units()

    assert answer.certainty == "most likely"
    assert "times ln 2: the logarithm to base 2 and its derivative are mixed up" in answer.text


@pytest.mark.slow
def test_no_line_of_the_package_is_named():
    answers = [answer for finding in findings.findings() for answer in finding.answers]

    assert len(answers) == 6
    assert not any(".py:" in answer.text for answer in answers)


@pytest.mark.slow
def test_what_is_said_stands_below_the_evidence_in_the_table():
    finding = findings.findings()[0]._replace(answers=(Answer("these numbers", "certain", "W1: wrong."),))

    lines = comparison_table.comparison([], [finding], 80).splitlines()

    assert "  - certain, given these numbers: W1: wrong." in lines
