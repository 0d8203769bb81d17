from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu import tensor
from tinygrad_edu.exercise import Exercise
from tinygrad_edu.exercise.wrong_answers import wrong_answers


def verdicts(result):
    return {name: (array.verdict, array.points) for name, array in result.arrays.items()}


def test_a_lost_sign_costs_half_of_one_array(exercise):
    right = exercise.solution()

    result = exercise.check({**right, "W1": -right["W1"]}, level=3)

    assert verdicts(result)["W1"] == ("partly", 1.5)
    assert result.points == 4.5
    assert "the sign is lost" in result.arrays["W1"].reason(3)


def test_a_lost_sign_needs_few_numbers_to_be_seen():
    small = Exercise(
        lambda x, w, b: ((x * w + b) ** 2).mean(), {"x": [1.0, 2.5, 3.0], "w": 0.5, "b": 0.25}, ["w"]
    )

    assert verdicts(small.check({"w": -small.solution()["w"]})) == {"w": ("partly", 0.5)}


def test_what_follows_from_an_earlier_mistake_has_full_points(exercise):
    true = {name: array.true for name, array in exercise.check({}).arrays.items()}

    result = exercise.check({name: 5 * array for name, array in true.items()})

    found = verdicts(result)
    assert found == {"dz2": ("partly", 0.5), "W2": ("follows", 1), "b1": ("follows", 1), "W1": ("follows", 3)}


def test_an_array_is_judged_given_the_students_own_earlier_ones(exercise):
    """An arbitrary delta, and a W2 that is right for it."""
    right = exercise.solution()
    own = np.random.default_rng(1).normal(size=right["dz2"].shape).round(4)
    tensors = {name: tensor(array) for name, array in exercise.data.items()}
    a1 = exercise.loss_fn(**tensors)[1]["a1"].raw

    result = exercise.check({"dz2": own, "W2": (a1.T @ own).round(4)})

    assert verdicts(result)["dz2"] == ("wrong", 0)
    assert verdicts(result)["W2"] == ("follows", 1)


def test_random_numbers_earn_nothing_and_accuse_nobody(exercise):
    rng = np.random.default_rng(2)

    result = exercise.check({name: rng.normal(size=a.shape) for name, a in exercise.solution().items()}, 3)

    assert result.points == 0
    assert result.arrays["W1"].reason(3) == "wrong.\nNo known mistake explains this."


def test_zeros_earn_nothing(exercise):
    result = exercise.check({name: np.zeros(a.shape) for name, a in exercise.solution().items()}, 3)

    assert result.points == 0
    assert result.arrays["W1"].reason(3) == "wrong.\nAll of it is zero, and the gradient is not."


@pytest.mark.slow
def test_zeros_that_come_of_a_mistake_are_not_punished_twice():
    """Of a softmax over the examples, the gradient of the bias is zero."""
    exercise = Exercise.random(1)
    mistake = next(
        p for p in wrong_answers(exercise) if p.id == "softmax-wrong-axis" and not p.arrays["b2"].any()
    )

    result = exercise.check(mistake.arrays)

    assert verdicts(result)["b2"] == ("follows", 1)
    assert result.points == 3.5


def test_zeros_beside_a_mistake_earn_nothing(exercise):
    right = exercise.solution()

    result = exercise.check({**right, "dz2": -right["dz2"], "W1": 0 * right["W1"], "b1": 0 * right["b1"]})

    assert verdicts(result)["W1"] == verdicts(result)["b1"] == ("wrong", 0)


def test_fewer_decimals_than_asked_are_said_to_be_right_so_far(exercise):
    result = exercise.check({"W1": exercise.check({}).arrays["W1"].true.round(2)}, 3)

    assert verdicts(result)["W1"] == ("partly", 1.5)
    assert result.arrays["W1"].reason(1) == "wrong: right to 2 decimals, but 4 are asked for."


def test_fewer_significant_figures_than_asked_are_said_to_be_right_so_far(exercise):
    true = exercise.check({}).arrays["W1"].true

    result = exercise.check({"W1": np.vectorize(lambda x: float(f"{x:.2g}"))(true)}, 3)

    assert verdicts(result)["W1"] == ("partly", 1.5)
    reason = "wrong: right to 2 significant figures, but 4 decimals are asked for."
    assert result.arrays["W1"].reason(1) == reason


def test_one_unit_of_the_last_decimal_is_forgiven_if_no_mistake_explains_it(exercise):
    right = exercise.solution()
    rng = np.random.default_rng(3)

    result = exercise.check({**right, "W1": (right["W1"] + 1e-4 * rng.integers(-1, 1, (3, 6))).round(4)})

    assert result.points == 6
    assert "to one unit of the last decimal" in result.arrays["W1"].reason(1)


