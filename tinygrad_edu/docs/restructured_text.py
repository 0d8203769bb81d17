"""Pieces of reStructuredText, the source of the pages: headings, code, HTML, links."""

from __future__ import annotations

import re
from html import escape

UNDERLINES = "=-~"
_HIDDEN = "   :hidden:\n"


def heading(text: str, level: int = 0, anchor: str = "") -> str:
    """A heading, with a name by which other pages link to it."""
    shown = text.replace("\\", "\\\\").replace("*", "\\*").replace("_", "\\_").replace("`", "\\`")
    label = f".. _{anchor}:\n\n" if anchor else ""
    return f"{label}{shown}\n{UNDERLINES[level] * max(len(shown), 4)}\n"


def code(text: str, language: str = "python") -> str:
    """A block of code, or of printed text."""
    return f".. code-block:: {language}\n\n{_indented(text)}\n"


def html(text: str) -> str:
    """A piece of HTML as it is."""
    return f".. raw:: html\n\n{_indented(text)}\n"


def toctree(pages: list[str], *, hidden: bool = False) -> str:
    """Links to pages; if `hidden` in the sidebar alone."""
    lines = "\n".join(f"   {page}" for page in pages)
    return f".. toctree::\n   :maxdepth: 1\n{_HIDDEN * hidden}\n{lines}\n"


def described(text: str) -> str:
    """A docstring as HTML: paragraphs, indented blocks as code, `names` as code; written by nobody's markup rules."""
    return html("\n".join(map(_paragraph, re.split(r"\n\s*\n", text.strip("\n")))))


def facts(rows: list[tuple[str, str]]) -> str:
    """A table of two columns, a fact and what it is in HTML."""
    cells = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value}</td></tr>' for name, value in rows)
    return html(f'<table class="facts"><tbody>{cells}</tbody></table>') if rows else ""


def inline(text: str) -> str:
    """HTML of a sentence in which `names` stand between backquotes."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def anchor_of(path: str) -> str:
    """The label of a public name, `nn-functional-relu`; an upper-case letter is marked, as labels have none."""
    marked = re.sub(r"([A-Z])", lambda found: "-" + found[1].lower(), path)
    return "name-" + re.sub(r"[^a-z0-9]", lambda found: "--" if found[0] == "_" else "-", marked)


def _paragraph(text: str) -> str:
    if all(line.startswith("    ") for line in text.splitlines()):
        return f'<pre tabindex="0">{escape(text)}</pre>'
    return f"<p>{inline(text)}</p>"


def _indented(text: str) -> str:
    return "\n".join(f"   {line}".rstrip() for line in text.splitlines())
