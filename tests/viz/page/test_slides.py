from __future__ import annotations

import re

from tinygrad_edu.viz import draw


def slides_of(loss, folder):
    return draw(loss).save(folder / "slides.html").read_text("utf-8")


def test_slides_are_the_page_in_another_style(two_layers, tmp_path):
    loss, names = two_layers
    drawing = draw(loss, names=names)

    slides = drawing.save(tmp_path / "lesson-slides.html").read_text("utf-8")

    without_style = [
        re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL) for text in (slides, drawing.html)
    ]
    assert without_style[0].replace('"theme":"light"', '"theme":null') == without_style[1]
    assert "http" not in re.sub(r'http-equiv|"http://www.w3.org/[^"]*"', "", slides)


def test_keys_go_from_slide_to_slide(browser, two_layers, tmp_path):
    browser.open(slides_of(two_layers[0], tmp_path))

    browser.press("\ue014", "\ue014")  # right, right

    assert browser.step() == 2
    assert browser.js('getComputedStyle(document.querySelector("header")).display') == "none"
    assert float(browser.js('getComputedStyle(document.querySelector("h2")).fontSize.slice(0, -2)')) > 22
