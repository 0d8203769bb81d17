from __future__ import annotations

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.export import handout

pytest.importorskip("typst")
pdfium = pytest.importorskip("pypdfium2")


@pytest.fixture
def drawing():
    w = tensor([[2.0, 3.0]], requires_grad=True, name="w")
    return draw((w * w).sum())


def text_of(path):
    return [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(path)]


def test_the_first_page_is_the_graph_and_each_step_is_a_block(drawing, tmp_path):
    first, *rest = text_of(drawing.save(tmp_path / "steps.pdf"))

    assert "Graph of L" in first
    said = " ".join(rest)
    for words in (
        "forward through Σ: v0 → L",
        "the way back begins at L",
        "backward through Σ: L → v0",
        "backward through ×: v0 → w",
    ):
        assert words in said
    assert "dw = dv0 * w" in said.replace("\r\n", " ")


def test_a_picture_is_one_page_of_its_size(drawing, tmp_path):
    (page,) = pdfium.PdfDocument(drawing.save(tmp_path / "figure.pdf"))

    width = float(drawing.svg.split('width="', 1)[1].split('"', 1)[0])
    assert page.get_width() == pytest.approx(0.75 * width, abs=1)
    assert "∂L/∂w" in page.get_textpage().get_text_range()


def test_of_very_many_steps_none_has_a_picture(drawing, tmp_path, monkeypatch):
    monkeypatch.setattr(handout, "MAX_PICTURED", 2)

    first, *rest = text_of(drawing.save(tmp_path / "steps.pdf"))

    assert "value" in first
    assert "value" not in " ".join(rest)


def test_a_hostile_name_is_only_text_in_a_handout(product, tmp_path):
    pages = text_of(draw(product).save(tmp_path / "steps.pdf"))

    assert "root:" not in " ".join(pages)
    assert "the way back begins at" in " ".join(pages)
