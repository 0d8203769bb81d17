from __future__ import annotations

import pytest

from tinygrad_edu.lessons import lesson, lessons


def test_there_are_fourteen_lessons_in_order():
    assert [each.number for each in lessons()] == list(range(1, 15))


def test_a_lesson_says_what_it_is():
    first = lesson(1)

    assert first.title == "Numbers and slopes"
    assert first.summary.startswith("You find the slope of a function in three ways")
    assert first.minutes == 20
    assert first.path.is_file()


def test_a_number_without_a_lesson_is_refused_with_those_that_are_there():
    with pytest.raises(ValueError, match=r"lessons are numbered 1, 2, .*, got 99"):
        lesson(99)
