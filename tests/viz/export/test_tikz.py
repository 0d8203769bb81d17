from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw


def test_a_card_is_shapes_and_texts(tmp_path):
    w = tensor([[1.0, -2.0]], requires_grad=True, name="w_1")

    figure = draw((w * w).sum()).save(tmp_path / "figure.tikz").read_text()

    assert r"{w\_1}" in figure.replace(r"\textbf{w\_1}", r"{w\_1}")
    assert figure.isascii()
    assert figure.count(r"\begin{tikzpicture}") == figure.count(r"\end{tikzpicture}") == 1
    assert r"\ensuremath{-}2" in figure


def test_a_hostile_name_makes_no_command_and_leaves_every_brace_whole(product, tmp_path):
    figure = draw(product).save(tmp_path / "figure.tikz").read_text()

    assert figure.isascii()
    body = figure[figure.index(r"\begin{tikz") :]
    assert not re.search(r"(?<!\\)[%$#&]|\\(input|write|end\{document)|\^\^", body.replace("}%\n", "}\n"))
    braces = re.sub(r"\\[{}]", "", body)
    assert braces.count("{") + 1 == braces.count("}")  # one opens above
    assert {line[0] for line in body.splitlines()} == {"\\", "}"}  # each line is one command


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX engine is installed")
def test_a_hostile_name_compiles(product, tmp_path):
    draw(product).save(tmp_path / "figure.tikz")
    preamble = r"\documentclass{article}\usepackage{tikz}\usetikzlibrary{svg.path}\begin{document}"
    (tmp_path / "page.tex").write_text(preamble + r"\input{figure.tikz}\end{document}")

    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout[-600:]
