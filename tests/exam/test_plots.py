from __future__ import annotations

import sys
from xml.etree import ElementTree as ET

import pytest

from tinygrad_edu.exam import plots
from tinygrad_edu.exam.paper import Problem3

pytest.importorskip("matplotlib")


def test_the_data_set_is_drawn_with_a_legend_for_each_class():
    svg = plots.dataset(Problem3.X, Problem3.Y)

    assert ET.fromstring(svg.encode()).tag.endswith("svg")
    assert all(f"<!-- class {k} -->" in svg for k in (1, 2, 3))


def test_the_papers_colours_are_used():
    svg = plots.dataset(Problem3.X, Problem3.Y)

    assert "#ff0000" in svg
    assert "#00ffff" in svg


def test_the_losses_are_drawn_as_one_curve_per_epoch():
    short, long = plots.losses([1.6, 1.0]), plots.losses([1.6, 1.0, 0.5, 0.2])

    assert short != long
    assert "loss (bits per example)" in short


def test_the_same_figure_is_the_same_text():
    assert plots.dataset(Problem3.X, Problem3.Y) == plots.dataset(Problem3.X, Problem3.Y)


def test_without_matplotlib_there_is_no_plot_and_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    assert plots.dataset(Problem3.X, Problem3.Y) is None
    assert plots.losses([1.0]) is None
