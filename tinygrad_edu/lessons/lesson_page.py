"""A lesson as one web page that needs no network: run, with formulas as MathML and pictures as SVG."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from tinygrad_edu.lessons.lesson_run import Outcome, run_cells
from tinygrad_edu.lessons.lesson_table import Lesson

MISSING = 'a page needs markdown-it-py and latex2mathml, which are not installed; pip install "tinygrad_edu[lessons]"'


def lesson_page(lesson: Lesson) -> str:
    """The text of the page. Runs the lesson. Raises `ImportError` without the extra `lessons`."""
    markdown = _markdown()
    body = "\n".join(_section(outcome, markdown) for outcome in run_cells(lesson.cells, lesson.path))
    style = Path(__file__).with_name("lesson.css").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(lesson.title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _markdown() -> Any:
    try:
        from latex2mathml.converter import convert  # noqa: PLC0415
        from markdown_it import MarkdownIt  # noqa: PLC0415
        from mdit_py_plugins.dollarmath import dollarmath_plugin  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(MISSING) from error

    def formula(latex: str, options: dict[str, Any]) -> str:
        if not options["display_mode"]:
            return str(convert(latex))
        block = convert(latex, display="block")
        return f'<div class="wide" tabindex="0" role="group" aria-label="Formula">{block}</div>'

    return MarkdownIt().enable("table").use(dollarmath_plugin, renderer=formula)


def _section(outcome: Outcome, markdown: Any) -> str:
    if outcome.cell.kind == "markdown":
        return str(markdown.render(outcome.cell.source))
    parts = [_preformatted("code", "Code", outcome.cell.source)]
    if outcome.printed:
        parts.append(_preformatted("output", "Output", outcome.printed))
    if outcome.value is not None:
        parts.append(_value(outcome.value))
    return "\n".join(parts)


def _preformatted(kind: str, label: str, text: str) -> str:
    return f'<pre class="{kind}" tabindex="0" role="group" aria-label="{label}">{html.escape(text.rstrip())}</pre>'


def _value(value: Any) -> str:
    svg = getattr(value, "svg", None)
    if isinstance(svg, str):
        return f'<div class="picture" tabindex="0" role="group" aria-label="Picture">{svg}</div>'
    return _preformatted("output", "Output", repr(value))
