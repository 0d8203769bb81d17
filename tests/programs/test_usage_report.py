"""Reports on the names that a program uses."""

from __future__ import annotations

import pytest

from tinygrad_edu.programs.usage_report import exists, usage_report, what_instead


@pytest.mark.parametrize(
    "name",
    [
        "torch",
        "torch.nn",
        "torch.nn.Linear",
        "torch.nn.modules.linear.Linear",
        "torch.nn.functional.relu",
        "torch.cuda.is_available",
        "torch.float32.itemsize",
        "torch.version.cuda",
        "Tensor.view",
        "Tensor.shape",
        "Module.parameters",
        "Optimizer.step",
    ],
)
def test_names_that_are_here_are_found(name):
    assert exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "torch.explode",
        "torch.nn.Explode",
        "torch.fx",
        "torch.ops",
        "torch.engine",
        "Tensor.resize_",
        "torchvision",
    ],
)
def test_names_that_are_not_here_are_not(name):
    assert not exists(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Tensor.resize_", "the shape of a tensor stays: write y = x.reshape(...)"),
        ("torch.nn.functional.relux", "the nearest: relu"),
        ("torchvision.datasets.MNIST", "images and labels are NumPy arrays"),
        ("torch.utils.tensorboard.SummaryWriter", "plot them with matplotlib"),
        ("torch.stft", "torch.stft is PyTorch's and not here"),
    ],
)
def test_it_is_said_what_to_use_instead(name, words):
    assert words in what_instead(name)


def test_a_report_counts_and_lists_with_lines(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("import torch\nx = torch.ones(2)\ny = torch.ones(2)\nx.resize_(1)\n")

    report = usage_report(file)

    assert report.here == {"torch.ones": [(0, 2), (0, 3)]}
    assert report.text().splitlines() == [
        "a.py uses 2 names of PyTorch: 1 exist here, 1 do not",
        "  not here: Tensor.resize_, line 4; the shape of a tensor stays: write y = x.reshape(...)",
        "  here: torch.ones, line 2, line 3",
    ]
