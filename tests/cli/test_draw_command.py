from __future__ import annotations

import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.viz.drawing.export import ENDINGS

SCRIPT = """
from tinygrad_edu import nn, tensor
net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
X = tensor([[1.0, 2.0], [3.0, 4.0]])
prediction = net(X)
loss = (prediction * prediction).mean()
loss.backward()
_hidden = loss * 2
"""


@pytest.fixture
def script(tmp_path):
    def write(text):
        (tmp_path / "train.py").write_text(text, "utf-8")
        return str(tmp_path / "train.py")

    return write


def test_text_goes_to_the_terminal_with_the_names_and_modules_of_the_script(script, capsys):
    assert main.main(["draw", f"{script(SCRIPT)}:prediction"]) == 0

    printed = capsys.readouterr().out
    assert "net: Sequential\n" in printed
    assert "net.0.weight" in printed
    assert printed.splitlines()[-1].lstrip().startswith("prediction = linear(")


@pytest.mark.parametrize("ending", ["svg", "dot", "md", "txt"])
def test_a_file_is_written_as_its_ending_says(script, ending, tmp_path, capsys):
    out = tmp_path / f"graph.{ending}"

    assert main.main(["draw", f"{script(SCRIPT)}:loss", "-o", str(out), "--theme", "dark"]) == 0

    assert "net.0.weight" in out.read_text("utf-8")
    assert capsys.readouterr().out == f"Wrote {out}\n"


def test_the_help_names_every_ending(capsys):
    with pytest.raises(SystemExit):
        main.main(["draw", "--help"])

    assert f"ends in {ENDINGS};" in " ".join(capsys.readouterr().out.split())


def test_without_a_name_it_is_the_loss(script, capsys):
    assert main.main(["draw", script(SCRIPT), "--depth", "0"]) == 0

    assert "\nloss = mean(" in capsys.readouterr().out


def test_without_a_loss_it_is_the_last_result(script, capsys):
    assert main.main(["draw", script(SCRIPT.replace("loss", "error"))]) == 0

    assert "\nerror = mean(" in capsys.readouterr().out


def test_tensors_are_opened_up_to_numbers(script, capsys):
    assert main.main(["draw", f"{script(SCRIPT)}:loss", "--scalars", "--max-nodes", "100"]) == 0

    assert "net.0.weight[2,1]" in capsys.readouterr().out


def test_fused_operations_are_opened_to_their_parts(script, capsys):
    assert main.main(["draw", f"{script(SCRIPT)}:loss", "--parts"]) == 0

    assert "net.0.weightᵀ" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (SCRIPT, [":nothing"], "the script has no nothing; it has tensor, net, X"),
        (SCRIPT, [":net"], "got Sequential; draw what it returns"),
        (SCRIPT, ["", "-o", "graph.bmp"], "ends in .svg"),
        (SCRIPT, ["", "-o", "missing/graph.svg"], "save cannot write"),
        (SCRIPT, ["", "--depth", "-1"], "needs depth as a whole number"),
        (SCRIPT, ["", "--theme", "blue"], 'theme "light" or "dark"'),
        ("x = 1", [""], "has no loss and no other result; say which one"),
        ("1 / 0", [""], "failed at line 1: ZeroDivisionError"),
    ],
)
def test_a_mistake_is_told_in_one_line(script, text, arguments, message, capsys):
    name, *rest = arguments

    assert main.main(["draw", f"{script(text)}{name}", *rest]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tinygrad-edu draw: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_script_that_is_not_there_is_told(capsys):
    assert main.main(["draw", "missing.py"]) == 2

    assert "the script missing.py is not there" in capsys.readouterr().err
