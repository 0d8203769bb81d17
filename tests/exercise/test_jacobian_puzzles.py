from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.exercise import jacobian_puzzles, load
from tinygrad_edu.exercise.difference_picture import difference_picture
from tinygrad_edu.exercise.jacobian_puzzle import JacobianPuzzle
from tinygrad_edu.exercise.sandbox import Submission

PUZZLES = {name: x for name, x in vars(jacobian_puzzles).items() if isinstance(x, JacobianPuzzle)}
MISTAKES = [(name, did) for name, puzzle in PUZZLES.items() for did in puzzle.mistakes]


def finite_differences(puzzle, step=1e-6):
    first, *others = puzzle.data.values()
    moves = (step * e.reshape(first.shape) for e in np.eye(first.size))
    columns = [
        (puzzle.function(*_tensors(first + m, others)) - puzzle.function(*_tensors(first - m, others)))
        / (2 * step)
        for m in moves
    ]
    return np.stack([column.numpy().ravel() for column in columns], axis=1)


def _tensors(first, others):
    return [tensor(x) for x in (first, *others)]


@pytest.mark.parametrize("name", PUZZLES)
def test_the_true_jacobian_is_that_of_finite_differences_and_of_the_formula(name):
    puzzle = PUZZLES[name]
    names = {"np": np, **puzzle.data}
    if name == "SOFTMAX":
        names["p"] = np.exp(puzzle.data["z"]) / np.exp(puzzle.data["z"]).sum()
    if name == "LAYER_NORM":
        x = puzzle.data["x"]
        s = np.sqrt(x.var() + jacobian_puzzles.EPSILON)
        names |= {"n": len(x), "s": s, "y": (x - x.mean()) / s}

    exec(puzzle.formula, names)

    np.testing.assert_allclose(puzzle.true, finite_differences(puzzle), atol=1e-8)
    np.testing.assert_allclose(names["J"], puzzle.true, atol=1e-12)


@pytest.mark.parametrize("name", PUZZLES)
def test_the_right_jacobian_is_right_rounded_in_float32_and_in_the_shape_of_pytorch(name):
    puzzle = PUZZLES[name]
    first, *others = puzzle.data.values()
    whole = (*puzzle.function(*_tensors(first, others)).shape, *first.shape)

    for answer in (puzzle.true.round(4).tolist(), puzzle.true.astype(np.float32), puzzle.true.reshape(whole)):
        assert puzzle.check(answer).right
        assert puzzle.check({"J": answer}).points == 1


@pytest.mark.parametrize(("name", "did"), MISTAKES)
def test_a_known_mistake_is_the_only_one_named(name, did):
    puzzle = PUZZLES[name]
    wrong = puzzle.mistakes[did](*puzzle.data.values())

    result = puzzle.check(wrong.round(4), 3)

    assert result.points == 0.5
    assert result.arrays["J"].reason(3) == f"wrong.\nIt equals {did}."


@pytest.mark.parametrize("name", PUZZLES)
def test_random_numbers_are_wrong_and_accuse_nobody(name):
    puzzle = PUZZLES[name]
    answer = np.random.default_rng(0).normal(size=puzzle.true.shape)

    assert puzzle.check(answer, 3).arrays["J"].reason(3) == "wrong.\nNo known mistake explains this."


@pytest.mark.parametrize("answer", [None, "x", [1, 2], {}, {"K": 1}, object(), [[np.nan]]])
def test_no_answer_raises(answer):
    result = PUZZLES["SOFTMAX"].check(answer, 4)

    assert result.points == 0
    assert result.picture == ""
    with pytest.raises(ValueError, match="save_picture needs an answer that can be compared"):
        result.save_picture("off.svg")


def test_the_picture_shades_what_is_wrong(tmp_path):
    puzzle = PUZZLES["SOFTMAX"]
    answer = puzzle.true.copy()
    answer[1, 2] += 0.5

    result = puzzle.check(answer)

    root = ET.fromstring(result.save_picture(tmp_path / "off.svg").read_text("utf-8"))
    shades = [float(x.get("fill-opacity", 0)) for x in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert "1 of 25 wrong" in result.picture
    assert sum(shade > 0 for shade in shades) == 1
    assert result.picture in result._repr_html_()


def test_fewer_decimals_than_asked_are_said_to_be_right_so_far():
    result = PUZZLES["SOFTMAX"].check(PUZZLES["SOFTMAX"].true.round(2))

    assert result.arrays["J"].reason() == "wrong: right to 2 decimals, but 4 are asked for."


def test_level_0_shows_no_picture():
    assert PUZZLES["SOFTMAX"].check([[0.0] * 5] * 5, 0).picture == ""


def test_a_wide_picture_has_small_cells_without_numbers():
    picture = difference_picture(np.ones((2, 40)), np.zeros((2, 40)), "<J>", 1e-4)

    assert "&lt;J&gt;: 80 of 80 wrong" in picture
    assert picture.count('width="12"') == 80


def test_puzzles_are_found_by_name():
    assert load("jacobian-softmax") is PUZZLES["SOFTMAX"]
    assert repr(load("jacobian-matmul")) == "<puzzle 'Jacobian of a matrix product': J to 4 decimals>"


def test_a_level_of_hints_that_is_not_there_is_told():
    with pytest.raises(ValueError, match="hint needs a level from 1 to 4, got 0"):
        PUZZLES["SOFTMAX"].hint(0)


PROGRAM = """
import numpy as np
def answers(z):
    p = np.exp(z) / np.exp(z).sum()
    return {}
"""


@pytest.mark.parametrize(
    ("source", "points"),
    [
        (PROGRAM.format("np.diag(p) - np.outer(p, p)"), 1),
        (PROGRAM.format('{"J": np.diag(p)}'), 0.5),
        (f"answers = {jacobian_puzzles.SOFTMAX.solution()['J'].tolist()}", 1),
    ],
)
def test_a_program_is_run_on_the_numbers_of_the_puzzle(source, points):
    assert jacobian_puzzles.SOFTMAX.check(Submission(((source, 1),))).points == points


def test_a_function_is_an_answer_too():
    assert jacobian_puzzles.MATMUL.check(lambda A, B: np.kron(np.eye(len(A)), B.T)).right


def test_a_program_that_fails_has_a_reason():
    told = jacobian_puzzles.SOFTMAX.check(Submission((("import sys; sys.exit()", 1),), file="ann.py")).text()

    assert "J (0 of 1): cannot be read: ann.py ended the program with sys.exit (line 1)." in told
