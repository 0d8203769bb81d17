from __future__ import annotations

import re
from html import unescape

import pytest

from tinygrad_edu.viz import draw


def test_a_notebook_shows_the_page_in_a_frame_that_reaches_nothing_outside(graphs):
    drawing = draw(graphs["scalars"]()[0])

    html = drawing.interactive(height=500)._repr_html_()

    assert re.findall(r"<\w+", html) == ["<div", "<div", "<iframe"]
    assert "run this cell to see it" in html  # where the frame is left out
    assert 'sandbox="allow-scripts"' in html
    assert "height:500px" in html
    assert unescape(re.search(r'srcdoc="([^"]*)"', html)[1]) == drawing.html


def test_where_no_html_is_shown_there_is_the_picture(graphs):
    drawing = draw(graphs["scalars"]()[0])

    assert drawing.interactive()._repr_svg_() == drawing.svg


def test_the_frame_steps_as_the_page_does(browser, graphs):
    frame = draw(graphs["exam"]()[0]).interactive()
    browser.open(f"<!DOCTYPE html><meta charset=utf-8>{frame._repr_html_()}")

    browser.driver.switch_to.frame(0)
    browser.click("next")
    browser.click("last")

    assert browser.step() == browser.js("data.steps.length") - 1
    assert browser.js("origin") == "null"
    browser.click("quiz")
    browser.js("($('asked').value = quiz.questions.findIndex(q => q.kind === 'number'), quiz.cover())")
    browser.driver.find_element("id", "guess").send_keys("99\ue007")
    assert browser.text("#verdict").startswith("Not 99.")
    assert browser.complaints() == []
    browser.driver.switch_to.default_content()


@pytest.mark.parametrize("height", [0, 100, 3.5, "620", True])
def test_a_strange_height_is_refused(graphs, height):
    with pytest.raises(ValueError, match="interactive needs height as a whole number of 200 pixels"):
        draw(graphs["scalars"]()[0]).interactive(height)


def test_the_frame_covers_what_is_said_where_there_is_none(browser, graphs):
    frame = draw(graphs["scalars"]()[0]).interactive()
    browser.open(f"<!DOCTYPE html><meta charset=utf-8>{frame._repr_html_()}")

    seen = browser.js(
        """(({x, y, width, height}) => document.elementFromPoint(x + width / 2, y + height / 2).localName)
        (document.querySelector("div > div").getBoundingClientRect())"""
    )

    assert seen == "iframe"
