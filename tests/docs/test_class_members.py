"""Classes have their methods and properties in the reference, each with a sentence."""

from __future__ import annotations

import pytest

from tinygrad_edu.docs.class_members import first_sentence, members
from tinygrad_edu.docs.public_names import PAGES, PublicName, names_of

OF_CLASSES = [page for page in PAGES if any(members(name) for name in names_of(page))]


def member_calls(page, name):
    return [member.call for member in members(PublicName(page, name, dict(_values(page))[name]))]


def _values(page):
    return [(name.name, name.value) for name in names_of(page)]


@pytest.mark.parametrize("page", OF_CLASSES)
def test_every_method_and_property_of_a_class_says_what_it_is(page):
    silent = [
        (name.path, member.call) for name in names_of(page) for member in members(name) if not member.words
    ]

    assert silent == []


def test_a_layer_lists_its_own_methods_and_module_those_of_all():
    assert member_calls("nn", "Linear") == [
        "extra_repr()",
        "forward(input)",
        "reset_parameters(generator=None)",
    ]
    assert "zero_grad(set_to_none=True)" in member_calls("nn", "Module")


def test_methods_that_a_base_of_ours_defines_are_listed():
    assert "entropy()" in member_calls("distributions", "Normal")
    assert "save(path)" in member_calls("results", "Plan")


def test_what_is_no_class_has_no_members():
    assert members(PublicName("", "exp", len)) == []


def test_the_first_sentence_ends_at_its_full_stop():
    assert first_sentence("The sum, e.g. of\nx. Raises `ValueError`.\n\nMore.") == "The sum, e.g. of x."
    assert first_sentence("Those to be marked; `draw` marks them.") == "Those to be marked."


def test_a_property_has_no_brackets():
    assert {"text", "html", "save(path)"} <= set(member_calls("results", "Page"))
    assert "mean" in member_calls("distributions", "Normal")
