"""The gallery: every script of the folder `gallery` is run, and stands beside the picture or page that it saved."""

from __future__ import annotations

import ast
import shutil
from html import escape
from pathlib import Path

from tinygrad_edu.docs import restructured_text as rst
from tinygrad_edu.docs.runs import empty_folder, run

SCRIPTS = Path(__file__).parent / "gallery"
FOLDER = "_static/gallery"
WORDS = "Each picture or page was made by the script above it while this page was built.\n"


def scripts() -> list[Path]:
    """The scripts of the gallery, in alphabetical order."""
    return sorted(SCRIPTS.glob("*.py"))


def write_gallery(source: Path) -> None:
    """Run all scripts, and write the page and what they saved into the folder `source`."""
    (source / FOLDER).mkdir(parents=True, exist_ok=True)
    parts = [rst.heading("Gallery"), WORDS]
    for script in scripts():
        saved = run_script(script, source / FOLDER)
        parts += [_entry(script, saved)]
    (source / "gallery.rst").write_text("\n".join(parts), "utf-8")


def run_script(script: Path, folder: Path) -> list[Path]:
    """Run a script in an empty folder; the files that it saved are moved into `folder`."""
    with empty_folder() as here:
        run(script.read_text("utf-8"))
        files = sorted(here.iterdir())
        return [Path(shutil.move(file, folder / f"{script.stem}{file.suffix}")) for file in files]


def title(script: Path) -> str:
    """The docstring of a script, which is one sentence."""
    return (ast.get_docstring(ast.parse(script.read_text("utf-8"))) or "").strip()


def shown_code(script: Path) -> str:
    """The script without its docstring and its `__future__` import."""
    lines = script.read_text("utf-8").splitlines()
    (first, future, *_rest) = ast.parse("\n".join(lines)).body
    return "\n".join(lines[max(first.end_lineno or 0, future.end_lineno or 0) :]).strip("\n")


def _entry(script: Path, saved: list[Path]) -> str:
    words = title(script)
    name = script.stem.replace("_", " ").capitalize()
    parts = [rst.heading(name, 1, f"gallery-{script.stem}"), f"{words}\n", rst.code(shown_code(script))]
    return "\n".join([*parts, *(rst.html(_shown(file, words)) for file in saved)])


def _shown(file: Path, words: str) -> str:
    address = f"{FOLDER}/{file.name}"
    if file.suffix == ".html":
        return (
            f'<p><a href="{address}">Open the page: {escape(file.stem.replace("_", " "))}</a></p>'
            f'<iframe class="page" loading="lazy" title="{escape(words)}" src="{address}"></iframe>'
        )
    return f'<img class="graph" loading="lazy" alt="{escape(words)}" src="{address}">'
