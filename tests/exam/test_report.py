from __future__ import annotations

import base64
import hashlib
import re
from xml.etree import ElementTree as ET

import pytest

from tinygrad_edu.exam import compare, findings, plots
from tinygrad_edu.exam.pictures import GraphPictures, Pictures, pictures
from tinygrad_edu.exam.report import report
from tinygrad_edu.exam.report_html import symbol
from tinygrad_edu.text.mathml import element


@pytest.fixture(scope="module")
def page(rows, found, drawn):
    return report(rows, found, drawn)


@pytest.fixture(scope="module")
def tree(page):
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>"))


def words(tree):
    return " ".join("".join(tree.itertext()).split())


def embedded(address):
    return ET.fromstring(base64.b64decode(address.partition(",")[2]))


def attributes(tree):
    return [(e.tag, key, value) for e in tree.iter() for key, value in e.attrib.items()]


@pytest.mark.slow
def test_the_page_is_well_formed_and_in_english(page, tree):
    assert page.startswith("<!DOCTYPE html>\n<html")
    assert tree.attrib["lang"] == "en"


@pytest.mark.slow
def test_nothing_is_loaded_from_outside(page, tree, drawn):
    addresses = [value for _, key, value in attributes(tree) if key in ("src", "srcset", "href", "action")]

    assert addresses
    assert all(
        value.startswith(("data:image/svg+xml;base64,", "#"))
        for value in addresses
        if value not in drawn.files()
    )
    assert "http" not in page.replace("http-equiv", "")
    assert "url(" not in page
    assert "@import" not in page


def test_there_is_no_script_and_no_inline_style(tree):
    assert not tree.findall(".//script")
    assert not [key for _, key, _ in attributes(tree) if key == "style" or key.startswith("on")]


def test_the_policy_allows_nothing_but_this_style_and_embedded_images(tree):
    (policy,) = (e.attrib["content"] for e in tree.iter("meta") if "http-equiv" in e.attrib)
    style = tree.find(".//style").text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy


def test_the_steps_stand_in_frames_that_can_reach_nothing(tree, drawn):
    frames = [frame.attrib for frame in tree.iter("iframe")]

    assert [frame["src"] for frame in frames] == ["problem2.html", "problem3.html"]
    assert {frame["sandbox"] for frame in frames} == {"allow-scripts"}
    assert {frame["src"] for frame in frames} <= {*drawn.files()}


def test_links_lead_somewhere(tree, drawn):
    ids = [value for _, key, value in attributes(tree) if key == "id"]
    links = [value for _, key, value in attributes(tree) if key == "href"]

    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= {*ids, *drawn.files()}
    assert {"problem2.html", "problem3.html"} <= {*links}


def test_every_picture_has_a_description_and_is_an_svg(tree):
    images = tree.findall(".//img")

    assert len(images) == 4
    for image in images:
        assert image.attrib["alt"]
        assert embedded(image.attrib["src"]).tag.endswith("svg")


def test_every_picture_has_another_for_dark_pages(tree):
    pairs = [(e[0].attrib, e[1].attrib) for e in tree.iter("picture")]

    assert len(pairs) == 4
    for dark, light in pairs:
        assert dark["media"] == "(prefers-color-scheme: dark)"
        assert embedded(dark["srcset"]).attrib["viewBox"] == embedded(light["src"]).attrib["viewBox"]
        assert dark["srcset"] != light["src"]


def test_every_comparison_has_a_row_with_its_verdict(rows, tree):
    badges = [words(e) for e in tree.iter("span") if "badge" in e.attrib.get("class", "")]

    initial = [row for row in rows if row.problem == 3 and row.given]  # shown without a verdict
    assert len(badges) == len(rows) - len(initial)
    assert sum(b.startswith("≠") for b in badges) == sum(r.verdict == compare.DIFFERS for r in rows)


def test_numbers_that_differ_are_marked_one_by_one(tree):
    assert len([e for e in tree.iter("mtd") if e.attrib.get("class") == "differs"]) == 52


def test_every_finding_is_explained_with_its_sentence_and_its_lesson(found, tree):
    sentences = [
        x for f in found for x in (f.title, f.sentence, f.lesson, *(answer.text for answer in f.answers))
    ]

    assert [x for x in sentences if x not in words(tree)] == []


def test_the_loss_is_there_in_bits_and_nats(tree):
    assert "1.5997" in words(tree)
    assert "1.1088" in words(tree)


def test_what_is_sampled_is_sentences_and_none_lies_outside(tree):
    assert re.search(r"in 200 random corners of the box, 0 of \d+ numbers left their interval", words(tree))


def test_every_matrix_is_there_as_latex(rows, tree):
    source = words(tree.find(".//*[@id='latex']"))

    assert source.count(r"\begin{bmatrix}") == sum(r.engine.ndim > 0 for r in rows)


@pytest.mark.slow
def test_without_matplotlib_the_page_says_what_to_install(rows, found):
    graph = GraphPictures("<svg/>", "<svg/>", "digraph {}", "<html/>")

    bare = report(rows, found, Pictures(graph, graph, None, None))

    assert ET.fromstring(bare.removeprefix("<!DOCTYPE html>")) is not None
    assert bare.count("pip install &quot;tinygrad_edu[plot]&quot;") == 2
    assert plots.MISSING.count("tinygrad_edu[plot]") == 1


@pytest.mark.slow
def test_the_same_numbers_give_the_same_page(page):
    assert report(compare.rows(), findings.findings(), pictures()) == page


def test_strings_in_elements_are_escaped():
    assert element("p", "<b>", title='"') == '<p title="&quot;">&lt;b&gt;</p>'


def test_every_name_can_be_written_as_a_formula(rows):
    formulas = {row.name: ET.fromstring(f"<math>{symbol(row.name)}</math>") for row in rows}

    assert [name for name, formula in formulas.items() if "_" in words(formula)] == []
