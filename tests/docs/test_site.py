"""The site: every public name has an entry, links lead somewhere, nothing comes from outside, axe finds nothing."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tinygrad_edu
from tinygrad_edu.cli.main import main
from tinygrad_edu.docs import site
from tinygrad_edu.docs.architecture import layers, parts_and_imports
from tinygrad_edu.docs.gallery_page import run_script, scripts, shown_code, title
from tinygrad_edu.docs.public_names import PublicName, names_of, public_names
from tinygrad_edu.docs.tour import walks
from tinygrad_edu.lessons import lessons


class Addresses(HTMLParser):
    """The links of a page, what it loads, and its anchors."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors.add(found.get("id"))
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if tag in ("script", "img", "iframe") and found.get("src"):
            self.loaded.append(found["src"])
        if tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(found["href"])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("sphinx", reason="sphinx is not installed")
    pytest.importorskip("furo", reason="furo is not installed")
    out = tmp_path_factory.mktemp("site")
    return out, site.build(out, "# Names\n\n")


@pytest.mark.slow
def test_the_site_is_built_without_warnings(built):
    assert built[1] == []


@pytest.mark.slow
def test_every_lesson_is_listed_and_has_a_page(built):
    links = Addresses((built[0] / "lessons.html").read_text("utf-8")).links
    pages = [f"lessons/{lesson.path.stem}.html" for lesson in lessons()]

    assert [page for page in pages if page not in links or not (built[0] / page).exists()] == []


@pytest.mark.slow
def test_every_public_name_has_an_entry(built):
    text = "".join(file.read_text("utf-8") for file in (built[0] / "reference").glob("*.html"))
    headings = set(map(unescape, re.findall(r"<h2>(.*?)<a", text)))

    paths = {name.path for name in public_names()}
    assert {path for path in paths if path not in headings} == set()
    assert {name.name for name in names_of("")} == set(tinygrad_edu.__all__)


@pytest.mark.slow
def test_operations_and_layers_have_pictures_of_their_graphs(built):
    pictures = built[0] / "_static" / "pictures"

    assert len(list(pictures.glob("operations-*-light.svg"))) > 150
    assert "no operation was recorded" not in (pictures / "nn-AdaptiveAvgPool1d-light.svg").read_text("utf-8")


@pytest.mark.slow
def test_every_link_leads_somewhere_and_nothing_is_loaded_from_outside(built):
    pages = {
        file: Addresses(file.read_text("utf-8"))
        for file in built[0].rglob("*.html")
        if "_static" not in file.parts
    }

    broken = []
    for file, page in pages.items():
        assert [x for x in page.loaded if "//" in x] == []
        for address in [*page.loaded, *(x for x in page.links if "//" not in x)]:
            path, _, anchor = address.partition("#")
            target = (file.parent / path.partition("?")[0]).resolve() if path else file
            if not target.exists() or (target in pages and anchor and anchor not in pages[target].anchors):
                broken.append((file.name, address))
    assert broken == []


LESSON = f"lessons/{lessons()[1].path.stem}"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index", "reference/linalg", "tour", "gallery", "architecture", LESSON])
def test_axe_finds_nothing(built, driver, axe, page, theme):
    driver.get((built[0] / f"{page}.html").as_uri())
    driver.execute_script(f"document.body.dataset.theme = '{theme}'")

    assert axe(driver) == []


@pytest.mark.slow
@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.stem)
def test_a_script_of_the_gallery_saves_one_file_and_is_short(script, tmp_path):
    (saved,) = run_script(script, tmp_path)

    assert saved.stat().st_size > 1000
    assert title(script).endswith(".")
    assert len(shown_code(script).splitlines()) <= 22


def test_the_gallery_has_twenty_pictures():
    assert len(scripts()) >= 20


def test_parts_of_the_package_stand_below_what_they_import():
    imports = parts_and_imports()

    order = layers(imports)

    assert all(order[part] > order[x] for part, needs in imports.items() for x in needs)
    assert order["text"] == 0
    assert order["engine"] < order["ops"] < order["tensor"] < order["nn"]


def test_the_tour_begins_where_the_line_does():
    found = walks()

    names = {line: [call.code.co_name for call in calls] for line, calls in found.items()}
    assert "sum" in names["x.sum()"]
    assert "forward" in names["net(x)"]
    assert names["loss.backward()"][0] == "backward"
    assert next(call.returned for call in found["x.sum()"]).startswith("tensor(10.")


def test_the_twin_of_a_name_is_pytorchs_name_in_the_same_place():
    assert PublicName("nn", "Linear", None).twin == "torch.nn.Linear"
    assert PublicName("", "explain", None).twin == ""


def test_a_missing_extra_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "furo", None)

    code = main(["docs", "--out", str(Path(tmp_path, "site"))])

    assert code == 2
    assert capsys.readouterr().err == f"tinygrad-edu docs: {site.MISSING}\n"
