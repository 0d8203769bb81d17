from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.puzzles.progress_file import Progress
from tinygrad_edu.puzzles.puzzle_list import NAMES, ROWS, TRACKS
from tinygrad_edu.puzzles.puzzle_task import Puzzle

BY_NAME = dict(zip(NAMES, ROWS, strict=True))
MISTAKES = [(row.name, sentence) for row in ROWS for sentence in row.mistakes]
BUGS = [row.name for row in ROWS if row.bug]


@pytest.fixture
def puzzle(tmp_path):
    return lambda name: Puzzle(1, BY_NAME[name], Progress(tmp_path / "progress.json"))


def function(row, body):
    names = {}
    exec(row.program(body), names)
    return names["grad"]


def test_there_are_41_puzzles_with_names_of_their_own():
    assert len(ROWS) == len(BY_NAME) == 41
    assert [len(rows) for rows in TRACKS.values()] == [18, 13, 10]


def test_every_puzzle_has_two_named_mistakes():
    assert [row.name for row in ROWS if len(row.mistakes) + bool(row.bug) < 2] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_is_right_in_every_form(name, puzzle):
    row, right = BY_NAME[name], function(BY_NAME[name], BY_NAME[name].solution)
    shown = row.true(row.inputs(0))

    for form in (
        right,
        lambda **x: right(**x).tolist(),
        lambda **x: np.asfortranarray(right(**x), np.float32),
        lambda **x: right(**x)[None],
        shown,
        shown.round(4).tolist(),
    ):
        assert puzzle(name).check(form).right


@pytest.mark.parametrize(("name", "sentence"), MISTAKES)
def test_a_known_mistake_is_named(name, sentence, puzzle):
    row = BY_NAME[name]
    body = row.mistakes[sentence]
    wrong = (lambda **x: row.answer(body, x)) if callable(body) else function(row, body)

    verdict = puzzle(name).check(wrong)

    assert not verdict.right
    assert f"this is {sentence}." in verdict.text


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_sign_is_named_and_random_numbers_accuse_nobody(name, puzzle):
    row = BY_NAME[name]
    rng = np.random.default_rng(0)

    sign = puzzle(name).check(lambda **x: -row.true(x))
    noise = puzzle(name).check(lambda **x: rng.normal(size=row.true(x).shape))

    assert sign.text == "Wrong: the sign is lost."
    assert noise.text.startswith("Wrong: no known mistake explains it")


@pytest.mark.parametrize("name", NAMES)
def test_the_stub_runs_and_is_not_right(name, puzzle):
    names = {}
    exec(puzzle(name).stub, names)

    verdict = puzzle(name).check(names["grad"])

    expected = "The planted bug is still there." if name in BUGS else "Not filled in yet"
    assert not verdict.right
    assert expected in verdict.text


@pytest.mark.parametrize("name", NAMES)
def test_the_first_hints_do_not_hold_the_solution_and_the_solution_is_explained(name, puzzle):
    row = BY_NAME[name]
    last = row.program(row.solution).splitlines()[-1].strip()
    formula = last.removeprefix("return ")
    first, second, third = puzzle(name).hints

    assert last not in first + second
    assert len(formula) < 4 or formula not in first + second
    assert row.bug or last in third
    assert last in puzzle(name).solution()


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_named_by_one_letter(name, puzzle):
    right = [letter for letter in puzzle(name).choices if puzzle(name).check(letter).right]

    assert len(puzzle(name).choices) == 4
    assert len(right) == 1


def test_a_name_found_by_guessing_does_not_solve_the_puzzle_and_a_mended_program_does(puzzle):
    texts = {puzzle("bug-mode").check(letter).text for letter in "abcd"}

    assert "Right: it is train mode in place of eval mode. Now mend it." in texts
    assert not puzzle("bug-mode").solved
    assert puzzle("bug-mode").check(function(BY_NAME["bug-mode"], BY_NAME["bug-mode"].solution))
    assert puzzle("bug-mode").solved
