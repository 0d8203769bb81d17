from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.cli.user_script import load
from tinygrad_edu.programs.substitution import substitution

SCRIPT = """
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4))
X, y = torch.randn(6, 3), torch.tensor([0, 1, 2, 3, 0, 1])
W1 = torch.randn(3, 7, requires_grad=True)
loss = nn.functional.cross_entropy(net(X), y)
other = ((X @ W1) ** 2).mean()
loss.backward()
other.backward()
grads = {"net.0.weight": -net[0].weight.grad, "2.bias": net[2].bias.grad}
by_tensor = {W1: -W1.grad}
number = 3
def function(x):
    return x
def fails():
    return 1 / 0
def number_of():
    return 0.5
"""
STEPS = """
import numpy as np
import torch

net = torch.nn.Linear(2, 3)
X, Y = torch.randn(5, 2), torch.randn(5, 3)
def mse(X, Y, scale=1.0):
    return scale * ((net(X) - Y) ** 2).mean()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
for _ in range(2):
    optimizer.zero_grad()
    mse(X, Y).backward()
    optimizer.step()
grads = {"net.weight": net.weight.grad, "net.bias": -net.bias.grad}

A, W = np.arange(6.0).reshape(3, 2), np.array([[1.0, -2.0], [0.5, 0.3]])
def squares(A, W, *, half=True):
    return np.sum((A @ W) ** 2) / 2
by_hand = {"dW": A.T @ A @ W * 2}
"""


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(SCRIPT, "utf-8")
    (tmp_path / "train.py.txt").write_text("", "utf-8")
    return str(file)


@pytest.fixture
def gradients(script, capsys):
    """The true gradients of the script, by name."""
    with substitution():
        names = load(f"{script}:loss").names
    capsys.readouterr()
    return {"net.0.weight": _floats(names["net"][0].weight), "W1": _floats(names["W1"])}


def _floats(x):
    return x.grad.numpy().astype(float)


def test_gradients_of_the_same_script_are_diagnosed(script, capsys):
    assert main.main(["diagnose", f"{script}:loss", f"{script}:grads"]) == 0

    told = capsys.readouterr().out
    assert told.startswith("net.2.bias: right.\nnet.0.weight: wrong.\n")
    assert "the sign is lost" in told


def test_the_keys_may_be_the_tensors_themselves(script, capsys):
    assert main.main(["diagnose", f"{script}:other", f"{script}:by_tensor"]) == 0

    assert "the sign is lost" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["net.0.weight", "0.weight", "dL/dnet.0.weight", "net.0.weight.grad"])
def test_a_file_of_json_is_diagnosed(script, gradients, key, tmp_path, capsys):
    answers = {key: (-gradients["net.0.weight"]).round(4).tolist(), "W9": 1}
    (tmp_path / "a.json").write_text(json.dumps(answers), "utf-8")

    assert main.main(["diagnose", script, str(tmp_path / "a.json")]) == 0

    told = capsys.readouterr().out
    assert "the sign is lost" in told
    assert told.endswith("Note: W9 is no name of a tensor with a gradient.\n")


def test_files_of_arrays_and_tables_are_diagnosed(script, gradients, tmp_path, capsys):
    np.savez(tmp_path / "a.npz", W1=gradients["W1"])
    np.savetxt(tmp_path / "dW1.csv", gradients["W1"].round(4), fmt="%.4f", delimiter=",")

    for name in ("a.npz", "dW1.csv"):
        assert main.main(["diagnose", f"{script}:other", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out == "W1: right.\n"


def test_the_level_says_how_much_is_told(script, capsys):
    assert main.main(["diagnose", script, f"{script}:grads", "--level", "1", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["arrays"] == {"net.2.bias": "right", "net.0.weight": "wrong"}
    assert "explanations" not in told


@pytest.fixture
def steps(tmp_path):
    file = tmp_path / "steps.py"
    file.write_text(STEPS, "utf-8")
    return str(file)


def test_a_loss_function_of_a_program_is_called_with_the_parameters_of_the_last_backward(steps, capsys):
    assert main.main(["diagnose", f"{steps}:mse", f"{steps}:grads"]) == 0

    told = capsys.readouterr().out
    assert "net.weight: right.\n" in told
    assert "net.bias: wrong.\n" in told
    assert "the sign is lost" in told


def test_a_loss_function_on_arrays_is_called_with_the_arrays_of_its_arguments(steps, capsys):
    assert main.main(["diagnose", f"{steps}:squares", f"{steps}:by_hand"]) == 0

    assert "It equals 2 times the true gradient" in capsys.readouterr().out


def test_the_arrays_that_a_loss_function_takes_are_listed_if_none_was_handed_in(steps, tmp_path, capsys):
    answers = tmp_path / "answers.json"
    answers.write_text('{"V": [1, 2]}', "utf-8")

    assert main.main(["diagnose", f"{steps}:squares", str(answers)]) == 2

    assert re.search(r"gradients by .* can be asked of .*steps.py:squares, .* got V", capsys.readouterr().err)


@pytest.mark.parametrize("digits", ["99", "-1", "x"])
def test_decimals_that_no_number_has_are_refused(script, digits, capsys):
    with pytest.raises(SystemExit):
        main.main(["diagnose", script, f"{script}:grads", "--digits", digits])

    assert f"decimals from 0 to 15 are needed, got {digits}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "answers", "message"),
    [
        ("", "missing.json", "the answers in missing.json cannot be read: no such file"),
        ("", "{script}.txt", "train.py.txt are needed as .json"),
        ("", "{script}", "train.py:NAME, the name of a dict"),
        ("", "{script}:gards", "the script has no gards; did you mean grads?"),
        ("", "{script}:number", "answers are needed as a mapping from names to arrays, got int 3"),
        (":number", "{script}:grads", "train.py:number needs to be a loss with its graph, got int"),
        (":function", "{script}:grads", "the script has no x, which {script}:function takes"),
        (":fails", "{script}:grads", "{script}:fails failed: ZeroDivisionError: division by zero"),
        (":number_of", "{script}:grads", "got float; name a function that computes it from its arrays"),
        (
            ":other",
            "{script}:grads",
            "answers are needed for W1, some or all: net.0.weight is no name of a tensor",
        ),
        ("", "missing.py:grads", "the script missing.py is not there"),
        (":missing", "{script}:grads", "the script has no missing"),
    ],
)
def test_a_mistake_of_the_user_is_told_in_one_line(script, target, answers, message, capsys):
    assert main.main(["diagnose", script + target, answers.format(script=script)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert message.format(script=script) in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("tinygrad-edu diagnose: ")