def test_a_mistake_is_named_from_fewer_decimals_than_asked(exercise):
    right = exercise.solution()

    result = exercise.check({**right, "W1": -exercise.check({}).arrays["W1"].true.round(3)}, 3)

    assert "the sign is lost" in result.arrays["W1"].reason(3)


def test_more_decimals_than_asked_are_right(exercise):
    true = {name: array.true for name, array in exercise.check({}).arrays.items()}

    assert exercise.check(true).right


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    [
        (None, "missing", "missing: nothing was handed in."),
        ("abc", "unreadable", "cannot be read: numbers are needed, got the text 'abc'."),
        ("−2,75", "unreadable", "numbers are needed, got the text '−2,75'; write −2.75, with a point."),
        ([["1", "1/0"]], "unreadable", "numbers are needed, got the text '1/0'."),
        ([1, "1,5"], "unreadable", "numbers are needed, got the text '1,5'; write 1.5, with a point."),
        ("nan", "unreadable", "there is nan; every number has to be finite."),
        ("0.5", "unreadable", "its shape is (), and (3, 6) is needed."),
        ([[1, 2], [3]], "unreadable", "rows of one length: got list [[1, 2], [3]]."),
        ({"a": 1}, "unreadable", "rows of one length: got dict {'a': 1}."),
        ([[1j]], "unreadable", "rows of one length: got list [[1j]]."),
        ([], "unreadable", "there are 0 numbers in it."),
        ([[1.0, np.nan]], "unreadable", "there is nan at [0, 1]; every number has to be finite."),
        ([[1e300]], "unreadable", "the largest number is 1e+300, which is beyond what can be graded."),
        ([[1.0, 2.0]], "unreadable", "its shape is (1, 2), and (3, 6) is needed."),
        (7, "unreadable", "its shape is (), and (3, 6) is needed."),
    ],
)
def test_what_cannot_be_read_has_its_reason_and_the_rest_is_graded(exercise, answer, verdict, reason):
    result = exercise.check({**exercise.solution(), "W1": answer})

    assert verdicts(result) == {
        "W1": (verdict, 0),
        "b1": ("right", 1),
        "dz2": ("right", 1),
        "W2": ("right", 1),
    }
    assert result.arrays["W1"].reason(1).endswith(reason)


def test_numbers_written_as_text_are_read(exercise):
    true = exercise.solution()
    written = [[str(x).replace("-", "−") for x in row] for row in true["W1"].tolist()]
    fractions = [f"{x * 10_000:.0f}/10000" for x in true["b1"].tolist()]

    assert exercise.check({**true, "W1": written, "b1": fractions}).right


def test_a_key_that_differs_in_capitals_is_pointed_out(exercise):
    result = exercise.check({"w1": 1, "DW2": 2, "v": 3})

    assert result.notes == ("w1 was not asked for, but W1 is", "DW2 was not asked for, but W2 is",
                            "v was not asked for")  # fmt: skip


@pytest.mark.parametrize("key", ["W1", " W1 ", "dW1", "dL/dW1", "∂L/∂W1", "dL / dW1"])
def test_keys_are_read_as_people_write_them(exercise, key):
    assert verdicts(exercise.check({key: exercise.solution()["W1"]}))["W1"] == ("right", 3)


def test_keys_that_nobody_asked_for_are_noted(exercise):
    result = exercise.check({"W9": 1, 3: 1, "W1": 1, "dW1": 2})

    assert result.notes == ("W9 was not asked for", "int 3 was not asked for",
                            "W1 was handed in twice; the first was graded")  # fmt: skip


def test_answers_that_are_no_mapping_are_missing(exercise):
    result = exercise.check([1, 2])

    assert result.points == 0
    assert result.notes == ("answers are needed as a mapping from names to arrays, got list [1, 2]",)
    assert {array.verdict for array in result.arrays.values()} == {"missing"}


class Awkward:
    def __array__(self, *args, **options):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


def test_an_object_that_fails_when_it_is_read_is_unreadable(exercise):
    assert exercise.check({"W1": Awkward(), "b1": object}).arrays["W1"].verdict == "unreadable"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=30,
)


@pytest.mark.slow
@given(JSON, JSON)
def test_nothing_that_json_can_hold_raises(exercise, first, second):
    result = exercise.check({"W1": first, "b1": second}, 4)

    assert result.points == 0
    assert result.to_json(4)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, 1e29, -1e-300])


@pytest.mark.slow
@given(st.lists(NUMBERS, min_size=18, max_size=18), st.lists(NUMBERS, min_size=6, max_size=6))
def test_no_numbers_of_the_right_shape_raise(exercise, first, second):
    assert exercise.check({"W1": np.reshape(first, (3, 6)), "b1": second}, 4).points <= 4
