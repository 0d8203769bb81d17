from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.export import step_texts
from tinygrad_edu.viz.page.page_file import stepped


@pytest.fixture
def last():
    """The last step back of a small graph, and the graph."""
    w = tensor([[2.0, -3.0]], requires_grad=True, name="w")
    graph, steps = stepped(draw((w * w).sum()).graph)
    return steps.all[-1], graph


def test_a_step_has_a_title_and_a_formula_with_the_names_of_tensors(last):
    step, graph = last

    assert step_texts.title_of(step, graph) == "backward through ×: v0 → w"
    assert step_texts.formulas_of(step, graph)[0].startswith("∂L/∂w = ")


def test_names_and_numbers_stand_in_their_places(last):
    step, graph = last
    cells = {f"g{i}": node.gradient for i, node in enumerate(graph.nodes)}
    cells |= {f"v{i}": node.value for i, node in enumerate(graph.nodes)}

    whole = [step_texts.filled(x, graph, cells) for line in step.lines for x in (line.symbols, *line.numbers)]

    said = ["".join(formula.itertext()) for formula in whole]
    assert "∂L∂w" in said[0]
    assert "2−3" in "".join(said)  # of the matrix w
    assert not any(ord(c) >= 0xF0000 for text in said for c in text)


def test_a_negative_number_stands_in_brackets_unless_alone():
    cells = {"v0": draw(tensor(-2.0)).graph.nodes[0].value}
    graph = draw(tensor(1.0)).graph

    for alone, words in (("", "(−2)"), (' data-alone=""', "−2")):
        formula = step_texts.filled(f'<math><mrow data-number="v0"{alone}/></math>', graph, cells)
        assert "".join(formula.itertext()) == words


def test_a_hostile_name_is_only_a_name(product):
    graph, steps = stepped(draw(product).graph)

    for step in steps.all:
        assert "\n" not in step_texts.title_of(step, graph)
        for line in step.lines:
            formula = step_texts.filled(line.symbols, graph, {})
            tags = {x.tag for x in ElementTree.fromstring(ElementTree.tostring(formula)).iter()}
            assert all(tag.startswith("m") for tag in tags)
