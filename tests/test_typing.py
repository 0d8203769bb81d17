"""User code with annotations, and the README's examples, satisfy mypy (strict) and pyright."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "tests" / "typed_program.py"
TEXTS = [(ROOT / name).read_text("utf-8") for name in ("README.md", ".github/guide.md")]
EXAMPLES = re.findall(r"```python\n(.*?)```", "".join(TEXTS), re.DOTALL)
WRONG = "import tinygrad_edu\n\nnet = tinygrad_edu.nn.Linear(2, 3)\nnet('x')\ntinygrad_edu.explane\n"

STRICT = "[mypy]\nstrict = true\nfollow_imports = silent\n"
EXAMPLES_ARE_SHORT = "[mypy-readme.*]\ndisallow_untyped_defs = false\ndisallow_untyped_calls = false\n"
# An example may end with a loop that runs, as the reader can see.
PYRIGHT = {"reportPossiblyUnboundVariable": False, "extraPaths": [str(ROOT)]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The programs, and settings of the checkers that find this copy of the package."""
    folder = tmp_path_factory.mktemp("typing")
    (folder / "readme").mkdir()
    shutil.copy(PROGRAM, folder / "program.py")
    for i, code in enumerate(EXAMPLES):
        (folder / "readme" / f"example_{i}.py").write_text(code, encoding="utf-8")
    (folder / "readme" / "__init__.py").touch()
    (folder / "wrong.py").write_text(WRONG)
    (folder / "mypy.ini").write_text(STRICT + EXAMPLES_ARE_SHORT)
    (folder / "pyrightconfig.json").write_text(json.dumps(PYRIGHT))
    return folder


def run(folder, *command):
    environment = os.environ | {"MYPYPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def mypy_errors(folder):
    done = run(folder, "mypy", ".")
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if ": error: " in line]


@pytest.fixture(scope="module")
def pyright_errors(folder):
    if find_spec("pyright") is None:
        pytest.skip("pyright is not installed")
    done = run(folder, "pyright", "--pythonpath", sys.executable, "--outputjson")
    try:
        found = json.loads(done.stdout)["generalDiagnostics"]
    except ValueError:  # the package from PyPI fetches its program when it runs first
        pytest.skip(f"pyright does not start: {done.stderr.strip().rpartition(chr(10))[2]}")
    return [f"{Path(e['file']).name}:{e['range']['start']['line'] + 1}: {e['message']}" for e in found]


def test_the_program_runs():
    names = runpy.run_path(str(PROGRAM))

    assert names["verdict"] == "right"
    assert len(names["losses"]) == 3


@pytest.mark.slow
def test_mypy_finds_no_error_but_a_wrong_input_and_a_name_that_is_not_there(mypy_errors):
    wrong_input, no_name = mypy_errors

    assert wrong_input.startswith(
        'wrong.py:4: error: Argument 1 to "__call__" of "Module" has incompatible type "str"'
    )
    assert no_name.startswith('wrong.py:5: error: Module has no attribute "explane"')


@pytest.mark.slow
def test_pyright_finds_no_error_but_a_wrong_input_and_a_name_that_is_not_there(pyright_errors):
    wrong_input, no_name = pyright_errors

    assert wrong_input.startswith(
        "wrong.py:4: Argument of type \"Literal['x']\" cannot be assigned to parameter"
    )
    assert no_name.startswith('wrong.py:5: "explane" is not a known attribute of module "tinygrad_edu"')


def test_the_package_says_that_it_has_types():
    assert (ROOT / "tinygrad_edu" / "py.typed").read_bytes() == b""
