"""A large page unpacks itself, in the browser."""

from __future__ import annotations

import pytest

from tinygrad_edu.viz import draw
from tinygrad_edu.viz.page.page_packing import PACKED_FROM, PARTS, packed

SMALL = {**dict.fromkeys(PARTS, "x"), "script": "y"}


def test_a_small_page_is_left_as_it_is():
    assert packed(SMALL, "z") == SMALL | {"packed": ""}


def test_the_same_page_is_packed_to_the_same_bytes():
    large = SMALL | {"data": "x" * PACKED_FROM}

    assert packed(large, "z") == packed(large, "z")
    assert packed(large, "z")["script"] == "z"
    assert packed(large, "z")["data"] == ""


@pytest.mark.slow
def test_a_packed_page_steps_as_any_other(browser, graphs):
    browser.open(draw(graphs["chain"](900)[0], max_nodes=2_000).html)

    browser.until("window.document.getElementById('slider').max > 0")
    browser.click("last")

    assert browser.step() == 2 * 901 + 1
    assert len(browser.js("Object.keys(picture.cards)")) == 902
    assert browser.complaints() == []
