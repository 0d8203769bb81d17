from __future__ import annotations

import base64
import gzip
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.plan import capture
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.page import page_file
from tinygrad_edu.viz.page.page_file import sha256
from tinygrad_edu.viz.page.script_data import for_script


def data_of(page):
    return json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1]
    )


def unpacked(page):
    """The picture, the names and the data of a large page."""
    packed = re.search(r'id="packed">(.*?)</script>', page)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_the_page_is_one_file_that_loads_nothing(graph):
    loss, names = graph
    page = draw(loss, names=names).html

    assert not [
        1 for _, attributes in Tags(page).tags if {"src", "href", "srcset", "action"} & attributes.keys()
    ]
    assert "url(" not in page
    assert "default-src &#x27;none&#x27;" in page


def test_the_policy_names_the_script_that_is_there(graphs):
    page = draw(graphs["exam"]()[0]).html
    inside = page.rsplit("<script>", 1)[1].split("</script>")[0]

    assert "\nmatmul: matmul,\n" in inside  # a kernel that the instructions call
    assert "  amax:" not in inside
    assert f"script-src &#x27;sha256-{sha256(inside)}&#x27;" in page


def test_the_page_of_the_exam_is_small(graphs):
    loss, names = graphs["exam"]()

    assert len(draw(loss, names=names).html.encode()) < 200_000


def test_the_same_graph_gives_the_same_page(graphs):
    loss, names = graphs["mlp"]()

    assert draw(loss, names=names).html == draw(loss, names=names).html


def test_no_gradient_of_the_user_is_read_or_changed():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    loss = (w * w).sum()
    w.grad = tensor([50.0, 50.0])

    data = data_of(draw(loss).html)

    assert data["numbers"]["g0"][0] == [[2, 4]]
    np.testing.assert_array_equal(w.grad, [50, 50])


def test_nan_and_infinity_are_texts_in_the_data():
    w = tensor([np.nan, np.inf, -np.inf, 1.0], requires_grad=True, name="w")

    data = data_of(draw((w * 1).sum()).html)

    assert data["numbers"]["v0"][0] == [["NaN", "Infinity", "-Infinity", 1]]


def test_json_in_a_script_has_no_signs_that_could_end_it():
    text = for_script({"name": "</script><!--&\u2028\u2029"})

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"name": "</script><!--&\u2028\u2029"}


def test_names_become_no_tags(product):
    tags = Tags(draw(product).html).tags

    assert {"b", "img", "nope", "c"} & {tag for tag, _ in tags} == set()
    assert sum(tag == "script" for tag, _ in tags) == 2
    assert not [1 for _, attributes in tags for name in attributes if name.startswith("on")]


def test_text_that_looks_like_a_slot_of_the_page_is_left_alone():
    w = tensor([1.0], requires_grad=True, name="<!--script--> <!--data-->")

    page = draw((w * 2).sum()).html

    assert page.count('"use strict"') == 1


def test_save_writes_the_page(tmp_path, graphs):
    drawing = draw(graphs["reused"]()[0])

    drawing.save(tmp_path / "step.HTML")

    assert (tmp_path / "step.HTML").read_text("utf-8") == drawing.html


@pytest.mark.slow
def test_a_graph_too_large_for_numbers_on_cards_has_them_beside_its_steps(graphs):
    page = draw(graphs["chain"](320)[0], max_nodes=2000).html
    data = json.loads(unpacked(page)["data"])

    assert len(data["steps"]) == 1 + 321 + 1 + 321
    assert {key[0] for key in data["numbers"]} >= {"v", "g"}
    assert "values" not in re.findall(r'class="([^"]*)"', unpacked(page)["picture"])
    assert len(page.encode()) < 300_000


@pytest.mark.slow
def test_steps_that_differ_only_in_names_share_a_section(graphs):
    steps = data_of(draw(graphs["chain"](100)[0], max_nodes=200).html)["steps"]

    tanh = [step for step in steps if step["phase"] == "backward"][1:]
    assert {step["section"] for step in tanh[:-1]} == {tanh[0]["section"]}
    assert tanh[0]["names"] != tanh[1]["names"]


def test_a_graph_too_large_for_steps_is_a_page_of_the_picture_alone(graphs, monkeypatch):
    monkeypatch.setattr(page_file, "MAX_STEPPED_NODES", 100)

    page = draw(graphs["chain"](110)[0], max_nodes=200).html

    assert data_of(page)["steps"] == [{"phase": "start", "section": 0}]
    assert "More than 100 tensors have no steps here" in page


@pytest.mark.slow
def test_a_large_page_is_packed(graphs):
    page = draw(graphs["chain"](1_400)[0], max_nodes=2_000).html

    content = unpacked(page)
    assert len(json.loads(content["data"])["steps"]) == 1 + 1_401 + 1 + 1_401
    assert 'id="picture"' in content["picture"][:100]
    assert len(page.encode()) < 600_000


def test_a_plan_is_a_page_without_steps():
    net = nn.Linear(3, 1)
    plan = capture(lambda x: net(x).sum())
    while not plan.ready:
        plan(tensor(np.ones((2, 3))))

    page = draw(plan, names={"net": net}).html
    data = data_of(page)

    assert data["steps"] == [{"phase": "start", "section": 0}]
    assert "A plan has no steps here" in page
    assert "step by step" not in page
    assert data["numbers"] == {}


def test_a_tensor_that_nothing_computed_has_no_steps_and_nothing_to_change():
    page = draw(tensor([1.0, 2.0], requires_grad=True, name="w")).html

    assert "No operation is known here, so there are no steps." in page
    assert "<title>w</title>" in page
    assert data_of(page)["whatIf"] is None


def test_every_remark_ends_as_a_sentence_does():
    net = nn.Linear(2, 2)
    loss = net(tensor(np.ones((3, 2)))).relu().sum()
    pages = [draw(loss, model=net).html, draw(loss, model=net, depth=0).html]

    remarks = [x for page in pages for x in re.findall(r'<p class="remark">(.*?)</p>', page)]
    assert any(x.endswith("is the sum of 3 rows.") for x in remarks)
    assert all(re.search(r"[^.]\.$", x) for x in remarks if x != "inside")  # which is a heading


def test_a_folded_module_is_one_step_that_says_so():
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), nn.Linear(2, 1))
    loss = net(tensor(np.ones((2, 3)))).sum()

    page = draw(loss, names={"net": net}, depth=0).html

    assert [step["phase"] for step in data_of(page)["steps"]] == [
        "start",
        "forward",
        "forward",
        "seed",
        "backward",
    ]
    assert page.count("Folded to one card") == 1


def test_a_page_has_the_numbers_of_its_drawing_whatever_became_of_them():
    w = tensor([3.0, 4.0], requires_grad=True, name="w")
    drawing = draw((w * w).sum())
    w.data[:] = 0
    w.data[:] = 1

    numbers = data_of(drawing.html)["numbers"]

    assert numbers["v0"][0] == [[3, 4]]
    assert numbers["g0"][0] == [[6, 8]]
    assert w.tolist() == [1, 1]


def test_a_number_that_the_way_back_needs_and_that_was_overwritten_is_an_error():
    w = tensor([3.0, 4.0], requires_grad=True, name="w")
    loss = (w * w).sum()
    w.data[:] = 0

    with pytest.raises(
        RuntimeError, match=r"^the page needs .*'w' of .* was overwritten .*compute the loss again"
    ):
        _ = draw(loss).html
