"""The README's examples run and print what they say; its picture is the one its first example draws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


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
