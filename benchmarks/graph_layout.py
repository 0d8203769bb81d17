"""The size of pictures: our layout beside Graphviz's of the same cards, for the graphs that learners draw.

python benchmarks/graph_layout.py [folder for the pictures]

Graphviz is given every card, pill and label as a rectangle of the size that our picture has, and every edge. It runs
as the program `dot`; without it only our own sizes are printed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from drawn_graphs import GRAPHS

from tinygrad_edu import draw
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.viz.drawing.picture import Picture, arranged
from tinygrad_edu.viz.graph.graph_model import Graph

INCH = 72.0


def graphviz_size(picture: Picture, graph: Graph) -> tuple[float, float]:
    """The width and height of Graphviz's layout of the same cards in the same boxes, in pixels."""
    lines = ['digraph { nodesep=0.35 ranksep=0.4 node [shape=box fixedsize=true label=""]']
    lines += [line for i, node in enumerate(graph.nodes) if node.scope is None for line in _node(picture, i)]
    lines += [
        line
        for i, scope in enumerate(graph.scopes)
        if scope.parent is None
        for line in _cluster(picture, graph, i)
    ]
    lines += [line for i in range(len(graph.nodes), len(picture.boxes)) for line in _node(picture, i)]
    for link in picture.links:
        box = picture.boxes[link.target]
        into = f"o{link.target}" if box.pill and not box.flat else f"n{link.target}"
        words = (
            f' [label="{"x" * round(link.label / 6)}" fontname=Helvetica fontsize=11]' if link.label else ""
        )
        lines.append(f"n{link.source} -> {into}{words}")
    made = subprocess.run(
        ["dot", "-Tplain"],
        input="\n".join([*lines, "}"]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    _, _, wide, high = made.stdout.partition("\n")[0].split()
    return float(wide) * INCH, float(high) * INCH


def _node(picture: Picture, i: int) -> list[str]:
    box = picture.boxes[i]
    lines = [f"n{i} [width={box.width / INCH:.3f} height={box.height / INCH:.3f}]"]
    if box.pill and not box.flat:
        lines.append(f"o{i} [width={box.pill[0] / INCH:.3f} height={box.pill[1] / INCH:.3f}] o{i} -> n{i}")
    return lines


def _cluster(picture: Picture, graph: Graph, i: int) -> list[str]:
    lines = [f'subgraph cluster_{i} {{ label="{"x" * 8}" fontsize=11']
    for k, scope in enumerate(graph.scopes):
        lines += _cluster(picture, graph, k) if scope.parent == i else []
    lines += [line for k, node in enumerate(graph.nodes) if node.scope == i for line in _node(picture, k)]
    return [*lines, "}"]


def main() -> None:
    """Print the table, and save the pictures if a folder is given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with_dot = shutil.which("dot") is not None
    print(f"{'graph':18}{'nodes':>6}{'ours':>14}{'Graphviz':>14}{'width':>8}{'height':>8}")
    for make in GRAPHS:
        manual_seed(0)
        result, names = make()
        if hasattr(result, "backward"):
            result.backward()
        drawing = draw(result, names=names)
        picture = arranged(drawing.graph)
        wide, high = picture.plan.width, picture.plan.height
        line = f"{make.__name__:18}{len(drawing.graph.nodes):6}{wide:8.0f}x{high:<5.0f}"
        if with_dot:
            w, h = graphviz_size(picture, drawing.graph)
            line += f"{w:8.0f}x{h:<5.0f}{wide / w:8.2f}{high / h:8.2f}"
        print(line)
        if folder:
            drawing.save(folder / f"{make.__name__}.svg")


if __name__ == "__main__":
    main()
