from __future__ import annotations

import pytest

from tinygrad_edu.lessons import lesson, lessons
from tinygrad_edu.lessons.terminal_text import formula_text, prose_text, terminal_lesson

FORMULAS = {
    r"\frac{\partial L}{\partial w}": "∂ L/∂ w",
    r"\frac{f(x + h) - f(x)}{h}": "(f(x + h) - f(x))/h",
    r"X^\top G": "Xᵀ G",
    r"\sqrt{v + \epsilon}": "√(v + ε)",
    r"e^{-z}": "e^(-z)",
}


@pytest.mark.parametrize("latex", FORMULAS)
def test_a_formula_is_one_line_of_text(latex):
    assert formula_text(latex) == FORMULAS[latex]


@pytest.mark.parametrize("each", lessons(), ids=lambda each: each.path.stem)
def test_no_formula_of_a_lesson_keeps_its_latex(each):
    prose = [prose_text(cell.source) for cell in each.cells if cell.kind == "markdown"]

    assert [text for text in prose if "\\" in text or "$" in text] == []


def test_a_lesson_is_shown_with_its_code_and_what_that_prints():
    text = "\n".join(terminal_lesson(lesson(1)))

    assert "    print(derivative(2.0))  # 10.0\n\n10.0\n" in text
    assert "(f(x + h) - f(x))/h" in text
