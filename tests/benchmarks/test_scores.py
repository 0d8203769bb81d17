"""How verdicts on planted mistakes are counted, and which submissions are no mistakes at all."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(FOLDER))

from diagnosis import negatives, planted, scores  # noqa: E402 - found only now
from diagnosis.by_hand import gradients  # noqa: E402
from diagnosis.slips import Mistake  # noqa: E402

SIGN = Mistake(1, "sign", "hand_in", "", {})
TRUE, OTHER = scores.Named(frozenset({1}), "the sign"), scores.Named(frozenset({2, 8}), "N")


@pytest.mark.parametrize(
    ("verdict", "rivals", "complaint"),
    [
        (scores.Verdict(False, (TRUE,)), set(), ""),
        (scores.Verdict(False, (TRUE, OTHER)), {"2 N"}, ""),
        (scores.Verdict(False, (TRUE, OTHER)), set(), "not alone"),
        (scores.Verdict(False, (OTHER,)), set(), "something else said"),
        (scores.Verdict(False, ()), set(), "unexplained"),
        (scores.Verdict(True, ()), set(), "called right"),
    ],
)
def test_a_verdict_is_good_only_if_it_names_the_mistake_and_no_other_that_can_be_told_apart(
    verdict, rivals, complaint
):
    assert scores.failure(SIGN, verdict, rivals) == complaint


def test_of_two_mistakes_each_may_be_named_for_its_own_arrays():
    both = Mistake(1, "both", "hand_in", "", {}, (SIGN, SIGN._replace(number=8)))

    assert scores.failure(both, scores.Verdict(False, (TRUE, OTHER)), set()) == ""
    assert scores.failure(both, scores.Verdict(False, (TRUE, OTHER), tie=True), set()) == "not alone"
    assert scores.failure(both, scores.Verdict(False, (OTHER,)), set()) == "something else said"


def test_what_cannot_be_told_apart_does_not_count_as_not_alone():
    found = scores.Scores()

    found.add(0, SIGN, scores.Verdict(False, (TRUE, OTHER)), {"2 N"})
    found.add(0, SIGN, scores.Verdict(False, (TRUE,)), set())

    assert "| 1 sign | 2 | 100 % | 100 % | 100 % of 1 | 0 | 0 | 0 |" in list(found.table())


def test_a_percentage_is_never_rounded_up_to_100():
    assert scores.percent(99_999, 100_000) == "99.9 %"
    assert scores.percent(3, 3) == "100 %"
    assert scores.percent(0, 0) == "-"


@pytest.mark.parametrize("kind", sorted(negatives.RIGHT.keys() - negatives.AS_WRITTEN.keys()))
@pytest.mark.parametrize("digits", [3, 5])
def test_right_answers_round_to_the_right_digits(kind, digits):
    network = planted.network(0)

    answers = negatives.right(network, kind, digits, np.random.default_rng(0))

    for name, g in gradients(network).items():
        assert np.abs(answers[name] - g).max() <= 0.5000001 * 10**-digits


@pytest.mark.parametrize("kind", negatives.RANDOM)
def test_random_arrays_have_the_right_shapes_and_no_right_digits(kind):
    network = planted.network(0)
    right = planted.rounded(gradients(network), 4)

    answers = negatives.random(network, kind, 4, np.random.default_rng(0))

    assert {name: g.shape for name, g in answers.items()} == {name: g.shape for name, g in right.items()}
    assert not planted.same(answers, right)


def test_what_fits_too_few_digits_to_be_named_is_held_back():
    score = scores.Score()

    score.add(SIGN, scores.Verdict(False, (), possible=(TRUE, OTHER)), set())

    assert (score.held_back, score.listed, score.unexplained, score.named) == (1, 2, 0, 0)
    assert score.row("sign") == "| sign | 1 | 100 % | 0.0 % | 0.0 % of 1 | 0 | 0 | 0 |"


def test_scores_of_rest_networks_add_up():
    one, other = scores.Scores(), scores.Scores()
    one.add(0, SIGN, scores.Verdict(False, (TRUE,)), set())
    for seed in range(scores.EXAMPLES):
        one.add(seed, SIGN, scores.Verdict(True, ()), set())
        other.add(seed, SIGN, scores.Verdict(True, ()), set())

    both = one + other

    assert (both.total.planted, both.total.named, both.total.called_right) == (11, 1, 10)
    assert both.failures["1 sign: called right"].count == 10
    assert len(both.failures["1 sign: called right"].examples) == scores.EXAMPLES
    assert one.total.planted == 6
