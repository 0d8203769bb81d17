r"""The picture as a figure for LaTeX, in the language of TikZ: `\input{figure.tikz}`.

The flat SVG is rewritten shape by shape: it has rectangles, paths, texts and groups that are moved, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tinygrad_edu.text.latex import escaped

HEAD = r"""% A computation graph. The preamble needs \usepackage{tikz} and \usetikzlibrary{svg.path}.
% It is as large as the text of a page at most: \begin{figure}\centering\input{figure.tikz}\end{figure}
"""
BEGIN = r"\begin{tikzpicture}[x=1pt, y=1pt, yscale=-1, inner sep=0pt, font=\fontsize{10}{12}\sffamily]"
FIT = r"""\dimen0=%gpt
\ifdim\dimen0>\linewidth\dimen0=\linewidth\fi
\ifdim\dimen0>%.4f\textheight\dimen0=%.4f\textheight\fi
\resizebox{\dimen0}{!}{%%"""
MAX_HEIGHT = 0.85  # of the text of a page
FONT_SIZE = 10.0  # which every font of LaTeX has; other sizes are this one scaled
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def tikz(picture: str) -> str:
    """The figure that `picture`, a flat SVG, is."""
    root = ElementTree.fromstring(picture)
    drawn = "\n".join(_drawn(root, 0.0, 0.0))
    wide, high = (float(root.attrib[side]) for side in ("width", "height"))
    fit = FIT % (wide, *(MAX_HEIGHT * wide / high,) * 2)
    colours = sorted(set(re.findall(r"\bc([0-9A-F]{6})\b", drawn)))
    defined = "\n".join(rf"\definecolor{{c{colour}}}{{HTML}}{{{colour}}}" for colour in colours)
    return f"{HEAD}\\begingroup\n{defined}\n{fit}\n{BEGIN}\n{drawn}\n\\end{{tikzpicture}}%\n}}\\endgroup\n"


def _drawn(element: Element, x: float, y: float) -> Iterator[str]:
    """The commands for an element in a group that is moved by (x, y)."""
    kind = element.tag.rpartition("}")[2]
    if kind == "rect":
        yield _rectangle(element, x, y)
    elif kind == "path":
        yield rf"\path[{_style(element)}, shift={{({x:g},{y:g})}}] svg {{{element.get('d')}}};"
    elif kind == "text":
        yield _text(element, x, y)
    elif kind in ("svg", "g"):
        moved = re.findall(r"-?[\d.]+", element.get("transform", "0 0"))
        for child in element:
            yield from _drawn(child, x + float(moved[0]), y + float(moved[1]))


def _rectangle(element: Element, x: float, y: float) -> str:
    left, top, width, height, radius = (
        float(element.get(key, 0)) for key in ("x", "y", "width", "height", "rx")
    )
    corners = f", rounded corners={radius:g}pt" if radius else ""
    ends = f"({x + left:g},{y + top:g}) rectangle ({x + left + width:g},{y + top + height:g})"
    return rf"\path[{_style(element)}{corners}] {ends};"


def _style(element: Element) -> str:
    """Fill, line, width and dashes."""
    parts = []
    for key, option in (("fill", "fill"), ("stroke", "draw")):
        colour = element.get(key, "none")
        parts += [f"{option}=c{colour[1:]}"] if colour != "none" else []
    if "stroke" in element.attrib:
        parts.append(f"line width={element.get('stroke-width', '1')}pt")
    if "stroke-dasharray" in element.attrib:
        on, off = element.attrib["stroke-dasharray"].split()
        parts.append(f"dash pattern=on {on}pt off {off}pt")
    return ", ".join(parts)


def _text(element: Element, x: float, y: float) -> str:
    """A node at the beginning, the middle or the end of its line; a text with a halo only covers what is behind."""
    words = escaped(element.text or "") + "".join(map(_raised, element))
    words = rf"\textbf{{{words}}}" if element.get("font-weight") == "bold" else words
    colour, scale = element.get("fill", "#000000")[1:], float(element.get("font-size", 11)) / FONT_SIZE
    options = f"anchor={ANCHORS[element.get('text-anchor', 'start')]}, scale={scale:g}, text=c{colour}"
    if "stroke" in element.attrib:
        options += f", fill=c{element.attrib['stroke'][1:]}, inner sep=1pt"
        words = rf"\phantom{{{words}}}"
    left, base = x + float(element.get("x", 0)), y + float(element.get("y", 0))
    return rf"\node[{options}] at ({left:g},{base:g}) {{{words}}};"


def _raised(part: Element) -> str:
    """A superscript, or the text after one."""
    words = escaped(part.text or "")
    return rf"\textsuperscript{{{words}}}" if part.get("dy", "").startswith("-") else words
