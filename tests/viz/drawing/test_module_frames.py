from __future__ import annotations

import re
import shutil
import subprocess
from xml.etree import ElementTree

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.module_frames import MAX_TITLE_WIDTH, title_width, titles

X = np.ones((1, 2))


class Named(nn.Module):
    """Its part has any name."""

    def __init__(self, name):
        super().__init__()
        self._name = name
        setattr(self, name, nn.Linear(2, 1))

    def forward(self, x):
        return getattr(self, self._name)(x)


@pytest.fixture
def named(hostile):
    return Named(hostile)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_hostile_name_of_a_module_changes_nothing_but_texts(named, depth):
    picture = draw(named, X, depth=depth).svg

    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}
    assert tags <= {"svg", "g", "rect", "path", "text", "tspan", "title"}


def test_a_title_is_cut_to_its_place(named):
    assert all(title_width(title) <= MAX_TITLE_WIDTH + 1e-9 for title in titles(draw(named, X).graph))


def test_a_hostile_name_of_a_module_stays_inside_mermaid_and_markdown(named):
    drawing = draw(named, X)

    title = r'subgraph m\d+\["(?:[^"<>&`|{}\\%;#]|#\d+;)*"\]'
    opened = [line.strip() for line in drawing.mermaid.splitlines() if "subgraph" in line]
    assert len(opened) == 2
    assert all(re.fullmatch(title, line) for line in opened)
    assert drawing.markdown.count("```") == 2


@pytest.mark.skipif(shutil.which("dot") is None, reason="the Graphviz program is not installed")
def test_graphviz_accepts_a_hostile_name_of_a_module(named):
    source = draw(named, X).dot

    done = subprocess.run(
        ["dot", "-Tsvg"], input=source, capture_output=True, text=True, timeout=30, check=True
    )

    ElementTree.fromstring(done.stdout)
    assert source.count("subgraph cluster_") == 2


def test_outer_boxes_are_painted_before_inner_ones():
    picture = draw(nn.Sequential(nn.Linear(2, 1)), X).svg

    assert picture.index("Sequential</title>") < picture.index("Linear</title>")
