"""The few pieces of HTML that the report is made of. Strings are escaped, `Markup` is taken as it is."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

from tinygrad_edu.exam import comparison_table
from tinygrad_edu.exam.compare import DIFFERS, GIVEN, SAME, WITHIN, Row
from tinygrad_edu.exam.findings import Finding, NamedArray
from tinygrad_edu.exam.plots import MISSING, Plot
from tinygrad_edu.text import mathml
from tinygrad_edu.text.mathml import Markup, element

CLASSES = {SAME: "same", WITHIN: "within", DIFFERS: "differs", GIVEN: "given"}
SIGNS = {SAME: "✓", WITHIN: "≈", DIFFERS: "≠", GIVEN: "→"}


def paragraph(*parts: Any) -> Markup:
    """A paragraph."""
    return element("p", *parts)


def heading(title: str) -> Markup:
    """A heading inside a section."""
    return element("h3", title)


def section(name: str, title: str, *parts: Markup) -> Markup:
    """A part of the page, to which its `name` is the link."""
    return element("section", element("h2", title), *parts, id=name)


def picture(svg: str, dark: str, alt: str, caption: str) -> Markup:
    """An SVG as an image, whose ids, styles and scripts cannot meet those of the page; `dark` is for dark pages."""
    source = element("source", srcset=_address(dark), media="(prefers-color-scheme: dark)")
    image = element("picture", source, element("img", src=_address(svg), alt=alt))
    return element("figure", element("div", image, class_="sheet"), element("figcaption", caption))


def framed(file: str, name: str) -> Markup:
    """The page of all steps, in a frame that loads it when it is opened, and lets it reach nothing outside."""
    title = f"{name}, step by step"
    frame = element("iframe", src=file, title=title, sandbox="allow-scripts", loading="lazy")
    return element("details", element("summary", title), frame, class_="steps")


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def plotted(plot: Plot | None, alt: str, caption: str) -> Markup:
    """A plot, or the reason why there is none."""
    return paragraph(MISSING) if plot is None else picture(*plot, alt, caption)


def certain(words: str) -> Markup:
    """The words that say how sure a statement is."""
    return element("span", words, class_="sure")


def flow(*formulas: Markup) -> Markup:
    """A long formula in pieces, which continue in the next line where the page is narrow."""
    return element("div", *(mathml.math(f) for f in formulas), class_="flow")


def badge(verdict: str, words: str) -> Markup:
    """A verdict: a sign, a colour and words."""
    return element("span", f"{SIGNS[verdict]} {words}", class_=f"badge {CLASSES[verdict]}")


SYMBOL = re.compile(r"([A-Za-z])(\d|hat)?(_avg|_new)?")


def symbol(name: str) -> Markup:
    """`W1`, `Yhat`, `L_avg`, `dL/dW1`, `Yhat - Y` as a formula."""
    if name.startswith("dL/d"):
        below, _, rest = name.removeprefix("dL/d").partition(", ")
        what = mathml.fraction(mathml.row("∂", "L"), mathml.row("∂", symbol(below)))
        return mathml.row(what, mathml.text(f"\u00a0{rest.replace('X_', 'example ')}")) if rest else what
    if " - " in name:
        left, right = name.split(" - ")
        return mathml.row(symbol(left), "-", symbol(right))
    found = SYMBOL.fullmatch(name)
    if not found:
        return mathml.text(name)
    letter, index, words = found.groups()
    if index == "hat":
        return mathml.over(letter)
    marks: list[Any] = [*(index or ""), *([mathml.text(f"\u2009{words[1:]}")] if words else [])]
    return mathml.sub(letter, mathml.row(*marks)) if marks else mathml.piece(letter)


def anchor(finding: Finding) -> str:
    """The id of a finding on the page."""
    return re.sub(r"[^a-z0-9]+", "-", finding.title.lower())


def labelled(array: NamedArray) -> Markup:
    """A matrix below its name."""
    formula = mathml.math(mathml.matrix(array.values, array.decimals))
    return element("div", element("span", array.name, class_="label"), formula, class_="shown")


def data_table(heads: Iterable[Markup], body: Iterable[Markup]) -> Markup:
    """A table of rows, which scrolls sideways where the page is narrow."""
    table = element("table", element("thead", element("tr", *heads)), element("tbody", *body))
    return element("div", table, class_="wide")


def comparison(rows: list[Row]) -> Markup:
    """A table: name and verdict, the printed matrix, the engine's, and what rounding allows."""
    allowed = any(row.allowed for row in rows)
    heads = ["", "paper", "engine", *(["rounding allows"] if allowed else [])]
    return data_table(
        [element("th", head, scope="col") for head in heads], [_compared(row, allowed) for row in rows]
    )


def _compared(row: Row, allowed: bool) -> Markup:
    verdicts = row.verdicts.reshape(1, -1) if row.verdicts.ndim < 2 else row.verdicts
    engine = mathml.matrix(row.engine, row.decimals, lambda i, j: CLASSES[verdicts[i, j]])
    words, _, reason = comparison_table.verdict(row).partition(": ")
    notes = [element("small", note) for note in (reason, row.note) if note]
    cells = [
        element("th", mathml.math(symbol(row.name)), badge(row.verdict, words), *notes, scope="row"),
        element("td", mathml.math(mathml.matrix(row.printed.values, row.printed.decimals))),
        element("td", mathml.math(engine) if not row.given else ""),
        *([element("td", _allowed(row))] if allowed else []),
    ]
    return element("tr", *cells)


def _allowed(row: Row) -> Markup:
    if row.allowed is None:
        return Markup("")
    digits = min(row.decimals, 4) + 1
    ends = mathml.math(
        mathml.matrix(row.allowed.low, digits),
        mathml.text("\u00a0to\u00a0"),
        mathml.matrix(row.allowed.high, digits),
    )
    if row.engine.size <= 2:
        return ends
    widest = (row.allowed.high - row.allowed.low).max() / 2
    return element("details", element("summary", f"up to ±{widest:.1g}"), ends)
