from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def flipped(exercise):
    right = exercise.solution()
    return exercise.check({**right, "W1": -right["W1"], "b1": None})


def _first(result):
    return str(result.arrays["W1"].true[0, 0].round(6))


def test_level_0_tells_the_points_and_what_is_wrong_with_the_form(flipped):
    assert flipped.text(0) == "Two layers: 3.5 of 6 points.\nb1: missing: nothing was handed in."
    assert "arrays" not in flipped.to_dict(0)


def test_level_1_tells_the_arrays(flipped):
    assert "W1 (1.5 of 3): wrong.\nb1 (0 of 1): missing: nothing was handed in.\n" in flipped.text(1)


def test_level_2_tells_the_node_and_is_the_default(flipped):
    assert "W1 (1.5 of 3): wrong.\nLook at 'z1'.\n" in repr(flipped)
    assert "sign" not in flipped.to_json()


def test_level_3_tells_the_mistake(flipped):
    assert flipped.to_dict(3)["arrays"]["W1"]["mistakes"] == ["sign-lost"]
    assert "the sign is lost" in flipped.text(3)
    assert _first(flipped) not in flipped.text(3)


def test_level_4_tells_the_right_numbers(flipped):
    assert "dW1 = [[" in flipped.text(4)
    assert _first(flipped) in flipped.text(4)


def test_explanations_that_fit_alike_are_listed(exercise):
    true = {name: array.true for name, array in exercise.check({}).arrays.items()}

    result = exercise.check({name: 2 * array for name, array in true.items()}, 3)

    reason = result.arrays["dz2"].reason(3)
    assert reason.startswith("wrong.\nThese explain it equally well:\n(a) ")
    assert "(b) " in reason


def test_json_can_be_read_again(flipped):
    assert json.loads(flipped.to_json(4)) == flipped.to_dict(4)


def test_gradescope_gets_a_test_for_each_array(flipped):
    told = flipped.to_gradescope()

    assert told["score"] == sum(test["score"] for test in told["tests"]) == 3.5
    assert told["tests"][1] == {
        "name": "db1", "score": 0.0, "max_score": 1.0, "status": "failed", "output": "missing: nothing was handed in."
    }  # fmt: skip


def test_gradescope_gets_no_tests_at_level_0(flipped):
    assert flipped.to_gradescope(0).keys() == {"score", "output"}


def test_a_notebook_shows_it_escaped(exercise):
    shown = exercise.check({"<b>": 1})._repr_html_()

    assert "&lt;b&gt; was not asked for" in shown


@pytest.mark.parametrize("call", ["text", "to_dict", "to_gradescope"])
def test_a_level_that_is_none_is_refused(flipped, call):
    with pytest.raises(ValueError, match=rf"{call} needs a level of help from 0 .* to 4 .*: got 5"):
        getattr(flipped, call)(5)


def test_check_refuses_a_level_that_is_none(exercise):
    with pytest.raises(ValueError, match="check needs a level of help"):
        exercise.check({}, level=7)
