"""The picture at each step: the numbers known by then, the operation of the step, and the gradients on their way.

The picture is laid out once, with handles as for a page, and every frame is a copy in which the parts are painted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tinygrad_edu.viz.drawing import svg as _svg
from tinygrad_edu.viz.drawing.cards import CELL, NUMBER, rectangle, text
from tinygrad_edu.viz.drawing.colours import Theme, cell_colours
from tinygrad_edu.viz.drawing.number_cells import Cells, cells_of
from tinygrad_edu.viz.drawing.text_width import clean, cut, width
from tinygrad_edu.viz.export.step_texts import formulas_of, title_of
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.page_steps import Steps

ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
BAND = 58.0  # pixels above the picture, for the title and the formula of the step
Size = tuple[float, float]
TITLE, FORMULA = 16.0, 15.0  # font sizes
_NUMBER = re.compile(r"-?[\d.]+")


class Frames:
    """The frames of `graph`, which has the gradients of `steps`, in the colours of `theme`."""

    def __init__(self, graph: Graph, steps: Steps, theme: Theme) -> None:
        self.graph, self.steps = graph, steps
        self.theme = replace(theme, handles=True)
        self.picture = ElementTree.fromstring(_svg.svg(graph, self.theme))
        self.size = float(self.picture.attrib["width"]), float(self.picture.attrib["height"])
        self.places = dict(_places(self.picture))
        self.first = {step.node: n for n, step in enumerate(steps.all) if step.phase == "forward"}
        self.cells = {key: cells_of(x) for key, x in steps.sums.items()}
        self.cells |= {f"v{i}": x.value for i, x in enumerate(graph.nodes) if x.value is not None}
        self.cells |= {f"g{i}": x.gradient for i, x in enumerate(graph.nodes) if x.gradient is not None}

    def captioned(self, n: int, most: Size) -> str:
        """The picture after step `n` below its title and its formulas."""
        step, last = self.steps.all[n], len(self.steps.all) - 1
        title, formulas = title_of(step, self.graph), ";  ".join(formulas_of(step, self.graph))
        window, (wide, high) = self.window(n, most)
        room = wide - 2 * _svg.MARGIN
        words = cut(f"{n} / {last}  {title}", room, TITLE, bold=True)
        lines = text(_svg.MARGIN, 26, words, TITLE, self.theme.ink, bold=True)
        lines += text(_svg.MARGIN, 48, cut(clean(formulas), room, FORMULA), FORMULA, self.theme.backward)
        page = rectangle(0, 0, wide, high + BAND, f'fill="{self.theme.page}"', radius=0)
        window.set("y", f"{BAND:g}")
        return _page(f"{page}{lines}{ElementTree.tostring(window, encoding='unicode')}", (wide, high + BAND))

    def window(self, n: int, most: Size) -> tuple[Element, Size]:
        """The part of the picture around step `n` that is at most so wide and high, and its size."""
        picture, step = self.at(n), self.steps.all[n]
        edges = [self.graph.edges[k] for k in step.edges]
        seen = [max(step.node, 0), *(edge.source for edge in edges)] if n else [len(self.graph.nodes) - 1]
        points = [self.places[place] for i in seen if (place := self.graph.nodes[i].id) in self.places]
        near = [p for p in points if all(abs(p[i] - points[0][i]) < 0.6 * most[i] for i in (0, 1))]
        corner, size = [], []
        for side, (whole, limit) in enumerate(zip(self.size, most, strict=True)):
            middle = sum(point[side] for point in near) / max(len(near), 1)
            size.append(min(whole, limit))
            corner.append(min(max(middle - size[-1] / 2, 0.0), whole - size[-1]))
        picture.set("viewBox", " ".join(f"{x:g}" for x in (*corner, *size)))
        picture.set("width", f"{size[0]:g}")
        picture.set("height", f"{size[1]:g}")
        return picture, (size[0], size[1])

    def at(self, n: int) -> Element:
        """The picture after step `n`."""
        picture, parts = deepcopy(self.picture), {}
        for element in picture.iter():
            if "data-of" in element.attrib:
                parts[element.get("class"), element.get("data-of")] = element
        keys = {i: key for step in self.steps.all[: n + 1] for i, key in step.gradients.items()}
        for i, node in enumerate(self.graph.nodes):
            card = parts.get(("card", node.id))
            if card is not None:
                known = self.first.get(i, 0) <= n
                self._fill(card, "values", node.value if known else None, is_gradient=False)
                self._fill(card, "gradients", self.cells.get(keys.get(i, "")), is_gradient=True)
        self._mark(parts, n)
        return picture

    def _fill(self, card: Element, kind: str, cells: Cells | None, *, is_gradient: bool) -> None:
        """The numbers of a card in their place, or the dashes of an empty place."""
        place = next((group for group in card.iter() if group.get("class") == kind), None)
        if place is None:
            return
        left, top, wide, columns, rows = map(float, place.attrib.pop("data-of").split())
        if cells is None:
            dashes = f'fill="none" stroke="{self.theme.soft}" stroke-dasharray="3 3"'
            box = rectangle(left + 0.5, top + 0.5, wide * columns - 1, CELL * rows - 1, dashes, radius=3)
            place.append(_element(box))
            return
        for i, row in enumerate(cell_colours(cells, self.theme, is_gradient=is_gradient)):
            for j, (number, fill, ink) in enumerate(row):
                x, y = left + j * wide, top + i * CELL
                if fill:
                    place.append(
                        _element(rectangle(x + 0.5, y + 0.5, wide - 1, CELL - 1, f'fill="{fill}"', radius=2))
                    )
                size = min(NUMBER, NUMBER * (wide - 2) / max(width(number, NUMBER), 1.0))
                place.append(_element(text(x + wide / 2, y + 13, number, size, ink, anchor="middle")))

    def _mark(self, parts: dict[tuple[str | None, str | None], Element], n: int) -> None:
        """The operation of step `n`, its tensors, and the ways along which gradients have come."""
        step = self.steps.all[n]
        back = step.phase in ("backward", "seed")
        colour = self.theme.backward if back else self.theme.kinds["module"]
        passed = {k for s in self.steps.all[: n + 1] if s.phase == "backward" for k in s.edges}
        nodes = self.graph.nodes
        for k, edge in enumerate(self.graph.edges):
            group = parts.get(("edge", f"e{k}"))
            if group is None:
                continue
            for way in [child for child in group if child.get("class") == "back"]:
                if k in passed:
                    way.set("opacity", "1" if k in step.edges else "0.6")
                else:
                    group.remove(way)
            if k in step.edges:
                _outline(parts.get(("card", nodes[edge.source].id)), colour, 3)
                for path in group.iter():
                    if "stroke" in path.attrib:
                        path.set("stroke-width", "3")
                        path.set("stroke", colour)
        if step.node >= 0:
            _outline(parts.get(("card", nodes[step.node].id)), colour, 4.5)
            pill = parts.get(("pill", nodes[step.node].id))
            for shape in pill if pill is not None and step.phase != "seed" else ():
                if shape.tag.endswith("rect"):
                    shape.set("fill", colour)


def _page(inside: str, size: Size) -> str:
    box = f'width="{size[0]:g}" height="{size[1]:g}" viewBox="0 0 {size[0]:g} {size[1]:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{_svg.FONTS}">{inside}</svg>'


def _places(picture: Element) -> Iterator[tuple[str, tuple[float, float]]]:
    """The middle of each card, by the id of its node."""
    moved = next(group for group in picture if "transform" in group.attrib)
    dx, dy = map(float, _NUMBER.findall(moved.attrib["transform"]))
    for card in (group for group in moved.iter() if group.get("class") == "card"):
        shape = next(x for x in card if x.tag.endswith(("rect", "path")))
        if shape.tag.endswith("rect"):
            x, y, wide, high = (float(shape.attrib[key]) for key in ("x", "y", "width", "height"))
        else:  # a path along the upper edge, around a corner and down
            x, y, wide, _, _, high = map(float, _NUMBER.findall(shape.attrib["d"])[:6])
        yield card.attrib["data-of"], (x + wide / 2 + dx, y + high / 2 + dy)


def _element(markup: str) -> Element:
    return ElementTree.fromstring(markup.replace(" ", ' xmlns="http://www.w3.org/2000/svg" ', 1))


def _outline(card: Element | None, colour: str, wide: float) -> None:
    """The frame of a card in this colour."""
    frame = next((shape for shape in card if "stroke" in shape.attrib), None) if card is not None else None
    if frame is not None:
        frame.set("stroke", colour)
        frame.set("stroke-width", f"{wide:g}")
