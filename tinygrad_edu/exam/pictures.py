"""The pictures of the report: both graphs after `backward()`, also step by step, and plots if matplotlib is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tinygrad_edu.exam import plots, problem2, problem3
from tinygrad_edu.exam.paper import Problem3
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.viz import draw

EPOCHS = 300  # of further training


class GraphPictures(NamedTuple):
    """One graph as SVG for light and for dark pages, as DOT, and as a page that goes through its steps."""

    svg: str
    dark: str
    dot: str
    page: str


@dataclass(frozen=True)
class Pictures:
    """The graphs, and the plots or None without matplotlib."""

    problem2: GraphPictures
    problem3: GraphPictures
    dataset: plots.Plot | None
    losses: plots.Plot | None

    def files(self) -> dict[str, str]:
        """The pictures that are files beside the report, by name."""
        found: dict[str, str] = {}
        for name, graph in (("problem2", self.problem2), ("problem3", self.problem3)):
            found |= {f"{name}.html": graph.page, f"{name}.svg": graph.svg, f"{name}.dot": graph.dot}
        return found if self.dataset is None else {**found, "dataset.svg": self.dataset.svg}


def pictures() -> Pictures:
    """The pictures of the report; each graph is drawn after `backward()`."""
    network = problem3.network(problem3.initial().centre)
    return Pictures(
        _graph(problem2.solve().mean),
        _graph(network.objective(Problem3.X, Problem3.Y)),
        plots.dataset(Problem3.X, Problem3.Y),
        plots.losses(problem3.further_training(EPOCHS)),
    )


def _graph(loss: Tensor) -> GraphPictures:
    loss.backward()
    light, dark = draw(loss, numbers=True), draw(loss, numbers=True, theme="dark")
    return GraphPictures(light.svg, dark.svg, light.dot, draw(loss).html)
