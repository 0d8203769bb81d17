"""The legend of a picture: the meaning of the shapes and colours that occur in it."""

from __future__ import annotations

from collections.abc import Callable

from tinygrad_edu.viz.drawing.cards import PILED, SMALL, Card, frame, rectangle, text
from tinygrad_edu.viz.drawing.colours import HeatScale, Theme, heat
from tinygrad_edu.viz.drawing.module_frames import box
from tinygrad_edu.viz.drawing.text_width import width
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph

LINE = 25.0
_MEANING = {
    "input": "input, constant",
    "parameter": "parameter",
    "result": "result",
    "loss": "loss",
    "folded": "computed from what is folded away",
    "module": "result of what is folded to one card",
}
_FORMULAS = ("g …", "what becomes of g, the gradient of the result, on its way back to this input")
Sample = Callable[[float, float], str]  # draws a sample at x, on the line y


def entries(graph: Graph, theme: Theme) -> list[tuple[Sample, float, str]]:
    """A function that draws each sample, the width of the sample, and its meaning."""
    kinds = {node.kind for node in graph.nodes}
    found = [
        (_kind_sample(kind, theme), 30.0 + PILED * (kind == "module"), text)
        for kind, text in _MEANING.items()
        if kind in kinds
    ]
    if graph.scopes:
        kinds_of_boxes = dict.fromkeys("module" if x.path else "operation in parts" for x in graph.scopes)
        found.append((_box_sample(theme), 30.0, ", ".join(kinds_of_boxes)))
    if any(node.operation for node in graph.nodes):
        found.append((_pill_sample(theme), 30.0, "operation"))
    if any(node.value for node in graph.nodes):
        found.append((_scale_sample(theme.values), 54.0, "value − … +"))
    if any(node.gradient for node in graph.nodes):
        found.append((_scale_sample(theme.gradients), 54.0, "gradient − … +"))
    if any(node.awaits_gradient and node.value and not node.gradient for node in graph.nodes):
        found.append((_empty_sample(theme), 30.0, "gradient not computed"))
    if any(edge.local for edge in graph.edges) and not graph.compact:
        numbers = all(edge.local.startswith("×") for edge in graph.edges if edge.local)
        sign, meaning = ("× …", "times this, the local derivative, on the way back") if numbers else _FORMULAS
        found.append((_local_sample(sign, theme), 30.0, meaning))
    return found


def paint(graph: Graph, x: float, y: float, most: float, theme: Theme) -> tuple[str, float]:
    """The legend with its top left corner at (x, y), in lines of at most `most` pixels; and its height."""
    parts: list[str] = []
    left, line = x, y + LINE / 2
    for draw, sample_width, meaning in entries(graph, theme):
        whole = sample_width + 7 + width(meaning, SMALL) + 16
        if left > x and left + whole - 16 > x + most:
            left, line = x, line + LINE
        parts.append(draw(left, line))
        parts.append(text(left + sample_width + 7, line + 4, meaning, SMALL, theme.soft))
        left += whole
    return "".join(parts), line + LINE / 2 - y


def widest(graph: Graph, theme: Theme) -> float:
    """The width of the longest entry."""
    return max(sample + 7 + width(meaning, SMALL) for _, sample, meaning in entries(graph, theme))


def _kind_sample(kind: str, theme: Theme) -> Sample:
    node = DrawnNode("", kind, "", (), "float64")  # type: ignore[arg-type]
    card = Card(node, "", "", "", (), (), 30.0, 18.0)
    return lambda x, y: frame(card, x, y - 9, theme)


def _box_sample(theme: Theme) -> Sample:
    return lambda x, y: box(x, y - 9, 30, 18, theme)


def _pill_sample(theme: Theme) -> Sample:
    return lambda x, y: (
        rectangle(x, y - 8, 30, 16, f'fill="{theme.pill}"', radius=8)
        + text(x + 15, y + 4, "@", SMALL, theme.pill_ink, anchor="middle")
    )


def _scale_sample(colours: HeatScale) -> Sample:
    return lambda x, y: "".join(
        rectangle(x + 11 * i, y - 6, 10, 12, f'fill="{colour}"', radius=1.5)
        for i, colour in enumerate(scale_colours(colours))
    )


def scale_colours(colours: HeatScale) -> list[str]:
    """The colours of a sample of a heat scale, from negative to positive."""
    return [heat(x, 1.0, colours) for x in (-1.0, -0.4, 0.0, 0.4, 1.0)]


def _empty_sample(theme: Theme) -> Sample:
    return lambda x, y: rectangle(
        x, y - 6, 30, 12, f'fill="none" stroke="{theme.soft}" stroke-dasharray="3 3"', radius=3
    )


def _local_sample(sign: str, theme: Theme) -> Sample:
    return lambda x, y: text(x + 15, y + 4, sign, SMALL, theme.local, anchor="middle", bold=True)
