"""The names of PyTorch in the text of a program."""

from __future__ import annotations

import json

import pytest

from tinygrad_edu.programs.names_used import names_used


@pytest.fixture
def used(tmp_path):
    def read(text):
        (tmp_path / "a.py").write_text(text, "utf-8")
        return [(use.name, use.place[1]) for use in names_used(tmp_path / "a.py")]

    return read


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import torch\ntorch.ones", "torch.ones"),
        ("import torch.nn as nn\nnn.Linear", "torch.nn.Linear"),
        ("from torch import nn, optim\noptim.SGD", "torch.optim.SGD"),
        ("from torch.nn import functional as F\nF.relu", "torch.nn.functional.relu"),
        ("import torch as th\nth.cuda.is_available()", "torch.cuda.is_available"),
        ("import torch\nF = torch.nn.functional; F.relu", "torch.nn.functional.relu"),
        ("import torch\ntorch.ones(2).resize_(1)", "Tensor.resize_"),
        ("import torch\nnet.register_buffer('a', b)", "Module.register_buffer"),
        ("import torch\nopt.add_param_group({})", "Optimizer.add_param_group"),
        ("import torch\nimport torchvision.transforms as T; T.Compose", "torchvision.transforms.Compose"),
    ],
)
def test_aliases_and_methods_are_followed(used, text, name):
    assert (name, 2) in used(text)


@pytest.mark.parametrize(
    "text",
    [
        "import numpy as np\nnp.linalg.norm",
        "words = {}\nwords.values()",
        "class A:\n    def storage(self): ...\nA().storage()",
        "from .torch import ones",
        "def f(torch):\n    return torch.ones(2)",
        "x.shape_of_water",
    ],
)
def test_names_of_others_do_not_count(used, text):
    assert used(text) == []


def test_in_a_notebook_a_place_is_a_cell_and_a_line(tmp_path):
    file = tmp_path / "a.ipynb"
    sources = ["import torch", "%matplotlib inline\ntorch.ones(2)"]
    file.write_text(json.dumps({"cells": [{"cell_type": "code", "source": each} for each in sources]}))

    assert names_used(file) == [("torch", (1, 1)), ("torch.ones", (2, 2))]
