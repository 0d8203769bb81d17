"""`build(out)`: write the source pages, and have Sphinx make a folder of static pages of them."""

from __future__ import annotations

import importlib.util
import io
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinygrad_edu.docs.architecture_page import architecture_page
from tinygrad_edu.docs.gallery_page import gallery_page
from tinygrad_edu.docs.home_page import home_page
from tinygrad_edu.docs.pytorch_page import pytorch_page
from tinygrad_edu.docs.reference_pages import write_reference
from tinygrad_edu.docs.source_tour import source_tour

MISSING = 'the documentation needs sphinx and furo, which are not installed; pip install "tinygrad_edu[docs]"'
_SETTINGS: dict[str, Any] = {
    "project": "tinygrad_edu",
    "html_title": "tinygrad_edu",
    "html_theme": "furo",
    "html_show_search_summary": False,  # which a browser does not load from file://
    "html_copy_source": False,
    "html_show_sphinx": False,
    "html_static_path": ["static"],
    "html_css_files": ["docs.css"],
    "html_extra_path": ["extra"],
    "extensions": [],
    "language": "en",
}


def build(out: str | Path, lessons: Mapping[str, str] | None = None) -> Path:
    """The site as files in `out`; returns its first page.

    `lessons`: pages in reStructuredText by their names, for the part "Lessons".
    Raises `ImportError` without the extra `docs`.
    """
    if importlib.util.find_spec("sphinx") is None or importlib.util.find_spec("furo") is None:
        raise ImportError(MISSING)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        write_sources(source, lessons or {})
        _run_sphinx(source, Path(out), Path(folder, "doctrees"))
    return Path(out, "index.html")


def write_sources(source: Path, lessons: Mapping[str, str]) -> None:
    """Write all pages in reStructuredText, and the files beside them."""
    extra = source / "extra"
    write_reference(source)
    extra.mkdir()
    shutil.move(source / "pictures", extra / "pictures")
    pages = {
        "index": home_page(list(lessons)),
        "pytorch": pytorch_page(),
        "tour": source_tour(),
        "architecture": architecture_page(),
        "gallery": gallery_page(extra / "gallery"),
        **{f"lessons/{name}": text for name, text in lessons.items()},
    }
    for name, text in pages.items():
        (source / f"{name}.rst").parent.mkdir(exist_ok=True)
        (source / f"{name}.rst").write_text(text, "utf-8")
    (source / "static").mkdir()
    shutil.copy(Path(__file__).parent / "docs.css", source / "static")


def _run_sphinx(source: Path, out: Path, doctrees: Path) -> None:
    from sphinx.application import Sphinx  # noqa: PLC0415 - an extra

    warnings = io.StringIO()
    app = Sphinx(source, None, out, doctrees, "html", dict(_SETTINGS), status=None, warning=warnings)
    app.build()
    if warnings.getvalue():
        raise RuntimeError(f"the pages need repair: {warnings.getvalue()[:2000]}")
