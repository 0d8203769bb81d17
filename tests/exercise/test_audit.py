from __future__ import annotations

import pytest

from tinygrad_edu.exercise import Exercise
from tinygrad_edu.exercise.wrong_answers import wrong_answers


@pytest.fixture(scope="module")
def found(small):
    """What an audit of N = K = 2 finds."""
    return small.audit()


@pytest.mark.slow
def test_where_sizes_differ_only_a_factor_2_and_adding_up_twice_are_tied(exercise):
    found = exercise.audit()

    assert [set(tie.mistakes) for tie in found.ties] == [{"factor-of-the-square", "accumulated-twice"}]
    assert (found.good, found.made - found.told, found.unseen, found.unnamed) == (True, 3, (), ())


@pytest.mark.slow
def test_with_two_examples_and_two_classes_a_missing_mean_looks_like_a_factor_2(found):
    assert any(
        {"mean-missing", "averaged-over-classes", "factor-of-the-square"} <= set(t.mistakes)
        for t in found.ties
    )
    assert not found.good


@pytest.mark.slow
def test_the_text_lists_the_ties_and_the_advice(found):
    text = str(found)

    assert "Explained equally well:\n  (a) 2 times the true gradient" in text
    assert "  - Take 3 examples or more: with N = 2," in text
    assert "with N = K = 2, the factors of one look like" in text


@pytest.mark.slow
def test_what_changes_no_digit_is_not_seen():
    exercise = Exercise.random(0, digits=0)

    found = exercise.audit()

    assert len(found.unseen) > 20
    assert found.text.count("\n  - ") <= 30


def test_few_numbers_name_nothing():
    exercise = Exercise(lambda x, w: ((x * w) ** 2).mean(), {"x": [1.0, 2.0, 3.0], "w": 0.5}, ["w"])

    found = exercise.audit()

    assert found.told == 0
    assert len(found.unnamed) > 5


def test_a_prompt_shows_what_print_prints(found):
    assert repr(found) == str(found) == found.text


def test_the_dictionary_holds_the_same(found):
    told = found.to_dict()

    assert (told["made"], told["told"], told["good"]) == (found.made, found.told, False)
    assert told["ties"][0]["sentences"] == list(found.ties[0].sentences)
    assert told["advice"] == list(found.advice)


@pytest.mark.slow
def test_every_mistake_costs_points_but_not_all_of_them(exercise):
    """One mistake is not punished twice: what follows from it has full points."""
    points = [exercise.check(mistake.arrays).points for mistake in wrong_answers(exercise)]

    assert max(points) < 6
    assert min(points) >= 6 - 3 * 0.5
