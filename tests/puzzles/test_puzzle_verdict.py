from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import puzzles
from tinygrad_edu.puzzles.puzzle_list import NAMES


@pytest.fixture
def softmax(tmp_path):
    return puzzles.puzzle("softmax", tmp_path / "progress.json")


@pytest.mark.parametrize(
    "answer", [None, ..., "x", [1, 2], {}, object(), [[np.nan]], lambda: 1, lambda x, g: {"a": x}, len]
)
def test_no_answer_raises_and_none_is_right(answer, softmax):
    verdict = softmax.check(answer)

    assert not verdict
    assert verdict.text.startswith(("No answer:", "Not filled in", "Wrong: its shape"))
    assert not softmax.solved


def test_an_error_names_the_line_of_the_student(softmax, capsys):
    @softmax.check
    def grad(x, g):
        return x @ g  # does not fit

    assert "the function raised ValueError in line" in grad.text
    assert grad.text.endswith("return x @ g  # does not fit")
    assert capsys.readouterr().out == f"{grad.text}\n"


def test_an_answer_that_is_right_by_chance_is_named_as_such(tmp_path):
    puzzle = puzzles.puzzle("mean", tmp_path / "progress.json")

    verdict = puzzle.check(lambda x, g: np.ones_like(x) * g / 3)

    assert "only by chance: not for x (5, 2), g (2,)." in verdict.text


def test_a_function_may_change_its_arguments(softmax):
    def grad(x, g):
        x -= x.max(-1, keepdims=True)
        np.exp(x, out=x)
        x /= x.sum(-1, keepdims=True)
        return x * (g - (g * x).sum(-1, keepdims=True))

    assert softmax.check(grad).right


def test_arguments_may_have_names_of_their_own(softmax):
    right = softmax.row.answer

    assert softmax.check(lambda a, b: right(softmax.row.solution, {"x": a, "g": b})).right
    assert softmax.check(lambda g, x: right(softmax.row.solution, {"x": x, "g": g})).right


def test_a_notebook_shows_the_arrays_and_the_choices(tmp_path):
    shown = puzzles.puzzle("bug-step", tmp_path / "progress.json")._repr_markdown_()

    assert "w, of shape (4,)" in shown
    assert "\n\n- (a) " in shown


def test_a_constant_factor_is_named(softmax):
    assert softmax.check(3 * softmax.row.true(softmax.data)).text == "Wrong: it is 3 times the right answer."


def test_diagnose_names_what_the_table_does_not_know(tmp_path):
    puzzle = puzzles.puzzle("two-layers", tmp_path / "progress.json")
    x, first, second, y = puzzle.data.values()
    hidden = np.maximum(x @ first, 0)
    d = 2 * (hidden @ second - y) / len(x)
    wrong = x.T @ ((d @ second.T) * hidden)

    verdict = puzzle.check(wrong)

    assert not verdict.right
    assert "no known mistake" not in verdict.text


def test_the_difference_is_drawn(softmax):
    with pytest.raises(ValueError, match="check one first"):
        softmax.difference()
    right = softmax.row.true(softmax.data)
    right[0, 1] += 0.5

    verdict = softmax.check(right)

    assert "1 of 12 wrong" in softmax.difference()
    assert softmax.difference() in verdict._repr_html_()


def test_hints_go_on_one_by_one(softmax):
    assert [softmax.hint() for _ in range(4)] == [*softmax.hints, softmax.hints[2]]
    with pytest.raises(ValueError, match="hint needs a level from 1 to 3, got 4"):
        softmax.hint(4)


def test_a_puzzle_is_found_by_name_or_number_and_shown(tmp_path):
    path = tmp_path / "progress.json"

    found = puzzles.puzzle(NAMES.index("softmax") + 1, path)

    assert found.name == puzzles.puzzle("Softmax", path).name == "softmax"
    assert repr(found).startswith("Puzzle 8, softmax: Softmax of each row")
    assert "def grad(x, g):" in repr(found)
    assert "```python" in found._repr_markdown_()
    with pytest.raises(ValueError, match="from 1 to 41, got 'sofmax'; did you mean softmax"):
        puzzles.puzzle("sofmax", path)
    with pytest.raises(ValueError, match="got 42"):
        puzzles.puzzle(42, path)


def test_diagnose_is_asked_for_functions_too_and_names_no_line_of_the_table(tmp_path):
    puzzle = puzzles.puzzle("residual", tmp_path / "progress.json")

    verdict = puzzle.check(lambda x, W, g: g + (g * (1 - np.tanh(x @ W))) @ W.T)

    assert verdict.text.startswith("Wrong: it equals the true gradient with only half of the tanh derivative")
    assert "line" not in verdict.text
