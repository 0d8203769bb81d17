from __future__ import annotations

import pytest

from tinygrad_edu.exam import comparison_table


@pytest.mark.slow
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_but_matrices(width, rows, found):
    lines = comparison_table.comparison(rows, found, width).splitlines()

    assert all(len(line) <= width or "[" in line for line in lines[:-1])


@pytest.mark.slow
def test_at_80_columns_everything_fits(rows, found):
    lines = comparison_table.comparison(rows, found, 80).splitlines()

    assert max(map(len, lines[:-1])) <= 80


@pytest.mark.slow
def test_wide_terminals_show_all_three_matrices_side_by_side(rows, found):
    assert "printed              engine               allowed" in comparison_table.comparison(
        rows, found, 120
    )


def test_every_row_is_there_with_its_verdict(rows):
    words = " ".join(comparison_table.comparison(rows, [], 400).split())

    assert [r.name for r in rows if f"{r.name}: {comparison_table.verdict(r)}" not in words] == []


def test_the_last_line_counts(rows, found):
    assert comparison_table.comparison(rows, found, 80).splitlines()[-1] == (
        "121 numbers the same, 10 the same within rounding of the printed weights, "
        "52 differ; 68 given by the paper"
    )


def test_the_first_screen_has_every_mistake_in_a_sentence(rows, found):
    words = " ".join(comparison_table.overview(rows, found, 80).split())

    assert "The exam, recomputed: 121 numbers the same" in words
    assert (
        "a left-over H. It is computed with the H = [2, 2, 2] of Problem 1: its largest number is 7,355"
        in words
    )
    assert "the first number of dL/dW1 is printed as 0.0041, and is -0.0196." in words
    assert (
        "The loss of 1.5997 is in bits (1.1088 nats), and L_avg = 9.598 is the sum over 6 examples." in words
    )


def test_the_true_gradient_is_shown_with_digits_that_tell_it_from_zero(rows):
    assert "[0.00075!  0.00075!  0.00075!]" in comparison_table.comparison(rows, [], 80)


def test_numbers_within_rounding_are_marked(rows):
    assert "[0.74~  0.87 ]" in comparison_table.comparison(rows, [], 80)


def test_blocks_stand_side_by_side_until_the_width_is_used_up():
    blocks = [["aaa", "aaa"], ["bbb"], ["ccc"]]

    assert comparison_table.beside(blocks, 9) == ["aaa   bbb", "aaa", "ccc"]
