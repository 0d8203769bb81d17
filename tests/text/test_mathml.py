from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tinygrad_edu.text import mathml
from tinygrad_edu.text.mathml import Markup, math, matrix, piece, sub, text


def test_numbers_names_and_signs_get_their_own_tags():
    assert piece("2.5") == "<mn>2.5</mn>"
    assert piece(3) == "<mn>3</mn>"
    assert piece("W") == "<mi>W</mi>"
    assert piece("+") == "<mo>+</mo>"


def test_a_minus_sign_is_a_real_one():
    assert piece(-1.5) == "<mn>−1.5</mn>"
    assert piece("-") == "<mo>−</mo>"


def test_everything_that_is_not_markup_is_escaped():
    hostile = "</math><script>alert(1)</script>"

    for formula in (math(hostile), math(text(hostile)), math(sub(hostile, "1")), mathml.over("x", hostile)):
        assert "<script" not in formula
        ET.fromstring(formula)


def test_attributes_are_escaped():
    assert (
        mathml.tag("mi", "x", class_='" onclick="x') == '<mi class="&quot; onclick=&quot;x"><mi>x</mi></mi>'
    )


def test_markup_is_taken_as_it_is():
    assert math(Markup("<mi>x</mi>")) == '<math display="inline"><mi>x</mi></math>'


def test_a_matrix_has_a_row_for_each_row_and_rounds():
    table = ET.fromstring(matrix([[1.005, 2], [-0.001, 4]], 2))

    rows = [["".join(cell.itertext()) for cell in row] for row in table]
    assert rows == [["1.00", "2.00"], ["0.00", "4.00"]]


def test_a_vector_is_one_row_and_a_number_stands_alone():
    assert len(ET.fromstring(matrix([1, 2, 3]))) == 1
    assert "mtable" not in matrix(5)


def test_marked_numbers_carry_a_class():
    formula = matrix(np.eye(2), 0, lambda i, j: "odd" if i != j else "")

    assert formula.count('class="odd"') == 2


def test_a_large_matrix_is_cut_with_dots():
    formula = matrix(np.ones((40, 40)))

    assert "…" in formula
    assert formula.count("<mtr>") == 13


def test_a_stack_of_matrices_is_refused():
    with pytest.raises(ValueError, match=r"at most two dimensions, got shape \(2, 2, 2\)"):
        matrix(np.ones((2, 2, 2)))


@pytest.mark.parametrize(
    ("formula", "tag"),
    [
        (mathml.sup("x", "2"), "msup"),
        (mathml.subsup("W", "2", "T"), "msubsup"),
        (mathml.fraction("1", "2"), "mfrac"),
        (mathml.over("y"), "mover"),
        (mathml.parenthesized("x"), "mrow"),
    ],
)
def test_builders_nest_well(formula, tag):
    assert ET.fromstring(formula).tag == tag


def test_brackets_grow_only_with_what_is_tall():
    low, tall = mathml.bracketed(mathml.row("z")), mathml.bracketed(mathml.fraction("a", "b"), "[", "]")

    assert low.count('stretchy="false"') == 2
    assert "stretchy" not in tall
    assert tall.startswith('<mrow><mo lspace="0" rspace="0">[</mo>')


@pytest.mark.parametrize(
    ("written", "formula"),
    [
        ("-1.5", "<mn>−1.5</mn>"),
        (
            "2e−05",
            "<mrow><mn>2</mn><mo>·</mo><msup><mn>10</mn><mn>−5</mn></msup></mrow>",
        ),
    ],
)
def test_a_written_number_is_a_number_of_mathml(written, formula):
    assert mathml.number(written) == formula


def test_an_element_of_html_escapes_words_and_has_attributes_with_hyphens():
    assert mathml.element("p", "a < b", Markup("<b>c</b>"), class_="x", aria_label="y") == (
        '<p class="x" aria-label="y">a &lt; b<b>c</b></p>'
    )
    assert mathml.element("img", alt="") == '<img alt=""/>'
    assert mathml.name("x_1") == "<mi>x_1</mi>"
