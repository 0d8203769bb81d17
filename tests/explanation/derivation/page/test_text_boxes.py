from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.explanation.derivation.page.blocks import Formula, Numbers, Sign, Words
from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.explanation.derivation.page.text_boxes import MAX_COLUMNS, broken, width
from tinygrad_edu.symbolic.expression import symbol

EQUALS, TIMES = Sign("="), Sign("·")
WIDE = Numbers(np.full((2, 8), 0.125))  # 58 columns
LINE = (symbol("x"), EQUALS, WIDE, TIMES, WIDE, Words(" of it"), EQUALS, WIDE)


def test_a_line_too_wide_is_broken_before_signs():
    assert broken([LINE]) == (LINE[:3], LINE[3:6], LINE[6:])


def test_a_line_that_fits_stays():
    line = (symbol("x"), EQUALS, WIDE, EQUALS, symbol("y"))

    assert broken([line]) == (line,)


def test_a_single_part_too_wide_is_not_broken():
    long = (symbol("x"), EQUALS, Numbers(np.full((2, 8), 0.1234567890123), 12))

    assert width(long) > MAX_COLUMNS
    assert broken([long]) == (long,)


def test_what_stands_before_the_first_sign_counts_for_all_lines():
    head = Words("a" * 40)

    assert (
        len(broken([(head, EQUALS, symbol("y")), (symbol("x"), EQUALS, WIDE, TIMES, symbol("z" * 9))])) == 3
    )


def test_lines_without_a_sign_stay():
    assert broken([(Words("a"),), ()]) == ((Words("a"),), ())


@pytest.mark.parametrize(
    ("language", "breaks"),
    [("latex", r"\\[4pt] & \cdot "), ("markdown", r"\\[4pt] & \cdot "), ("html", "</mtr><mtr>")],
)
def test_every_language_breaks_it(language, breaks):
    assert breaks in getattr(Page("Wide", (Formula((LINE,)),)), language)
