from __future__ import annotations

import base64
import re
import subprocess
import sys
from xml.etree import ElementTree

import graphviz
import pytest

from tinygrad_edu import viz
from tinygrad_edu.tensor import tensor
from tinygrad_edu.viz import draw


@pytest.fixture
def loss():
    a = tensor([1.0, 2.0], requires_grad=True, name="a")
    result = (a * a).sum()
    result.backward()
    return result


def test_a_drawing_is_text_in_two_languages_and_a_digraph(loss):
    drawing = draw(loss)

    assert ElementTree.fromstring(drawing.svg).tag.endswith("svg")
    assert isinstance(drawing.digraph, graphviz.Digraph)
    assert drawing.dot == drawing.digraph.source


@pytest.mark.parametrize("ending", ["svg", "dot", "SVG"])
def test_save_writes_what_the_ending_says(loss, tmp_path, ending):
    drawing = draw(loss)

    path = drawing.save(tmp_path / f"x.{ending}")

    assert path.read_text("utf-8") == getattr(drawing, ending.lower())


def test_save_takes_a_text_as_path(loss, tmp_path):
    assert draw(loss).save(str(tmp_path / "x.svg")).exists()


def test_save_makes_a_png_where_resvg_is_installed(loss, tmp_path):
    pytest.importorskip("resvg_py")

    assert draw(loss).save(tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_save_names_the_extra_where_it_is_not(loss, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)

    with pytest.raises(ImportError, match=r'needs resvg-py for a \.png; pip install "tinygrad_edu\[viz\]"'):
        draw(loss).save(tmp_path / "x.png")


def test_a_png_of_a_huge_picture_is_refused(tmp_path):
    pytest.importorskip("resvg_py")
    x = tensor(1.0, requires_grad=True)
    leaves = [tensor(1.0, requires_grad=True) for _ in range(700)]
    for other in leaves:
        x = x * other.exp()

    with pytest.raises(
        ValueError, match=r"\.png needs a smaller graph, got one of \d+ x \d+ pixels; save as \.svg"
    ):
        draw(x).save(tmp_path / "x.png")


@pytest.mark.parametrize("name", ["x.gif", "x.pdf", "x", "svg"])
def test_save_says_which_endings_exist(loss, tmp_path, name):
    with pytest.raises(ValueError, match=rf"ends in \.svg, \.dot or \.png, got '{re.escape(name)}'"):
        draw(loss).save(tmp_path / name)


@pytest.mark.parametrize("where", ["missing/x.svg", "folder.svg"])
def test_save_says_where_it_cannot_write(loss, tmp_path, where):
    (tmp_path / "folder.svg").mkdir()

    with pytest.raises(OSError, match=r"save cannot write .*; give a file in a folder"):
        draw(loss).save(tmp_path / where)


def test_notebooks_get_an_image_that_needs_no_trust(loss):
    drawing = draw(loss)

    bundle = drawing._repr_mimebundle_()

    assert bundle["image/svg+xml"] == drawing._repr_svg_() == drawing.svg
    data = re.fullmatch(
        r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="[^"]+" style="[^"]+">', bundle["text/html"]
    )
    assert base64.b64decode(data[1]).decode() == drawing.svg
    assert bundle["text/plain"] == repr(drawing)


def test_notebooks_may_ask_for_less(loss):
    drawing = draw(loss)

    assert set(drawing._repr_mimebundle_(include={"text/html"})) == {"text/html"}
    assert set(drawing._repr_mimebundle_(exclude={"text/html"})) == {"text/plain", "image/svg+xml"}


def test_the_html_of_a_hostile_name_is_one_image(product):
    assert draw(product)._repr_html_().count("<") == 1


def test_repr_is_short(loss):
    assert repr(draw(loss)) == "<Drawing of 'L', 3 tensors, 2 operations; .svg, .dot, .save('graph.svg')>"


def test_a_drawing_does_not_change_with_the_tensors(loss):
    drawing = draw(loss)

    loss.zero_grad()

    assert ">∂L/∂L</text>" in drawing.svg
    assert drawing.graph.differentiated


def test_an_unknown_theme_is_told_what_there_is(loss):
    with pytest.raises(ValueError, match='draw needs theme "light" or "dark", got \'blue\''):
        draw(loss, theme="blue")


def test_nothing_needs_a_program(tmp_path):
    script = (
        "from tinygrad_edu.tensor import tensor\n"
        "from tinygrad_edu.viz import draw\n"
        "x = tensor([1.0], requires_grad=True, name='x')\n"
        "drawing = draw(x.exp().sum())\n"
        f"drawing.save({str(tmp_path / 'x.svg')!r})\n"
        f"drawing.save({str(tmp_path / 'x.dot')!r})\n"
        "drawing._repr_html_()\n"
    )

    subprocess.run([sys.executable, "-c", script], env={"PATH": ""}, check=True, timeout=60)

    assert {path.name for path in tmp_path.iterdir()} == {"x.svg", "x.dot"}


def test_the_package_offers_what_it_lists():
    assert viz.__all__ == ["Drawing", "draw"]
