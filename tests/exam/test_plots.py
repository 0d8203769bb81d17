from __future__ import annotations

import sys
from xml.etree import ElementTree as ET

import pytest

from tinygrad_edu.exam import plots
from tinygrad_edu.exam.paper import Problem3

pytest.importorskip("matplotlib")


@pytest.mark.slow
def test_the_data_set_is_drawn_with_a_legend_for_each_class():
    for svg in plots.dataset(Problem3.X, Problem3.Y):
        assert ET.fromstring(svg.encode()).tag.endswith("svg")
        assert all(f"<!-- class {k} -->" in svg for k in (1, 2, 3))


@pytest.mark.slow
def test_the_papers_colours_are_used():
    svg, dark = plots.dataset(Problem3.X, Problem3.Y)

    assert svg.count("#ff0000") == dark.count("#ff0000") > 0
    assert svg.count("#00ffff") == dark.count("#00ffff") > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "draw", [lambda: plots.dataset(Problem3.X, Problem3.Y), lambda: plots.losses([1.6, 1.0])]
)
def test_at_night_the_page_shines_through_and_nothing_is_written_in_black(draw):
    plot = draw()

    assert "fill: #ffffff" in plot.svg
    assert "fill: #ffffff" not in plot.dark
    assert plots.INK in plot.dark
    assert plots.INK not in plot.svg


@pytest.mark.slow
def test_the_losses_are_drawn_as_one_curve_per_epoch():
    short, long = plots.losses([1.6, 1.0]), plots.losses([1.6, 1.0, 0.5, 0.2])

    assert short.svg != long.svg
    assert "loss (bits per example)" in short.svg


@pytest.mark.slow
def test_the_same_figure_is_the_same_text():
    assert plots.dataset(Problem3.X, Problem3.Y) == plots.dataset(Problem3.X, Problem3.Y)


def test_without_matplotlib_there_is_no_plot_and_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    assert plots.dataset(Problem3.X, Problem3.Y) is None
    assert plots.losses([1.0]) is None
