"""`check-gradients`: the verdict is printed, and the exit code says whether the gradients are wrong."""

from __future__ import annotations

import pytest

from tinygrad_edu.cli.main import main

SCRIPT = """
import numpy as np
from tinygrad_edu import nn, tensor
from tinygrad_edu.autograd import Function

x = tensor(np.linspace(-1, 1, 6).reshape(2, 3))
W = tensor(np.linspace(-0.5, 0.7, 6).reshape(3, 2))
net = nn.Linear(3, 2)

class Tanh(Function):
    @staticmethod
    def forward(ctx, z):
        y = z.tanh()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * (1 - y)

def wrong(x, W):
    return (Tanh.apply(x @ W) ** 2).sum()

def right(x, W, scale=2):
    return (x @ W).tanh().sum() * scale

def unknown(x, V):
    return x @ V

def fails(x):
    raise OSError("no disk")

def of_nothing(*xs):
    return xs[0]
"""


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "net.py"
    path.write_text(SCRIPT, "utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "inputs", "code", "words"),
    [
        ("right", [], 0, "agrees: 12 of 12 agree, worst relative difference "),
        ("right", ["x", "W"], 0, "agrees: 12 of 12"),
        ("wrong", [], 1, "the rule of Tanh for z is wrong: the factor 1 + the result is missing"),
        ("net", ["x"], 0, "Linear: 14 of 14 agree"),
    ],
)
def test_the_verdict_is_printed(script, capsys, target, inputs, code, words):
    assert main(["check-gradients", f"{script}:{target}", *inputs]) == code

    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("target", "inputs", "words"),
    [
        ("x", [], "needs to be a function, got Tensor"),
        ("unknown", [], "the script has no V, which"),
        ("right", ["x", "Q"], "the script has no Q; name inputs that it has"),
        ("fails", [], "failed: OSError: no disk"),
        ("of_nothing", [], "needs inputs: name them, as in check-gradients"),
    ],
)
def test_what_cannot_be_checked_is_one_line(script, capsys, target, inputs, words):
    assert main(["check-gradients", f"{script}:{target}", *inputs]) == 2

    assert words in capsys.readouterr().err
