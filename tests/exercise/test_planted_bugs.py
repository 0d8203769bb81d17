from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.exercise import Exercise
from tinygrad_edu.exercise.planted_bugs import key

SEEDS = st.integers(0, 2**32)


@pytest.mark.slow
def test_the_same_seed_plants_the_same_bug(exercise):
    first, second = exercise.planted_bug(3), exercise.planted_bug(3)

    assert first.text == second.text
    assert len({exercise.planted_bug(seed).id for seed in range(20)}) > 8


@pytest.mark.slow
@given(SEEDS)
def test_the_arrays_are_wrong_and_the_mistake_is_the_only_one_that_fits(exercise, seed):
    bug = exercise.planted_bug(seed)

    result = exercise.check(bug.arrays, 3)

    assert {e.mistake for array in result.arrays.values() for e in array.explanations} == {bug.id}


@pytest.mark.slow
@given(SEEDS)
def test_only_the_right_choice_is_right(exercise, seed):
    bug = exercise.planted_bug(seed)

    assert [letter for letter in bug.choices if bug.check(letter)[0]] == [bug.answer]
    assert len(set(bug.choices.values())) == len(bug.choices) == 5


def test_a_guess_may_be_a_letter_a_name_a_number_or_the_sentence(exercise):
    bug = exercise.planted_bug(0)

    guesses = [
        bug.answer,
        f" ({bug.answer.upper()}) ",
        bug.id,
        bug.number,
        str(bug.number),
        bug.choices[bug.answer],
    ]

    assert all(bug.check(guess)[0] for guess in guesses)
    assert exercise.check_bug(bug.id, seed=0) == (True, f"Right: it is {bug.choices[bug.answer]}.")


@pytest.mark.parametrize("guess", ["", "z", None, True, -1, 3.5, [], "sign", object()])
def test_any_other_guess_is_wrong_and_raises_nothing(exercise, guess):
    right, words = exercise.planted_bug(0).check(guess)

    assert not right
    assert words.startswith("Wrong: it is not ")


def test_the_question_shows_the_arrays_but_not_the_answer(exercise):
    bug = exercise.planted_bug(0)

    assert "dW1 =\n  [[" in bug.text
    assert ". " not in str(bug.text.split("dW1 =")[1].split("]]")[0])  # all have the decimals asked for
    assert "\n  (e) " in bug.text
    assert bug.id not in bug.text
    assert repr(bug) == bug.text


def test_the_gradient_of_an_intermediate_has_one_d(exercise):
    assert "\ndz2 =\n  [[" in exercise.planted_bug(0).text


@pytest.mark.slow
def test_each_student_has_another_bug_and_the_same_seed_gives_the_same_bugs(exercise):
    bugs = exercise.planted_bugs(30, seed=1)

    texts = [str({name: array.tolist() for name, array in bug.arrays.items()}) for bug in bugs]
    assert len(set(texts)) == 30
    assert len({bug.id for bug in bugs}) > 15
    assert all(len(bug.choices) == 5 for bug in bugs)
    assert [bug.text for bug in exercise.planted_bugs(30, seed=1)] == [bug.text for bug in bugs]
    assert exercise.planted_bugs(3, seed=2)[0].text != bugs[0].text


def test_the_key_has_the_right_letter_of_each_sheet(exercise):
    bugs = exercise.planted_bugs(4, seed=0)

    rows = list(csv.DictReader(key(bugs).splitlines()))

    assert [row["sheet"] for row in rows] == ["1", "2", "3", "4"]
    assert all(bug.check(row["answer"])[0] for bug, row in zip(bugs, rows, strict=True))
    assert all(bug.choices[row["answer"]] == row["sentence"] for bug, row in zip(bugs, rows, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "message"),
    [
        (0, "count of 1 or more, got 0"),
        (2.5, "got 2.5"),
        (9999, r"with 9999 mistakes .* 'Two layers' has \d+"),
    ],
)
def test_more_bugs_than_there_are_mistakes_is_told(exercise, count, message):
    with pytest.raises(ValueError, match=f"planted_bugs needs .*{message}"):
        exercise.planted_bugs(count, seed=0)


def test_where_nothing_can_be_named_there_is_no_bug():
    exercise = Exercise(lambda x, w: ((x * w) ** 2).mean(), {"x": [1.0, 2.0, 3.0], "w": np.array(0.5)}, ["w"])

    with pytest.raises(ValueError, match=r"planted_bug needs an exercise in which .* see audit\(\)"):
        exercise.planted_bug(0)
