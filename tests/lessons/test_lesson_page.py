from __future__ import annotations

import re
import sys

import pytest

from tinygrad_edu.lessons import lesson
from tinygrad_edu.lessons.lesson_page import lesson_page


def test_a_page_has_formulas_outputs_and_pictures_and_needs_no_network():
    page = lesson_page(lesson(1))

    assert "<math" in page
    assert "$" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL)
    assert '<pre class="output"' in page
    assert "<svg" in page
    assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
    assert "@import" not in page
    assert "prefers-color-scheme: dark" in page


def test_ids_of_a_page_with_two_pictures_differ():
    ids = re.findall(r'\sid="([^"]+)"', lesson_page(lesson(3)))

    assert len(set(ids)) == len(ids)


def test_without_the_extra_the_page_is_refused_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "latex2mathml.converter", None)

    with pytest.raises(ImportError, match=r"pip install .*tinygrad_edu\[lessons\]"):
        lesson_page(lesson(1))
