"""Numbers, matrices and words in LaTeX."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.text.latex import escaped, latex, latex_number


def test_latex_of_a_matrix_a_vector_and_a_number():
    assert latex(np.array([[1, 2], [3, 4.5]])) == r"\begin{bmatrix} 1 & 2 \\ 3 & 4.5 \end{bmatrix}"
    assert latex(np.array([1, 2])) == r"\begin{bmatrix} 1 & 2 \end{bmatrix}"
    assert latex(np.array(0.5)) == "0.5"
    assert latex(np.array([[0.126]]), 2) == r"\begin{bmatrix} 0.13 \end{bmatrix}"


def test_latex_writes_powers_of_ten_and_infinity():
    assert latex(np.array(1e-5)) == r"1 \cdot 10^{-5}"
    assert latex(np.array(-2.5e30)) == r"-2.5 \cdot 10^{30}"
    assert (
        latex(np.array([np.inf, -np.inf, np.nan]))
        == r"\begin{bmatrix} \infty & -\infty & \mathrm{nan} \end{bmatrix}"
    )


def test_more_than_two_dimensions_have_no_latex():
    with pytest.raises(
        ValueError, match=r"latex needs at most two dimensions, got shape \(1, 2, 3\); write its matrices"
    ):
        latex(np.zeros((1, 2, 3)))


def test_a_notebook_shows_latex_for_at_most_two_dimensions():
    assert tensor(np.zeros((1, 2, 3)))._repr_latex_() is None
    assert tensor(1.0)._repr_latex_() == "$1$"


def test_a_large_matrix_has_dots():
    assert r"\cdots" in latex(np.zeros((20, 20)))
    assert r"\vdots" in latex(np.zeros((20, 20)))


@pytest.mark.parametrize(
    ("written", "tex"),
    [
        ("−1.5e−3", r"-1.5 \cdot 10^{-3}"),
        ("1e-05", r"1 \cdot 10^{-5}"),
        ("-∞", r"-\infty"),
        ("inf", r"\infty"),
        ("NaN", r"\mathrm{NaN}"),
        ("0.25", "0.25"),
    ],
)
def test_a_written_number_is_a_number_of_latex(written, tex):
    assert latex_number(written) == tex


@pytest.mark.parametrize(
    ("words", "tex"),
    [
        ("50%", r"50\%"),
        ("a_b", r"a\_b"),
        ("x² ≤ ŷ₁", r"x\ensuremath{^{2}} \ensuremath{\leq } \^{y}\ensuremath{_{1}}"),
        ("α", r"\ensuremath{\alpha}"),
        ("重", "[U+91CD]"),
    ],
)
def test_words_keep_to_the_characters_that_latex_has(words, tex):
    assert escaped(words) == tex
