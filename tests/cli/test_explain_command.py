from __future__ import annotations

import pytest

from tinygrad_edu.cli import main

SCRIPT = """
from tinygrad_edu import tensor
X = tensor([[1.0, 2.0], [3.0, 4.0]])
W1 = tensor([[0.5], [-0.5]], requires_grad=True)
p = (X @ W1).sigmoid()
loss = (p * p).mean()
def f(x):
    return (x * x).tanh()
"""


@pytest.fixture
def target(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(SCRIPT, "utf-8")
    return f"{file}:loss"


def test_text_goes_to_the_terminal_with_the_names_of_the_script(target, capsys):
    assert main.main(["explain", target, "--wrt", "W1"]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("Derivation of ∂loss/∂W₁\n")
    assert "∂loss/∂W₁ = Xᵀ · δ" in printed


@pytest.mark.parametrize("name", ["dW1", "dL/dW1", "W1.grad"])
def test_a_tensor_may_be_named_by_its_gradient(target, name, capsys):
    assert main.main(["explain", target, "--wrt", name]) == 0

    assert capsys.readouterr().out.startswith("Derivation of ∂loss/∂W₁\n")


def test_without_a_name_the_loss_is_explained(target, capsys):
    assert main.main(["explain", target.removesuffix(":loss")]) == 0

    assert capsys.readouterr().out.startswith("Derivation of ∂loss/∂W₁\n")


@pytest.mark.parametrize("ending", ["html", "tex", "md", "txt"])
def test_a_file_is_written_as_its_ending_says(target, ending, tmp_path, capsys):
    out = tmp_path / f"page.{ending}"

    assert main.main(["explain", target, "-o", str(out), "--digits", "3"]) == 0

    assert out.stat().st_size > 100
    assert capsys.readouterr().out == f"Wrote {out}\n"


def test_a_loss_written_in_numpy_is_explained_by_its_arrays(tmp_path, capsys):
    file = tmp_path / "steps.py"
    file.write_text(
        "import numpy as np\nX, W = np.eye(2), np.ones((2, 3))\n"
        "def squares(X, W):\n    return np.sum((X @ W) ** 2) / 2\n",
        "utf-8",
    )

    assert main.main(["explain", f"{file}:squares", "--wrt", "W"]) == 0

    assert "∂L/∂W = Xᵀ · δ" in capsys.readouterr().out


def test_a_function_is_explained_to_any_order(target, capsys):
    assert main.main(["explain", target.replace(":loss", ":f"), "--order", "2"]) == 0

    assert "f″ = " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--wrt", "V"], "got 'V'; it depends on p, W1"),
        (["--wrt", "X"], "needs wrt that gets a gradient"),
        (["-o", "page.pdf"], "ends in .html, .tex, .md or .txt"),
        (["-o", "missing/page.txt"], "save cannot write"),
        (["--digits", "99"], "needs digits from 0 to 15"),
    ],
)
def test_a_mistake_is_told_in_one_line(target, arguments, message, capsys):
    assert main.main(["explain", target, *arguments]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tinygrad-edu explain: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_loss_in_numpy_without_wrt_is_told_what_can_be_asked(tmp_path, capsys):
    file = tmp_path / "train.py"
    file.write_text(
        "import numpy as np\nX, W, b = np.ones((3, 2)), np.ones((2, 2)), np.ones(2)\n"
        "def loss(W, b):\n    return ((X @ W + b) ** 2).mean()\n"
    )

    assert main.main(["explain", f"{file}:loss"]) != 0

    assert "takes arrays; name those to differentiate by, of W, b: --wrt W" in capsys.readouterr().err
