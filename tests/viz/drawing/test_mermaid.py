from __future__ import annotations

import re

import numpy as np

from tinygrad_edu import nn
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.mermaid import quoted

TEXT = r'"(?:[^"<>&`|{}\\%;#]|#\d+;|<br>)*"'
LINES = (
    r"flowchart TD",
    rf"n\d+(?:\[|>|\[\[|\{{\{{){TEXT}(?:\]|\]\]|\}}\}}):::\w+",
    rf"o\d+\(\[{TEXT}\]\):::operation",
    r"o\d+ --> n\d+",
    rf"n\d+ --> (?:\|{TEXT}\| )?o\d+",
    rf"subgraph m\d+\[{TEXT}\]",
    r"end",
    r"classDef \w+ [\w:#,-]+",
)


def test_a_hostile_name_stays_inside_its_quotation_marks(product):
    for line in draw(product).mermaid.splitlines():
        assert re.fullmatch("|".join(LINES), line.strip()), line


def test_signs_that_mean_something_are_written_as_numbers():
    assert quoted('a"b#c;`') == "a#34;b#35;c#59;#96;"


def test_a_text_is_never_empty():
    assert quoted("") == " "


def test_every_tensor_operation_and_edge_is_there():
    a = tensor([1.0, 2.0], requires_grad=True, name="a")

    source = draw((a * a).sum()).mermaid

    assert source.count("n0 --> ") == 2
    assert "n0[[" in source
    assert "n2{{" in source


def test_modules_are_frames_that_open_and_close():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())

    lines = [line.strip() for line in draw(net, np.ones((1, 3))).mermaid.splitlines()]

    assert sum(line.startswith("subgraph") for line in lines) == lines.count("end") == 3


def test_the_same_graph_gives_the_same_text(two_layers):
    loss, names = two_layers

    assert draw(loss, names=names).mermaid == draw(loss, names=names).mermaid
