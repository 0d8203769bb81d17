"""The first page of the site."""

from __future__ import annotations

from tinygrad_edu.docs.page_markup import code, contents, heading, html
from tinygrad_edu.docs.worked_examples import run

PROGRAM = """
from tinygrad_edu import explain, tensor

x = tensor(2.0, name="x")
w = tensor(-0.5, requires_grad=True, name="w")
result = (w * x).tanh()
result.backward()
print(w.grad)
print(explain(result, w).formulas[-1])
"""
WORDS = """<p>tinygrad_edu is an autograd engine on NumPy that shows its work. Programs are written as for PyTorch.
Each derivative rule is stated once; pictures, derivations and tests are made from it.</p>"""
PARTS = """<ul>
<li><a href="reference/index.html">Reference</a>: every public name, with rule and example</li>
<li><a href="pytorch.html">What of PyTorch exists</a></li>
<li><a href="tour.html">A tour of the source</a>: what one line really calls</li>
<li><a href="architecture.html">Architecture</a>: the parts and their imports</li>
<li><a href="gallery.html">Gallery</a>: pictures and pages, each from a short script</li>
</ul>"""


def home_page(lessons: list[str]) -> str:
    """The page in reStructuredText; `lessons` are the names of their pages."""
    example = run(PROGRAM)
    assert example is not None
    pages = [*(f"lessons/{name}" for name in lessons), "reference/index", "pytorch", "tour", "architecture"]
    return "".join(
        [
            heading("tinygrad_edu"),
            html(WORDS),
            code(PROGRAM),
            html("<p>It prints:</p>"),
            code(example.printed, "text"),
            html(PARTS),
            contents([*pages, "gallery"]),
        ]
    )
