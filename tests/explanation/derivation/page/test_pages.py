"""The pages of a derivation: text, Markdown, LaTeX, HTML; and names that would break them."""

from __future__ import annotations

import re
import shutil
import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tinygrad_edu import explain, nn, operation_table, tensor
from tinygrad_edu.exam import problem2
from tinygrad_edu.explanation.derivation.page import html_page

HOSTILE = {
    "script": "</script><script>alert(1)</script>",
    "image": '<img src=x onerror="alert(1)">',
    "tex": r"\input{/etc/passwd} \write18{x} \end{document}",
    "tex signs": "a%b_c$d#e&f{g}h~i^j\\",
    "controls": "\x00\x01\x1b[31m\x7f\r\n",
    "direction": "abc\u202edef",
    "surrogate": "half \ud800",
    "markdown": "[x](javascript:alert(1)) | `b` **c**",
    "wide": "重み行列 ß é ŷ ∑",
    "long": "x" * 10_000,
    "blank": " \t ",
}
NEEDS_TEX = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX engine is installed")


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def hostile(request):
    """A derivation in which everything has that name."""
    w = tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name=request.param)
    x = tensor([[0.5, 1.5]], name=request.param + "x")
    loss = (x @ w).tanh()
    loss.name = request.param + "y"
    return explain(loss.sum(), w)


def exam():
    solution = problem2.solve()
    return explain(solution.mean, [solution.W1, solution.B])


def compiles(document, folder):
    (folder / "page.tex").write_text(document, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    return done.returncode == 0 and (folder / "page.pdf").stat().st_size > 1000, done.stdout[-600:]


def tree_of(page):
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>").replace("&#160;", " "))


# HTML.


def allowed(page):
    tree = tree_of(page)
    tags = {node.tag for node in tree.iter()}
    attributes = {key for node in tree.iter() for key in node.attrib}
    return not tags & {"script", "img", "a", "iframe"} and not any(key.startswith("on") for key in attributes)


def test_the_page_stands_alone_and_has_no_scripts():
    page = exam().html

    assert allowed(re.sub(r"<meta[^>]*>", "", page))
    assert "http" not in page.replace('http-equiv="', "")
    assert "prefers-color-scheme: dark" in page


def test_a_hostile_name_is_only_text_in_the_page(hostile):
    page = re.sub(r"<meta[^>]*>", "", hostile.html)

    assert allowed(page)
    assert allowed(f"<div>{html_page.fragment(hostile.title, hostile.blocks)}</div>")
    assert len(page) < 60_000


def test_mathml_is_the_formulas_alone():
    formulas = exam().mathml

    assert formulas.startswith("<math")
    assert {child.tag for child in ET.fromstring(f"<all>{formulas}</all>".replace("&#160;", " "))} == {"math"}


# LaTeX.


@NEEDS_TEX
def test_a_derivation_compiles(tmp_path):
    fine, log = compiles(exam().latex, tmp_path)

    assert fine, log


@NEEDS_TEX
def test_a_hostile_name_compiles_and_does_nothing(hostile, tmp_path):
    fine, log = compiles(hostile.latex, tmp_path)

    assert fine, log
    assert b"passwd" not in log


@NEEDS_TEX
def test_the_table_of_operations_and_derivatives_of_functions_compile(tmp_path):
    fine, log = compiles(operation_table("latex"), tmp_path)
    assert fine, log

    fine, log = compiles(explain(lambda x, y: (x * y).tanh() / abs(y), order=3, at=(0.5, 2)).latex, tmp_path)
    assert fine, log


def test_the_body_fits_into_a_document_of_ones_own():
    derivation = exam()

    assert derivation.latex_body in derivation.latex
    assert r"\documentclass" not in derivation.latex_body
    assert r"X^{\top} \cdot \delta_{1}" in derivation.latex_body.replace("{X}", "X")


def test_latex_is_plain_ascii_whatever_the_names(hostile):
    assert hostile.latex.isascii()
    assert r"\input{/etc" not in hostile.latex


# Markdown and text.


def test_markdown_has_its_formulas_between_dollar_signs():
    page = exam().markdown

    assert page.startswith("# Derivation of ∂L/∂W₁, ∂L/∂B\n")
    assert page.count("$$") % 2 == 0
    assert r"\odot H_{1} \odot \left(1 - H_{1}\right)" in page


def test_a_hostile_name_makes_no_markup_in_markdown(hostile):
    outside = re.sub(r"\$\$.*?\$\$", "", hostile.markdown, flags=re.DOTALL)

    assert not re.search(r"(?<!\\)<\w", hostile.markdown)
    assert not re.search(r"(?<!\\)\]\(", outside)


def test_a_hostile_name_leaves_text_readable(hostile):
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", hostile.text)
    assert max(map(len, hostile.text.splitlines())) < 400


def test_matrices_stand_beside_each_other():
    x, w = tensor([[1.0, 2.0], [3.0, 4.0]], name="x"), tensor([[1.0], [-1.0]], requires_grad=True, name="w")

    assert "  z = x · w = ⎡ −1 ⎤\n              ⎣ −1 ⎦\n" in explain((x @ w).exp().sum(), w).text


# Files and notebooks.


@pytest.mark.parametrize(
    ("ending", "beginning"),
    [("html", "<!DOCTYPE"), ("tex", r"\documentclass"), ("md", "# "), ("txt", "Derivation")],
)
def test_the_ending_of_a_file_says_what_is_written(ending, beginning, tmp_path):
    path = exam().save(tmp_path / f"page.{ending}")

    assert path.read_text("utf-8").startswith(beginning)


def test_other_files_and_folders_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.html, \.tex, \.md or \.txt, got 'page\.pdf'"):
        exam().save(tmp_path / "page.pdf")
    with pytest.raises(OSError, match=r"save cannot write .*; give a file in a folder that exists"):
        exam().save(tmp_path / "missing" / "page.txt")


def test_a_notebook_shows_it_by_itself():
    derivation = exam()

    assert not hasattr(derivation, "_repr_html_")  # whose MathML an untrusted notebook strips
    assert derivation._repr_markdown_() == derivation.markdown


def test_a_prompt_shows_what_print_prints():
    derivation = exam()

    assert repr(derivation) == str(derivation) == derivation.text


def test_two_derivatives_of_one_matrix_are_one_page():
    net = nn.Linear(2, 2)

    page = explain(net(np.ones((3, 2))).sum(), net, names={}).text

    assert "W" in page
    assert "b" in page
