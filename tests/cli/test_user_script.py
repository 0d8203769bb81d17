from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from tinygrad_edu.cli.user_script import ScriptError, load, load_result, look_up
from tinygrad_edu.reading.nodes import Computation


@pytest.fixture
def script(tmp_path):
    def write(text, name="train.py"):
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return write


def test_a_name_of_a_script_is_found_with_all_others(script):
    found = load(f"{script('a = 2' + chr(10) + 'loss = a * 3')}:loss")

    assert found.value == 6
    assert found.names["a"] == 2


def test_a_script_runs_as_by_itself_but_prints_to_stderr(script, capsys):
    script("value = 5", "neighbour.py")
    file = script("import sys, neighbour\nprint('hello', sys.argv[1:], __name__)\nx = neighbour.value")
    before = sys.argv, list(sys.path)

    assert load(f"{file}:x").value == 5

    assert capsys.readouterr() == ("", "hello [] __main__\n")
    assert (sys.argv, sys.path) == before


def test_a_parameter_is_found_by_its_path(script):
    file = script("from tinygrad_edu import nn\nnet = nn.Sequential(nn.Linear(2, 1))")
    names = load(f"{file}:net").names

    assert look_up("net.0.bias", names) is names["net"][0].bias
    with pytest.raises(ScriptError, match=r"did you mean net\.0\.weight\?"):
        look_up("net.0.weigth", names)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("import sys\nx = 1", "loss", "the script has no loss; it has x$"),
        ("loss = 1", "lss", r"the script has no lss; did you mean loss\?"),
        ("W = 1", "w", r"the script has no w; did you mean W\?"),
        ("x = 1\nraise ValueError('bad')", "x", "train.py failed at line 2: ValueError: bad"),
        ("x = (", "x", "train.py failed at line 1: SyntaxError"),
        ("import sys\nsys.exit(3)", "x", r"train.py ended with sys.exit\(3\)"),
    ],
)
def test_a_script_that_fails_says_where(script, text, name, message):
    with pytest.raises(ScriptError, match=message):
        load(f"{script(text)}:{name}")


@pytest.mark.parametrize("target", ["train.py", "train.py:", ":loss"])
def test_a_target_without_file_and_name_is_refused(target):
    with pytest.raises(ScriptError, match=r"needed as FILE\.py:name"):
        load(target)


def test_a_missing_script_is_refused():
    with pytest.raises(ScriptError, match="is not there"):
        load("nowhere.py:loss")


def test_a_result_of_a_training_loop_has_the_parameters_it_was_computed_from(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(
        "from tinygrad_edu import nn, optim, tensor\n"
        "w = nn.Parameter([2.0])\n"
        "for _ in range(2):\n"
        "    loss = (w * w).sum()\n"
        "    loss.backward()\n"
        "    optim.SGD([w], lr=0.1).step()\n"
        "    w.grad = None\n"
    )

    found = load(f"{script}:loss")

    with Computation(found.value).rewound():
        np.testing.assert_allclose(found.value.item(), found.names["w"].item() ** 2)


def test_a_loss_inside_a_function_is_the_last_whose_backward_was_called(script):
    file = script(
        "import tinygrad_edu as torch\n"
        "other = torch.ones(2, requires_grad=True) * 3\n"
        "def main():\n"
        "    W = torch.ones(2, requires_grad=True)\n"
        "    for step in range(2):\n"
        "        error = (W * (step + 1)).sum()\n"
        "        error.backward()\n"
        "main()"
    )

    found = load_result(str(file))

    assert found.value.item() == 4
    assert found.names["error"] is found.value
    assert look_up("W", found.names).grad.tolist() == [3, 3]


def test_a_notebook_is_a_script_whose_cells_have_numbers(script):
    cells = [{"cell_type": "code", "source": x} for x in ("%matplotlib inline", "a = 2", "loss = a * 3")]
    file = script(json.dumps({"cells": cells}), "a.ipynb")
    wrong = script(json.dumps({"cells": [*cells, {"cell_type": "code", "source": "\n1 / 0"}]}), "b.ipynb")

    assert load(f"{file}:loss").value == 6
    with pytest.raises(ScriptError, match=r"b\.ipynb failed at cell 4 line 2: ZeroDivisionError"):
        load(f"{wrong}:loss")
