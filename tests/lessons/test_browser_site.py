from __future__ import annotations

import importlib.util
import json
import re

import pytest

from tinygrad_edu.lessons import lesson, lessons
from tinygrad_edu.lessons.browser_site import NEEDED, browser_notebook, build_site


def test_a_notebook_of_the_site_installs_the_package_below_its_title():
    content = json.loads(browser_notebook(lesson(1)))

    kinds = [cell["cell_type"] for cell in content["cells"]]
    assert kinds[:3] == ["markdown", "code", "code"]
    assert content["cells"][1]["source"] == ["%pip install -q tinygrad_edu"]
    assert len(kinds) == len(lesson(1).cells) + 1


def test_without_the_extra_the_site_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ImportError, match=r"pip install .*tinygrad_edu\[site\]"):
        build_site(tmp_path / "site")


def test_a_folder_with_something_else_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(ValueError, match=r"empty or new folder"):
        build_site(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.slow
def test_the_site_has_every_lesson_and_the_wheel_in_its_index(tmp_path):
    for name in NEEDED:
        pytest.importorskip(name)

    page = build_site(tmp_path / "site")

    assert page.is_file()
    listed = json.loads((page.parent / "api" / "contents" / "all.json").read_text("utf-8"))["content"]
    assert {entry["name"] for entry in listed} == {f"{each.path.stem}.ipynb" for each in lessons()}
    for entry in listed:
        assert (page.parent / "files" / entry["path"]).is_file()
    (index,) = page.parent.glob("pypi/all.json")
    (wheel,) = page.parent.glob("pypi/*.whl")
    assert re.search(rf'"filename":\s*"{re.escape(wheel.name)}"', index.read_text("utf-8"))
