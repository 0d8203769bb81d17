"""The fixtures for pytest: gradients that are wrong fail a test, and so does a teaching warning."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tinygrad_edu import testing

ROOT = Path(__file__).parents[2]
PROGRAM = """
import numpy as np
import pytest
import tinygrad_edu as torch

def test_right(assert_gradients_agree):
    assert_gradients_agree(lambda x: (x * x).sum(), [1.0, 2.0], order=2)

def test_wrong(assert_gradients_agree):
    assert_gradients_agree(lambda x: x.detach() * x, [1.0, 2.0])

@pytest.mark.usefixtures("no_teaching_warnings")
def test_warned():
    w = torch.tensor([np.inf], requires_grad=True)
    w.sum().backward()

def test_warned_but_allowed():
    w = torch.tensor([np.inf], requires_grad=True)
    w.sum().backward()
"""


@pytest.mark.slow
def test_the_fixtures_fail_what_they_shall(tmp_path):
    file = tmp_path / "test_program.py"
    file.write_text(PROGRAM, encoding="utf-8")
    command = "import sys, pytest, tinygrad_edu; sys.exit(pytest.main(sys.argv[1:]))"
    options = ["-q", "-p", "tinygrad_edu.testing.pytest_plugin", "-p", "no:cacheprovider", "-c", "/dev/null"]

    run = subprocess.run(
        [sys.executable, "-c", command, *options, file.name, "--rootdir", str(tmp_path)],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "2 failed, 2 passed" in run.stdout, run.stdout + run.stderr
    assert "by differences" in run.stdout
    assert "test_program.py::test_wrong" in run.stdout
    assert (
        "test_program.py:17: NotFiniteWarning" in run.stdout
        or "NotFiniteWarning: the loss is inf" in run.stdout
    )


def test_the_plugin_costs_a_run_of_pytest_no_import_of_the_library():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (module,) = settings["project"]["entry-points"]["pytest11"].values()
    copies = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    (source,) = [ROOT / file for file, copy in copies.items() if copy == f"{module}.py"]
    program = (
        "import runpy, sys; runpy.run_path(sys.argv[1]); "
        "print([x for x in sys.modules if x.startswith(('numpy', 'tinygrad'))])"
    )

    found = subprocess.run(
        [sys.executable, "-I", "-c", program, str(source)], capture_output=True, text=True, check=True
    )

    assert found.stdout.strip() == "[]"


def test_without_hypothesis_the_strategies_say_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in [x for x in sys.modules if x.startswith("tinygrad_edu.testing.strategies")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(testing, "strategies", raising=False)

    with pytest.raises(
        ImportError, match=r'strategies needs hypothesis, .*; pip install "tinygrad_edu\[test\]"'
    ):
        __import__("tinygrad_edu.testing.strategies")
