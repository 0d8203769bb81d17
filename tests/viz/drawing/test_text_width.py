from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.viz.drawing.text_width import clean, cut, cut_name, short_names, width


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


def test_a_long_name_is_cut_in_the_middle_and_fits():
    weight, bias = (f"encoder.layers.11.attention.output_projection.{x}" for x in ("weight", "bias"))

    cuts = [cut_name(name, 170, 14, bold=True) for name in (weight, bias)]

    assert [text[-6:] for text in cuts] == ["weight", "n.bias"]
    assert all(text.startswith("encoder") and width(text, 14, bold=True) <= 170 for text in cuts)
    assert cut_name("W1", 170, 14) == "W1"
    assert cut_name("x" * 10_000, 50, 14) == cut_name("x" * 9_999, 50, 14)


def test_short_names_are_as_long_as_it_takes_to_tell_them_apart():
    layers = [f"net.layers.{i}.projection.weight" for i in range(3)]

    short = short_names(["W", "net.0.weight", *layers])

    assert short["W"] == "W"
    assert short["net.0.weight"] == "net.0.weight"
    assert len({short[name] for name in layers}) == 3
    assert short_names(layers[:1])[layers[0]] == "net.….weight"
