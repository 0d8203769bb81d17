from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from tinygrad_edu.exercise import Exercise
from tinygrad_edu.exercise.sheet import decimals
from tinygrad_edu.nn import functional


def test_the_sheet_gives_the_numbers_the_network_and_what_is_asked(exercise):
    text = exercise.sheet().text

    assert "  b₁ = [ 0.54  0.21  0.36  −0.65  −0.13  0.78 ]\n" in text
    assert "  z₁ = X · W₁ + b₁\n  a₁ = σ(z₁)\n  z₂ = a₁ · W₂ + b₂\n   p = softmax(z₂)\n" in text
    assert "  ∂L/∂W₁ (3×6; 3 points)\n  ∂L/∂b₁ (6 numbers; 1 point)\n" in text
    assert '    {"W1": [[...], ...], "b1": [...]' in text


@pytest.mark.parametrize("language", ["text", "markdown", "latex", "html"])
def test_only_the_solution_holds_results(exercise, language):
    answers = {
        f"{abs(x):.4f}" for array in exercise.solution().values() for x in array.ravel() if abs(x) > 0.01
    }

    plain, solved = (getattr(exercise.sheet(solution), language) for solution in (False, True))

    assert not any(answer in plain for answer in answers)
    assert all(answer in solved for answer in answers)


def test_the_text_of_the_teacher_is_kept_in_paragraphs_and_escaped():
    exercise = Exercise(
        lambda w: (w * w).sum(), {"w": [1.0]}, ["w"], title="A < B", text="One\ntwo.\n\n5 % & more"
    )

    sheet = exercise.sheet()

    assert "  One two.\n  5 % & more\n" in sheet.text
    assert r"5 \% \& more" in sheet.latex
    assert "<h1>A &lt; B</h1>" in sheet.html


def test_a_matrix_too_large_to_be_shown_is_listed_in_full():
    big = np.random.default_rng(0).normal(size=(12, 3)).round(1)
    exercise = Exercise(lambda X, w: (X @ w).tanh().mean(), {"X": big, "w": [[0.5], [1.0], [0.25]]}, ["w"])

    listed = re.search(r"All of it, to be copied:\n(.*)", exercise.sheet().text).group(1)

    np.testing.assert_array_equal(json.loads(listed), big)


def test_what_is_to_be_copied_is_not_cut():
    data = {"X": np.arange(4000.0).reshape(1000, 4) / 7, "w": [1.0, 2.0, 3.0, 4.0]}

    text = Exercise(lambda X, w: (X @ w).tanh().mean(), data, ["w"]).sheet().text

    listed = text.split("to be copied:\n")[1].split("\n")[0]
    assert len(listed) > 20_000
    np.testing.assert_allclose(json.loads(listed), data["X"], atol=1e-8)


def test_what_is_to_be_typed_has_straight_quotes_in_every_language(exercise):
    sheet = exercise.sheet()

    assert r"\{\char34{}W1\char34{}: {[}{[}..." in sheet.latex
    assert '```\n{"W1": [[...' in sheet.markdown
    assert "<pre>{&quot;W1&quot;: [[..." in sheet.html


def test_long_sentences_are_wrapped_in_text():
    exercise = Exercise(lambda w: (w * w).sum(), {"w": [1.0]}, ["w"], text="word " * 60)

    assert max(map(len, exercise.sheet().text.splitlines())) <= 100


def test_what_the_formulas_have_beside_the_data_is_given_too():
    def network(X, Y, W):
        return functional.cross_entropy(X @ W, Y, label_smoothing=0.75)

    data = {"X": [[1.5, -2.0], [0.5, 1.0]], "Y": [2, 0], "W": [[0.5, 0.25, 1.0], [-1.0, 0.75, 2.0]]}

    text = Exercise(network, data, ["W"]).sheet().text

    assert "  Y = [ 2  0 ]\n" in text
    assert "  y = ⎡ 0.25  0.25  0.50 ⎤\n      ⎣ 0.50  0.25  0.25 ⎦\n" in text
    assert text.count("  W = ") == 1


@pytest.mark.parametrize(
    ("numbers", "expected"), [([1, 0], 0), ([1.0, 2.0], 0), ([0.25], 2), ([1 / 3], 8), ([1e-9], 8)]
)
def test_given_numbers_have_as_few_decimals_as_are_exact(numbers, expected):
    assert decimals(np.array(numbers)) == expected


@pytest.mark.parametrize("ending", ["html", "tex", "md", "txt"])
def test_it_is_saved_as_its_ending_says(exercise, ending, tmp_path):
    path = exercise.save(tmp_path / f"sheet.{ending}", solution=True)

    assert "Two layers" in path.read_text("utf-8")


def test_another_ending_is_refused(exercise, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.html, \.tex, \.md or \.txt, got 'sheet\.pdf'"):
        exercise.save(tmp_path / "sheet.pdf")


def test_the_page_is_well_formed(exercise):
    page = exercise.sheet(solution=True).html.split("<body>")[1].split("</body>")[0]

    assert ET.fromstring(page).tag == "div"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX here")
def test_its_latex_compiles(exercise, tmp_path):
    path = exercise.save(tmp_path / "sheet.tex", solution=True)

    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", path.name],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:]


def test_a_notebook_shows_the_sheet_without_the_solution(exercise):
    assert "Two layers" in exercise._repr_markdown_()
    assert "Solution" not in exercise._repr_markdown_()
