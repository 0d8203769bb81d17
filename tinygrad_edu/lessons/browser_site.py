"""A site with the lessons as notebooks that run in the browser: JupyterLite, and this package as a wheel in it.

The site is static files. When a notebook starts, its page loads Pyodide, NumPy and graphviz from their hosts.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tinygrad_edu.lessons.browser_wheel import write_wheel
from tinygrad_edu.lessons.lesson_table import Lesson, lessons
from tinygrad_edu.lessons.notebook_file import notebook

NEEDED = ("jupyterlite_core", "jupyterlite_pyodide_kernel", "jupyter_server")
MISSING = 'a site needs JupyterLite, which is not installed; pip install "tinygrad_edu[site]"'


def build_site(folder: str | Path) -> Path:
    """Build the site into this folder, and return its first page.

    A server has to hand it out (`python -m http.server -d FOLDER`): browsers start no kernel from `file://`.
    Raises `ImportError` without the extra `site`, `ValueError` if the folder holds something else, and `RuntimeError`
    with what JupyterLite says if it fails.
    """
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise ImportError(MISSING)
    target = Path(folder).resolve()
    if (
        target.exists()
        and not (target / "jupyter-lite.json").exists()
        and (target.is_file() or any(target.iterdir()))
    ):
        raise ValueError(
            f"a site needs an empty or new folder, or one with a site: {folder} holds something else"
        )
    with tempfile.TemporaryDirectory() as work:
        _build(Path(work), target)
    return target / "index.html"


def browser_notebook(lesson: Lesson) -> str:
    """The notebook of a lesson with a first cell that installs this package from the site."""
    content = json.loads(notebook(lesson))
    install: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "id": f"lesson-{lesson.number}-install",
        "metadata": {},
        "outputs": [],
        "source": ["%pip install -q tinygrad_edu"],
    }
    content["cells"].insert(1, install)  # below the title
    content["metadata"]["kernelspec"] = {
        "display_name": "Python (Pyodide)",
        "language": "python",
        "name": "python",
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _build(work: Path, target: Path) -> None:
    contents = work / "lessons"
    contents.mkdir()
    for each in lessons():
        (contents / f"{each.path.stem}.ipynb").write_text(browser_notebook(each), "utf-8")
    options = {
        "--lite-dir": work,
        "--contents": contents,
        "--piplite-wheels": write_wheel(work),
        "--output-dir": work / "site",
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlite_core",
        "build",
        "--no-sourcemaps",
        "--no-unused-shared-packages",
    ]
    command += [str(part) for option in options.items() for part in option]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")
    shutil.copytree(work / "site", target, dirs_exist_ok=True)  # when all of it is there
