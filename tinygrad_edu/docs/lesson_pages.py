"""The lessons of the site: a list of them, and a page of each, which has been run."""

from __future__ import annotations

from html import escape
from pathlib import Path

from tinygrad_edu.docs import restructured_text as rst
from tinygrad_edu.lessons import Lesson, lessons
from tinygrad_edu.lessons.lesson_page import lesson_page
from tinygrad_edu.lessons.terminal_text import prose_text

FOLDER = "lessons"
WORDS = (
    "Each is a plain Python file in cells; the pages show what its cells print and draw. To run one: "
    "``tinygrad-edu lessons 1 --run`` in a terminal, or ``--notebook`` for a notebook.\n"
)


def list_of_lessons() -> str:
    """The source of the page that lists the lessons."""
    items = "".join(
        f'<li value="{each.number}"><a href="{FOLDER}/{_file(each)}">{escape(each.title)}</a>, '
        f"{each.minutes} minutes. {escape(prose_text(each.summary))}</li>"
        for each in lessons()
    )
    return "\n".join([rst.heading("Lessons"), WORDS, rst.html(f"<ol>{items}</ol>")])


def write_lessons(out: Path) -> None:
    """Run every lesson, and write its page into the folder `out/lessons`."""
    (out / FOLDER).mkdir(exist_ok=True)
    for each in lessons():
        (out / FOLDER / _file(each)).write_text(lesson_page(each), "utf-8")


def _file(lesson: Lesson) -> str:
    return f"{lesson.path.stem}.html"
