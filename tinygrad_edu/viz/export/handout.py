"""A handout of all steps, and the picture alone, as PDF: set by typst (extra `viz`), which brings its own fonts.

The template is fixed, and gets names, formulas and pictures as data: nothing in a name is a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from typing import Any
from xml.etree import ElementTree

from tinygrad_edu.text.mathml import Markup
from tinygrad_edu.viz.drawing import svg as _svg
from tinygrad_edu.viz.drawing.colours import LIGHT
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.export.animation import played
from tinygrad_edu.viz.export.frames import Frames
from tinygrad_edu.viz.export.step_texts import filled, title_of
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.page_steps import Steps
from tinygrad_edu.viz.page.step import Line, Step

WINDOW = (400.0, 330.0)  # pixels of the picture beside a step
MAX_PICTURED = 60  # steps with a picture of their own
MISSING = 'a PDF needs typst, which is not installed; pip install "tinygrad_edu[viz]"'
FIGURE = b"""#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image(bytes(sys.inputs.picture), format: "svg", width: float(sys.inputs.width) * 0.75pt)"""


def figure(picture: str) -> bytes | None:
    """`picture`, an SVG, as one page of its size; None without typst."""
    try:
        return _set(FIGURE, picture=picture, width=str(_svg.size(picture)[0]))
    except ImportError:
        return None


def handout(graph: Graph, steps: Steps) -> bytes:
    """The picture on the first page, and after it each step, forward and back, in a block of its own.

    Of very many steps only those back are there. Raises `ImportError` without the extra.
    """
    frames = Frames(graph, steps, LIGHT)
    numbers = list(played(steps))[1:]
    root = ElementTree.Element("handout", title=f"Graph of {clean(graph.loss or graph.nodes[-1].name)}")
    root.set("picture", _svg.svg(graph, LIGHT))
    for n in numbers:
        step = steps.all[n]
        block = ElementTree.SubElement(root, "step", title=title_of(step, graph), number=str(n))
        if len(numbers) <= MAX_PICTURED:
            block.set("picture", ElementTree.tostring(frames.window(n, WINDOW)[0], encoding="unicode"))
        block.extend(_contents(step, graph, steps, frames))
    source = resources.files(__package__).joinpath("handout.typ").read_bytes()
    return _set(source, handout=_without_controls(ElementTree.tostring(root, encoding="unicode")))


def _contents(step: Step, graph: Graph, steps: Steps, frames: Frames) -> Iterator[ElementTree.Element]:
    """What the panel of a page says at this step: formulas, numbers, code, remarks."""
    for line in step.lines:
        for kind, formulas in _formulas(line):
            row = ElementTree.Element(kind)
            row.extend(filled(formula, graph, frames.cells) for formula in formulas)
            yield row
    for kind, texts in (("code", map(steps.symbols.program, step.code)), ("remark", step.remarks)):
        for text in texts:
            element = ElementTree.Element(kind)
            element.text = clean(text)
            yield element


def _formulas(line: Line) -> Iterator[tuple[str, tuple[Markup, ...]]]:
    if line.symbols:
        yield "formula", (line.symbols,)
    if line.numbers:
        yield "numbers", line.numbers
    if line.running:
        yield "running", line.running


def _without_controls(xml: str) -> str:
    """What no XML may have."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", xml)


def _set(source: bytes, **data: str) -> bytes:
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(MISSING) from None
    made: Any = typst.compile(source, sys_inputs=data)
    return bytes(made)
