"""The report: one page without network or script, made of the comparison, the findings and the pictures."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from tinygrad_edu.exam import appendix, compare, report_sections
from tinygrad_edu.exam.compare import DIFFERS, GIVEN, SAME, WITHIN, Row
from tinygrad_edu.exam.findings import Finding
from tinygrad_edu.exam.pictures import Pictures
from tinygrad_edu.exam.report_html import CLASSES, anchor, paragraph
from tinygrad_edu.text import mathml
from tinygrad_edu.text.mathml import Markup, element, together

COUNTED = {
    SAME: "numbers are the same, at the precision printed",
    WITHIN: "are the same within the rounding of the printed weights",
    DIFFERS: "differ, for reasons that are shown",
    GIVEN: "are given: the engine starts from them",
}
LINKS = (
    ("#problem-1", "Problem 1"),
    ("#problem-2", "Problem 2"),
    ("#problem-3", "Problem 3"),
    ("problem2.html", "Problem 2 step by step"),
    ("problem3.html", "Problem 3 step by step"),
    ("#method", "How verdicts are made"),
    ("#latex", "LaTeX"),
)


def report(rows: list[Row], findings: list[Finding], pictures: Pictures) -> str:
    """The whole page."""
    body = element(
        "main",
        _opening(rows, findings),
        report_sections.problem1([row for row in rows if row.problem == 1]),
        report_sections.problem2([row for row in rows if row.problem == 2], findings, pictures.problem2),
        report_sections.problem3([row for row in rows if row.problem == 3], findings, pictures),
        appendix.method(),
        appendix.latex(rows),
    )
    return f"<!DOCTYPE html>\n{element('html', _head(), element('body', body), lang='en')}\n"


def _head() -> Markup:
    """The head of the page, with a policy that lets in no style but this one, and pages beside it only in frames."""
    style = (files("tinygrad_edu.exam") / "report.css").read_text("utf-8") + mathml.STYLE
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; frame-src 'self' file:; "
        "base-uri 'none'; form-action 'none'"
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", "The exam, recomputed"),
        element("style", Markup(style)),
    )


def _opening(rows: list[Row], findings: list[Finding]) -> Markup:
    """The counts, the findings in a sentence each, and links to the sections."""
    return together(
        element("h1", "The exam, recomputed"),
        element(
            "p",
            "Every number the paper prints, beside what an autograd engine computes from the same inputs."
            " Where they differ, this page shows why, with the numbers that prove it.",
            class_="lead",
        ),
        _counts(rows),
        paragraph("What the paper has wrong:"),
        element("ul", *(_link(f"#{anchor(x)}", x.title, f". {x.sentence}") for x in findings)),
        element("nav", element("ul", *(_link(*link) for link in LINKS))),
        paragraph(
            "In the engine's matrices a dotted line under a number means: the same within rounding. Bold type"
            " on a coloured field means: it differs, and is then shown with more digits than the paper has."
        ),
    )


def _counts(rows: list[Row]) -> Markup:
    """A card for each verdict, with the count of its numbers."""
    count = compare.count(rows)
    cards = [
        element("li", element("strong", count[verdict], class_=CLASSES[verdict]), words)
        for verdict, words in COUNTED.items()
    ]
    return element("ul", *cards, class_="counts")


def _link(where: str, words: str, rest: str = "") -> Markup:
    return element("li", element("a", words, href=where), rest)
