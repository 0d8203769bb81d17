"""Cards of tensors whose numbers were overwritten since the graph was computed, in every language."""

from __future__ import annotations

import pytest

from tinygrad_edu import no_grad, tensor
from tinygrad_edu.viz import draw

SAYING = {"svg": ">value now</text>", "dot": ">value now</FONT>", "text": "now [0.8 1.6]"}
SAYING |= {"mermaid": "now #91;0.8 1.6#93;", "markdown": r"| now \[0.8 1.6\] |", "html": ">value now</text>"}


MOVED = {"svg": ">value then</text>", "dot": ">value then</FONT>", "text": "[1 2], now [0.8 1.6]"}
MOVED |= {"mermaid": "#91;1 2#93;, now #91;0.8 1.6#93;", "markdown": r"| \[1 2\], now \[0.8 1.6\] |"}
MOVED |= {"html": ">value then</text>"}


@pytest.mark.parametrize("language", MOVED)
def test_a_card_says_that_its_tensor_has_moved_since(language):
    w, x = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True)
    y = (w + x).sum()
    with no_grad():
        w -= tensor([0.2, 0.4])

    assert MOVED[language] in getattr(draw(y), language)


@pytest.mark.parametrize("language", SAYING)
def test_a_card_says_that_its_numbers_are_those_of_now(language):
    w, x = tensor([1.0, 2.0], requires_grad=True), tensor([3.0, 4.0], requires_grad=True)
    y = (w + x).sum()

    before = getattr(draw(y), language)
    with no_grad():
        w -= tensor([0.1, 0.2])
        w -= tensor([0.1, 0.2])

    assert SAYING[language] not in before
    assert SAYING[language] in getattr(draw(y), language)
