"""The build of the site: source pages are written from the package, and Sphinx makes static files of them."""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from tinygrad_edu.docs import restructured_text as rst
from tinygrad_edu.docs.architecture import architecture_page
from tinygrad_edu.docs.gallery_page import write_gallery
from tinygrad_edu.docs.lesson_pages import list_of_lessons, write_lessons
from tinygrad_edu.docs.reference import write_reference
from tinygrad_edu.docs.tour import tour_page

MISSING = 'docs needs sphinx and furo, which are not installed; pip install "tinygrad_edu[docs]"'
SETTINGS = {
    "project": "tinygrad_edu",
    "html_title": "tinygrad_edu",
    "html_theme": "furo",
    "html_static_path": ["_static"],
    "html_css_files": ["site.css"],
    "html_show_search_summary": False,  # which would be fetched, and a page opened from a file may fetch nothing
    "html_copy_source": False,
    "html_show_sphinx": False,
    "html_show_copyright": False,
    "pygments_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "highlight_language": "python",
    "smartquotes": False,
    "html_theme_options": {
        "light_css_variables": {"color-brand-primary": "#0a4b78", "color-brand-content": "#0a4b78",
                                "color-foreground-muted": "#555b66", "color-toc-item-text": "#4a4f57"},
        "dark_css_variables": {"color-brand-primary": "#8cc8ff", "color-brand-content": "#8cc8ff",
                               "color-foreground-muted": "#a9adb5", "color-toc-item-text": "#b5b9c0"},
    },
}  # fmt: skip
ACCESSIBLE = {  # what the theme leaves out: what is wide can be scrolled by keyboard, and landmarks have names
    "<pre>": '<pre tabindex="0">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Site">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
}
HOME = """An autograd engine that shows its work, for people who learn, teach and tinker with backpropagation.
Models are written as in PyTorch; the gradients come with a picture, and every derivative rule is stated once.

* :doc:`lessons`: backpropagation from the slope of a function on, each lesson in 15 to 20 minutes.
* :doc:`reference/index`: every public name, with its formula, its rule and an example that was run.
* :doc:`tour`: the way of ``x.sum()``, ``net(x)`` and ``loss.backward()`` through the code, recorded from a run.
* :doc:`architecture`: the parts of the package, and which imports which.
* :doc:`gallery`: pictures and pages, each beside the script that makes it.

In a terminal, ``tinygrad-edu puzzles`` lists 41 puzzles and says which mistake is in an answer.
"""
STYLE = """
table.facts { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
table.facts th, table.facts td { text-align: left; vertical-align: top; padding: .35rem .8rem; }
table.facts th, table.facts td { border-bottom: 1px solid var(--color-background-border); }
table.facts th { white-space: nowrap; font-weight: 600; }
img.graph { max-width: 100%; height: auto; margin: .5rem 0; }
iframe.page { width: 100%; height: 34rem; border: 1px solid var(--color-background-border); background: #fff; }
article a, .caller a { text-decoration: underline; }
math { font-size: 1.1em; }
"""


def build(out: Path, pytorch_table: str = "") -> list[str]:
    """Build the site in the folder `out`; returns the warnings of Sphinx.

    `pytorch_table`: what `tinygrad-edu pytorch` prints. Raises `ImportError` if the extra `docs` is not installed.
    """
    try:
        import furo  # noqa: F401, PLC0415 - an extra
        from sphinx.application import Sphinx  # noqa: PLC0415
        from sphinx.util.docutils import docutils_namespace  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(MISSING) from error
    warnings = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "source", Path(folder) / "site"
        write_pages(source, pytorch_table)
        with docutils_namespace():
            places = (source, source, made, Path(folder) / "doctrees")
            Sphinx(*places, "html", status=None, warning=warnings).build()
        for page in made.rglob("*.html"):
            text = page.read_text("utf-8")
            for old, new in ACCESSIBLE.items():
                text = text.replace(old, new)
            page.write_text(text, "utf-8")
        write_lessons(made)
        shutil.copytree(made, out, dirs_exist_ok=True)  # when all of it is there; other files in `out` stay
    return [line for line in warnings.getvalue().splitlines() if line.strip()]


def write_pages(source: Path, pytorch_table: str) -> None:
    """Write the source of every page into the folder `source`."""
    (source / "_static").mkdir(parents=True)
    (source / "_static" / "site.css").write_text(STYLE, "utf-8")
    (source / "conf.py").write_text("".join(f"{name} = {x!r}\n" for name, x in SETTINGS.items()), "utf-8")
    write_reference(source, pytorch_table)
    write_gallery(source)
    pages = {"lessons": list_of_lessons(), "tour": tour_page(), "architecture": architecture_page(source)}
    for name, text in pages.items():
        (source / f"{name}.rst").write_text(text, "utf-8")
    contents = rst.toctree(["lessons", "tour", "architecture", "gallery", "reference/index"], hidden=True)
    (source / "index.rst").write_text("\n".join([rst.heading("tinygrad_edu"), HOME, contents]), "utf-8")
