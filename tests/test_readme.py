"""The README's examples run and print what they say; its picture is the one its first example draws."""

from __future__ import annotations

import code
import re
import tomllib
from pathlib import Path

import pytest

from tinygrad_edu.cli.main import COMMANDS
from tinygrad_edu.exam import compare

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_of_the_readme_runs_and_prints_what_it_says(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    promised = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)

    exec(compile(code, "README.md", "exec"), {})

    printed = capsys.readouterr().out.splitlines()
    assert all(line in printed for line in promised)


def test_the_picture_of_the_readme_is_what_its_first_example_draws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    exec(compile(EXAMPLES[0], "README.md", "exec"), {})

    assert (tmp_path / "graph.svg").read_bytes() == (ROOT / ".github" / "graph.svg").read_bytes()


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_can_be_typed_at_a_prompt(example, monkeypatch, capsys):
    monkeypatch.setattr(code.InteractiveInterpreter, "runcode", lambda *_: None)
    prompt = code.InteractiveConsole()

    for line in [*example.splitlines(), ""]:
        unfinished = prompt.push(line)

    assert not unfinished
    assert capsys.readouterr().err == ""


def test_the_readme_names_every_folder_and_no_other():
    folders = {path.parent.name for path in (ROOT / "tinygrad_edu").glob("*/__init__.py")}

    table = README.partition("## Where things are")[2].partition("## ")[0]
    assert set(re.findall(r"`(\w+)/`", table)) == folders


def test_the_readme_counts_what_the_exam_counts():
    count = compare.count(compare.rows())
    words = " ".join(README.split())

    assert f"{count[compare.SAME]} numbers come out the same, {count[compare.WITHIN]} more within" in words
    assert f"and {count[compare.DIFFERS]} differ." in words


def test_the_commands_of_the_readme_are_there():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [name for names in re.findall(r"'\.\[([\w,]+)\]'", README) for name in names.split(",")]

    assert extras == ["plot", "progress", "test"]
    assert set(extras) <= project["optional-dependencies"].keys()
    assert set(re.findall(r"(?:tinygrad-edu|-m tinygrad_edu) (\w[\w-]*)", README)) == COMMANDS.keys()
