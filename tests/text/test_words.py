"""Words from outside, made safe for a page."""

from __future__ import annotations

import pytest

from tinygrad_edu.text.words import clean, clean_words


@pytest.mark.parametrize(
    ("words", "cleaned"),
    [
        (" two\n lines ", "two lines"),
        ("\x00a", "�a"),
        ("a\u202eb", "ab"),
        ("\ud800", "�"),
        ("x" * 20_000, "x" * 10_000),
    ],
)
def test_a_name_is_one_line_of_characters_that_a_page_may_have(words, cleaned):
    assert clean(words) == cleaned


@pytest.mark.parametrize(
    ("words", "cleaned"), [("  via  it ", " via it "), ("of", "of"), (" ", " "), ("", "")]
)
def test_a_part_of_a_sentence_keeps_a_blank_at_its_ends(words, cleaned):
    assert clean_words(words) == cleaned
