"""Pieces of the source pages, in reStructuredText: headings, code, and HTML where text comes from docstrings."""

from __future__ import annotations

import re
from html import escape
from textwrap import indent

_CODE = re.compile(r"`([^`]+)`")


def heading(text: str, sign: str = "=") -> str:
    """A heading, underlined; `text` may hold any sign."""
    plain = re.sub(r"([\\*_`|])", r"\\\1", text)
    return f"\n{plain}\n{sign * (len(plain) + 2)}\n"


def code(text: str, language: str = "python") -> str:
    """A block of code."""
    return f"\n.. code-block:: {language}\n\n{indent(text.strip(chr(10)) or ' ', '   ')}\n"


def html(markup: str) -> str:
    """A block of HTML as it is."""
    return f"\n.. raw:: html\n\n{indent(markup, '   ')}\n"


def prose(text: str) -> str:
    """Text of a docstring in HTML: `x` as code, an indented part as it is written."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]
    return "\n".join(map(_paragraph, paragraphs))


def _paragraph(text: str) -> str:
    if text.startswith((" ", "\t")):
        return f'<pre tabindex="0">{escape(text)}</pre>'
    return f"<p>{inline(' '.join(text.split()))}</p>"


def inline(text: str) -> str:
    """One line of text in HTML, `x` as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def first_sentence(documented: object) -> str:
    """The first line of a docstring."""
    return (getattr(documented, "__doc__", None) or "").strip().partition("\n")[0]


def contents(pages: list[str], depth: int = 1) -> str:
    """A table of contents of pages."""
    return f"\n.. toctree::\n   :maxdepth: {depth}\n\n" + "".join(f"   {page}\n" for page in pages)
