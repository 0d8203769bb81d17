"""The examples of README and guide run and print what they say; the first picture is what the first example draws."""

from __future__ import annotations

import code
import re
import tomllib
from pathlib import Path

import pytest

import tinygrad_edu
from tinygrad_edu.cli.main import COMMANDS
from tinygrad_edu.exam import compare

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE, SPEED = ((ROOT / ".github" / name).read_text(encoding="utf-8") for name in ("guide.md", "speed.md"))
EXAMPLES = re.findall(r"```python\n(.*?)```", README + GUIDE, re.DOTALL)


@pytest.mark.parametrize("code", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_runs_and_prints_what_it_says(code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    promised = re.findall(r"^print\(.*\)  # (.*)$", code, re.MULTILINE)

    exec(compile(code, "README.md", "exec"), {})

    printed = capsys.readouterr().out.splitlines()
    assert [line for line in promised if line not in printed] == []


def test_what_the_readme_says_is_printed_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    shown = re.findall(r"```python\n([^`]*?)```\n\n```text\n(.*?)```", README, re.DOTALL)

    for example, text in shown:
        exec(compile(example, "train.py", "exec"), {})
        assert text.split() == capsys.readouterr().out.split()

    assert len(shown) == 2


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


def test_contributors_are_told_of_every_folder_and_no_other():
    folders = {path.parent.name for path in (ROOT / "tinygrad_edu").glob("*/__init__.py")}

    table = (ROOT / ".github" / "CONTRIBUTING.md").read_text("utf-8").partition("## Where things are")[2]
    assert set(re.findall(r"`(\w+)/`", table)) == folders


@pytest.mark.slow
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
    assert (
        set(re.findall(r"(?:tinygrad-edu|-m tinygrad_edu) (\w[\w-]*)", README + GUIDE + SPEED))
        == COMMANDS.keys()
    )


def test_every_link_leads_to_a_file():
    for folder, text in [(ROOT, README), (ROOT / ".github", GUIDE)]:
        links = re.findall(r"\]\(([^)#:]+)\)", text)
        assert [link for link in links if not (folder / link).exists()] == []


def test_the_version_to_cite_is_the_version():
    assert f"version {tinygrad_edu.__version__}," in README
    assert f"\n## {tinygrad_edu.__version__}\n" in (ROOT / ".github" / "CHANGELOG.md").read_text("utf-8")
