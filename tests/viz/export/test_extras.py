"""A writer whose library is not installed names the extra that brings it."""

from __future__ import annotations

import sys

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw

WRITERS = {  # by the file: the library that is missing, others that must be there, and what is said
    "x.gif": ("PIL", ["resvg_py"], r"needs Pillow and resvg-py"),
    "x.mp4": ("imageio_ffmpeg", ["PIL", "resvg_py"], r"needs imageio-ffmpeg"),
    "steps.pdf": ("typst", [], r"a PDF needs typst"),
}


@pytest.mark.parametrize("file", WRITERS)
def test_a_missing_library_is_named_with_its_extra(file, tmp_path, monkeypatch):
    missing, needed, words = WRITERS[file]
    for library in needed:
        pytest.importorskip(library)
    w = tensor([2.0], requires_grad=True, name="w")
    drawing = draw((w * w).sum())
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(ImportError, match=rf'{words}.*pip install "tinygrad_edu\[viz\]"'):
        drawing.save(tmp_path / file)
