from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.viz.drawing.text_width import clean, cut, width


@given(st.text(st.characters()))
def test_cleaned_text_is_one_line_that_xml_allows(text):
    cleaned = clean(text)

    cleaned.encode()  # no half of a surrogate pair is left
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cs", "Cn"}
    assert "\n" not in cleaned


def test_ordinary_names_stay_as_they_are():
    assert [clean(name) for name in ("W1", "∂L/∂x", "重み", "fc1.weight", "a b")] == [
        "W1",
        "∂L/∂x",
        "重み",
        "fc1.weight",
        "a b",
    ]


def test_a_cleaned_text_shows_where_something_was():
    assert clean("a\x00b\ud800c\nd") == "a\ufffdb\ufffdc d"


@given(st.text(), st.floats(20, 300))
def test_a_cut_text_fits(text, most):
    assert width(cut(text, most, 12), 12) <= most + 1e-9


@pytest.mark.parametrize(("text", "result"), [("W1", "W1"), ("abcdefghijklmnop", "abcdefg…")])
def test_only_what_is_too_wide_is_cut(text, result):
    assert cut(text, 62, 12) == result
