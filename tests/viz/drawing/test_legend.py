"""The legend of a picture: samples and their meanings side by side."""

from __future__ import annotations

import re

import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.colours import LIGHT
from tinygrad_edu.viz.drawing.legend import entries


@pytest.mark.parametrize("depth", [0, None], ids=["folded", "open"])
def test_no_sample_reaches_into_its_meaning(depth):
    graph = draw(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), tensor([[1.0, 2.0]]), depth=depth).graph

    for draw_sample, width, _meaning in entries(graph, LIGHT):
        sample = draw_sample(0.0, 0.0)
        rectangles = re.findall(r'<rect x="([-.\d]+)" y="[-.\d]+" width="([-.\d]+)"', sample)
        assert all(float(x) + float(wide) <= width for x, wide in rectangles)
