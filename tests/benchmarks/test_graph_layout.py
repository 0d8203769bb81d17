"""Pictures are not much larger than Graphviz's layout of the same cards, and fit the screen."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.picture import arranged

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import graph_layout

MAKERS = {make.__name__: make for make in graph_layout.GRAPHS}
LARGEST = 1.2


def drawn(name, **options):
    manual_seed(0)
    result, names = MAKERS[name]()
    return draw(result, names=names, **options).graph


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", ["attention", "rnn", "residual", "five_losses", "transformer"])
def test_a_picture_is_at_most_a_fifth_larger_than_graphviz_makes_it(name):
    graph = drawn(name, max_nodes=100)

    picture = arranged(graph)

    wide, high = graph_layout.graphviz_size(picture, graph)
    assert picture.plan.width <= LARGEST * wide
    assert picture.plan.height <= LARGEST * high


@pytest.mark.slow
@pytest.mark.parametrize("name", ["attention", "exam", "rnn", "residuals", "values_mlp", "moons", "chain"])
def test_a_picture_fits_the_stage_of_a_page_with_letters_of_nine_pixels(name):
    plan = arranged(drawn(name, numbers=False)).plan

    scale = min(850 / (plan.width + 44), 700 / (plan.height + 44), 1.0)
    assert 11 * scale >= 9


@pytest.mark.slow
def test_every_graph_of_the_comparison_is_drawn():
    sizes = {name: len(drawn(name).nodes) for name in MAKERS}

    assert len(sizes) == 25
    assert max(sizes.values()) < 60
