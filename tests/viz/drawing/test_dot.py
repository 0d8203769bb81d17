from __future__ import annotations

import re
import shutil
import subprocess
from xml.etree import ElementTree

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.drawing.colours import DARK, LIGHT
from tinygrad_edu.viz.drawing.dot import digraph
from tinygrad_edu.viz.graph.graph_builder import graph_of

TOKENS = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<html><(?=<TABLE).*?(?<=</TABLE>)>)(?=[ \]])'
    r"|(?P<word>[\w.]+)|(?P<sign>->|[{}\[\]=])|\s+",
    re.S,
)
TAGS = {"TABLE", "TR", "TD", "FONT", "B"}


def dot(x, names=None, theme=LIGHT):
    return digraph(graph_of(x, names), theme).source


def tokens(source):
    """The tokens of a DOT text; fails where something is none."""
    found, at = [], 0
    while at < len(source):
        match = TOKENS.match(source, at)
        assert match, source[at : at + 80]
        at = match.end()
        if match.lastgroup:
            found.append((match.lastgroup, match[0]))
    return found


def labels(source):
    """The HTML-like labels, read as Graphviz reads them: as XML."""
    return [ElementTree.fromstring(text[1:-1]) for kind, text in tokens(source) if kind == "html"]


def written(label):
    return "".join(label.itertext())


def test_a_hostile_name_leaves_every_token_and_every_table_whole(product):
    source = dot(product)

    assert [text for kind, text in tokens(source) if kind == "sign"].count("->") == len(
        graph_of(product).edges
    ) + 3
    assert len(labels(source)) == len(graph_of(product).nodes)
    assert {element.tag for label in labels(source) for element in label.iter()} <= TAGS
    assert all(written(font) for label in labels(source) for font in label.iter("FONT"))


def test_every_backslash_of_a_name_is_doubled_because_graphviz_expands_it_even_in_tables():
    x = tensor(1.0, requires_grad=True, name=r"a\N")

    assert r"a\\N" in written(labels(dot(x.exp()))[0])


def test_all_ids_are_ours(product):
    source = dot(product)

    words = {text for kind, text in tokens(source) if kind == "word"}
    assert all(re.fullmatch(r"[no]\d+", word) for word in words if re.fullmatch(r"[a-z]\d+", word))
    assert "port" not in words


def test_a_product_with_itself_has_two_edges():
    a = tensor(2.0, requires_grad=True, name="a")

    assert re.findall(r"\b(\w+) -> (\w+)", dot(a * a)) == [("o1", "n1"), ("n0", "o1"), ("n0", "o1")]


def test_a_card_shows_name_operation_shape_value_and_gradient(two_layers):
    loss, names = two_layers
    loss.backward()

    source = dot(loss, names)

    card = next(words for label in labels(source) if (words := written(label)).startswith("Z2"))
    assert card.startswith("Z2 = v4 + C3×1value")
    assert "∂loss/∂Z2" in card
    assert "2.99" in card
    assert (
        "@" in [text.strip('"') for kind, text in tokens(source) if kind in ("string", "word")]
        or "@" in source
    )


def test_before_backward_a_gradient_is_not_computed_instead_of_zero():
    a = tensor([2.0], requires_grad=True, name="a")

    card = written(labels(dot(a.sum()))[0])

    assert card == "a(1,)value2∂L/∂a: not computed"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_colours_have_six_digits_because_graphviz_ignores_three(two_layers, theme):
    loss, names = two_layers
    loss.backward()

    assert set(map(len, re.findall(r"#(\w+)\"", dot(loss, names, theme)))) == {6}


def test_the_same_graph_gives_the_same_text(two_layers):
    assert dot(*two_layers) == dot(*two_layers)


@pytest.mark.skipif(shutil.which("dot") is None, reason="the Graphviz program is not installed")
def test_graphviz_accepts_a_hostile_name(product):
    done = subprocess.run(
        ["dot", "-Tsvg"], input=dot(product), capture_output=True, text=True, timeout=30, check=True
    )

    assert "rror" not in done.stderr
    ElementTree.fromstring(done.stdout)
