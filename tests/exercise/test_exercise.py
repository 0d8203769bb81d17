from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.exercise import Exercise


def square(x, w):
    return ((x * w) ** 2).mean()


DATA = {"x": [1.0, 2.0, 3.0], "w": [0.5, 0.25, -1.0]}


def test_the_solution_is_the_engines_gradient_rounded():
    exercise = Exercise(square, DATA, ["w"], digits=3)

    expected = np.round(2 * np.square(DATA["x"]) * DATA["w"] / 3, 3)
    np.testing.assert_array_equal(exercise.solution()["w"], expected)


def test_the_solution_is_right(exercise):
    result = exercise.check(exercise.solution())

    assert (result.points, result.possible, result.right) == (6, 6, True)


def test_inner_tensors_can_be_asked_by_the_name_the_function_gives_them(exercise):
    p, Y = exercise.check({}).arrays["dz2"].true, exercise.data["Y"]

    assert p.shape == Y.shape
    np.testing.assert_allclose(p.sum(axis=1), 0, atol=1e-15)


def test_the_arrays_of_the_teacher_are_copied():
    data = {name: np.array(value) for name, value in DATA.items()}
    exercise = Exercise(square, data, ["w"])
    before = exercise.solution()["w"]

    data["w"][:] = 0

    np.testing.assert_array_equal(Exercise(square, exercise.data, ["w"]).solution()["w"], before)


def test_tensors_that_require_a_gradient_are_parameters():
    exercise = Exercise(square, {**DATA, "x": tensor(DATA["x"], requires_grad=True)}, ["w"])

    assert {x.name for x in exercise.gradients.suspects.facts.tape.leaves} == {"w", "x"}


def test_its_repr_says_what_is_asked():
    assert repr(Exercise(square, DATA, ["w"], title="Squares")) == "<exercise 'Squares': dw to 4 decimals>"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((5, DATA, ["w"]), {}, TypeError, "function of named arrays .*, or a module and its loss, got 5"),
        ((square, [1], ["w"]), {}, TypeError, r"data as a mapping from names to arrays, got \[1\]"),
        ((square, {"x": [1.0]}, ["x"]), {}, TypeError, r"fits the arguments \(x, w\), got x: missing a req"),
        ((square, {**DATA, "x": "abc"}, ["w"]), {}, TypeError, "numbers for x, got str 'abc'"),
        ((square, {**DATA, "x": [np.nan]}, ["w"]), {}, ValueError, "finite numbers for x"),
        ((square, {**DATA, "w": [1e200]}, ["w"]), {}, ValueError, "a finite loss, but square returns inf"),
        ((lambda x, w: x * w, DATA, ["w"]), {}, TypeError, "to return a loss that is one number"),
        ((lambda x, w: x.sum(), DATA, ["w"]), {}, TypeError, "depends on a parameter"),
        ((lambda x, w: (w.sum(), [w]), DATA, ["w"]), {}, TypeError, r"\(loss, \{'z1': z1\}\)"),
        ((square, DATA, "w"), {}, TypeError, r"ask as a list of names, got 'w'; write ask=\['W1'\]"),
        ((square, DATA, []), {}, ValueError, "ask with at least one name"),
        ((square, DATA, ["v", "w"]), {}, ValueError, "got 'v', and there are the gradients x, w and"),
        ((square, DATA, ["W3"]), {}, ValueError, "got 'W3', and there are the gradients x, w and the values L;"),
        ((square, DATA, ["w"]), {"parameters": ["v"]}, ValueError, "parameters out of x, w, got 'v'"),
        ((square, DATA, ["w"]), {"digits": 13}, ValueError, r"digits from 0 to 12 \(decimals\), got 13"),
        ((square, DATA, ["w"]), {"points": {"v": 1}}, ValueError, "points of 0 or more for w, got 'v'"),
        ((square, DATA, ["w"]), {"points": -1}, ValueError, "points of 0 or more for w, got -1"),
        ((square, DATA, ["w"]), {"partial": 2}, ValueError, "partial as a share from 0 to 1, got 2"),
    ],
)  # fmt: skip
def test_what_a_teacher_gets_wrong_is_told(arguments, options, error, message):
    with np.errstate(all="ignore"), pytest.raises(error, match=f"Exercise needs .*{message}"):
        Exercise(*arguments, **options)
