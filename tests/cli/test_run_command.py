"""`tinygrad-edu run`: scripts and notebooks written for PyTorch, run as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tinygrad_edu

ROOT = Path(tinygrad_edu.__file__).parent.parent


def run(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tinygrad_edu", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd, env=environment
    )


@pytest.fixture
def script(tmp_path):
    def write(text, name="train.py"):
        (tmp_path / name).write_text(text, "utf-8")
        return name

    return write


@pytest.fixture
def notebook(tmp_path):
    def write(*sources, tags=()):
        cells = [{"cell_type": "code", "source": x, "metadata": {"tags": list(tags)}} for x in sources]
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
        return "a.ipynb"

    return write


@pytest.mark.slow
def test_a_script_runs_as_by_python(script, tmp_path):
    script("value = 5", "neighbour.py")
    file = script(
        "import sys, neighbour, torch\n"
        "print(__name__, __file__, sys.argv, sys.path[0], __spec__, neighbour.value)\n"
        "print(torch.ones(2).dtype == torch.float32)\n"
        "if __name__ == '__main__': sys.exit(3)"
    )

    result = run("run", file, "--lr", "0.1", cwd=tmp_path)

    assert result.returncode == 3
    where = f"{tmp_path / file} ['train.py', '--lr', '0.1'] {tmp_path}"
    assert result.stdout == f"__main__ {where} None 5\nTrue\n"
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_without_torch_nothing_is_said_and_the_default_dtype_stays(script, tmp_path):
    result = run("run", script("import tinygrad_edu as t\nprint(t.ones(1).dtype)"), cwd=tmp_path)

    assert (result.stdout, result.stderr) == ("float64\n", "")


@pytest.mark.slow
def test_a_traceback_begins_in_the_file_of_the_program(script, tmp_path):
    result = run("run", script("def f():\n    raise KeyError('x')\n\nf()"), cwd=tmp_path)

    lines = result.stderr.splitlines()
    assert result.returncode == 1
    assert lines[:2] == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path / "train.py"}", line 4, in <module>',
    ]
    assert lines[-1] == "KeyError: 'x'"
    assert "tinygrad_edu/" not in result.stderr


@pytest.mark.slow
def test_an_error_of_syntax_is_shown_without_frames(script, tmp_path):
    result = run("run", script("x = ("), cwd=tmp_path)

    assert result.returncode == 1
    assert result.stderr.startswith(f'  File "{tmp_path / "train.py"}", line 1')


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_the_program_import_the_same(script, tmp_path, method):
    if method not in __import__("multiprocessing").get_all_start_methods():
        pytest.skip(f"{method} is not on this system")
    file = script(
        "import multiprocessing, sys, torch\n"
        "class Data:\n    x = torch.ones(2)\n"
        "def work(data):\n    return float(data.x.sum()), torch.ones(1).dtype.name, sys.argv[1:]\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context({method!r}).Pool(1) as pool:\n"
        "        print(pool.map(work, [Data()]))"
    )

    result = run("run", file, "a", cwd=tmp_path)

    assert result.stdout == "[(2.0, 'float32', ['a'])]\n", result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_notebook_shows_the_last_value_of_a_cell(notebook, tmp_path):
    (tmp_path / "sub").mkdir()
    file = notebook(
        "%matplotlib inline\nimport torch, os",
        "x = torch.ones(2)\nx * 2",
        "'text'",
        "x + 1;",
        "None",
        "y = 3",
        "print(__name__, _, os.path.basename(os.getcwd()))\ndisplay(y)",
    )

    result = run("run", Path("..") / file, cwd=tmp_path / "sub")

    assert result.returncode == 0, result.stderr
    assert result.stdout == f"tensor([2., 2.])\n'text'\n__main__ text {tmp_path.name}\n3\n"
    assert "cell 1: skipped %matplotlib inline\n" in result.stderr


@pytest.mark.slow
def test_an_error_in_a_notebook_names_the_cell_and_the_line(notebook, tmp_path):
    result = run("run", notebook("x = 1", "\ny = x / 0", "print('never')"), cwd=tmp_path)

    assert (result.returncode, result.stdout) == (1, "")
    assert 'File "a.ipynb cell 2", line 2, in <module>\n    y = x / 0' in result.stderr


@pytest.mark.slow
def test_a_cell_that_is_said_to_fail_may_fail(notebook, tmp_path):
    result = run("run", notebook("1 / 0", "print('still')", tags=["raises-exception"]), cwd=tmp_path)

    assert (result.returncode, result.stdout) == (0, "still\n")
    assert "ZeroDivisionError" in result.stderr


@pytest.mark.slow
def test_figures_do_not_wait(notebook, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.delenv("DISPLAY", raising=False)
    cells = [
        "import matplotlib.pyplot as plt",
        "plt.plot([1, 2]); plt.show()",
        "print(plt.get_fignums(), plt.get_backend())",
    ]

    result = run("run", notebook(*cells), cwd=tmp_path)

    assert result.stdout.lower() == "[] agg\n"
    assert "Warning" not in result.stderr


@pytest.mark.slow
def test_a_report_says_before_running_what_is_not_here(script, tmp_path):
    file = script("import torch\nprint('ran')\ntorch.ones(2).resize_(1)")

    result = run("run", "--report", file, cwd=tmp_path)

    assert result.returncode == 1
    assert "not here: Tensor.resize_, line 3; the shape of a tensor stays" in result.stdout
    assert "ran" not in result.stdout


@pytest.mark.slow
def test_a_report_without_missing_names_is_a_success(script, tmp_path):
    result = run("run", "--report", script("import torch\ntorch.ones(2)"), cwd=tmp_path)

    assert (result.returncode, result.stdout) == (
        0,
        "train.py uses 1 names of PyTorch: 1 exist here, 0 do not\n  here: torch.ones, line 2\n",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.ipynb", "{}", "a notebook needs a list of cells"),
        ("nowhere.py", None, "the script nowhere.py is not there"),
    ],
)
def test_a_file_that_cannot_be_run_is_refused_in_one_line(script, tmp_path, name, text, words):
    if text is not None:
        script(text, name)

    result = run("run", name, cwd=tmp_path)

    assert result.returncode == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["draw", "explain"])
def test_other_commands_take_a_program_for_pytorch(script, tmp_path, command):
    file = script(
        "import torch\nfrom torch import nn\nW = torch.ones(1, requires_grad=True)\n"
        "loss = nn.functional.relu(W * 2).sum()\nloss.backward()"
    )

    result = run(command, file, cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert "relu" in result.stdout


@pytest.mark.slow
def test_a_training_loop_in_a_function_is_explained_as_before_the_last_update(script, tmp_path):
    file = script(
        "import torch\nfrom torch import nn\n"
        "def main():\n"
        "    net = nn.Linear(2, 1, bias=False)\n"
        "    nn.init.ones_(net.weight)\n"
        "    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)\n"
        "    for step in range(2):\n"
        "        optimizer.zero_grad()\n"
        "        error = net(torch.ones(1, 2)).sum()\n"
        "        error.backward()\n"
        "        optimizer.step()\n"
        "main()"
    )

    result = run("explain", file, "--wrt", "net.weight", cwd=tmp_path)

    assert result.returncode == 0, result.stderr
    assert "error" in result.stdout
    assert "net.weight = [ 0.5  0.5 ]" in result.stdout  # after the first update, and before the second
