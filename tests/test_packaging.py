"""What the wheel and the source archive say of themselves; .ci/run builds both, and tries them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import tinygrad_edu

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = SETTINGS["project"]
EXTRAS = PROJECT["optional-dependencies"]
WORKFLOW = ".github/workflows/tests.yml"


def test_the_licence_is_mit_and_in_the_package():
    (file,) = PROJECT["license-files"]

    assert PROJECT["license"] == "MIT"
    assert (ROOT / file).read_text("utf-8").startswith("MIT License\n\nCopyright (c)")
    assert (ROOT / file).parent == Path(tinygrad_edu.__file__).parent


def test_the_version_stands_in_the_package_alone():
    assert SETTINGS["tool"]["hatch"]["version"]["path"] == "tinygrad_edu/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", tinygrad_edu.__version__)


def test_the_source_archive_has_what_the_tests_read():
    included = SETTINGS["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]

    texts = ["README.md", ".github/*.md"]
    assert {"tinygrad_edu", "tests", "benchmarks", ".github/graph.svg", WORKFLOW, *texts} == set(included)
    assert [name for name in included if not list(ROOT.glob(name))] == []


def test_every_extra_that_a_message_names_is_there():
    files = [*ROOT.glob("tinygrad_edu/**/*.py"), *ROOT.glob("benchmarks/**/*.py")]

    named = {name for file in files for name in re.findall(r"tinygrad_edu\[(\w+)\]", file.read_text("utf-8"))}

    assert {"plot", "special", "viz", "bench"} <= named <= EXTRAS.keys()


def test_the_workflow_runs_the_two_commands_of_the_readme_on_every_python_that_the_package_names():
    workflow, readme = [(ROOT / name).read_text("utf-8") for name in (WORKFLOW, "README.md")]

    commands = re.findall(r"^python3 (-m venv .*)", readme, re.MULTILINE)
    versions = re.findall(r'"(3[.]\d+)"', workflow)

    assert len(commands) == 2
    assert [c for c in commands if f"run: python {c.replace('.venv/bin', '$bin')}\n" not in workflow] == []
    assert [c for c in PROJECT["classifiers"] if c.startswith("Programming Language :: Python :: 3.")] == [
        f"Programming Language :: Python :: {version}" for version in versions
    ]
