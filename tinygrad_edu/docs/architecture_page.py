"""The page of architecture: the parts of the package in layers, computed from their imports, with a picture."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Mapping
from html import escape
from pathlib import Path

import tinygrad_edu
from tinygrad_edu.docs.page_markup import first_sentence, heading, html, inline

PACKAGE = Path(tinygrad_edu.__file__).parent
_WIDTH, _ROW, _BOX, _HIGH = 860, 64, 112, 34


def imports() -> dict[str, set[str]]:
    """The parts of the package, and what each imports from the others."""
    parts = [part.name for part in pkgutil.iter_modules([str(PACKAGE)]) if not part.name.startswith("__")]
    return {part: {name for name in _imported(part) if name in parts and name != part} for part in parts}


def _imported(part: str) -> set[str]:
    folder = PACKAGE / part
    files = folder.rglob("*.py") if folder.is_dir() else [PACKAGE / f"{part}.py"]
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tinygrad_edu."):
                found.add(str(node.module).split(".")[1])
            elif isinstance(node, ast.ImportFrom) and node.module == "tinygrad_edu":
                found |= {alias.name for alias in node.names}
    return found


def levels(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """The parts in layers: each imports from layers before its own only."""
    left, done, found = dict(needs), set[str](), []
    while left:
        free = sorted(part for part, others in left.items() if others <= done)
        if not free:
            raise ValueError(f"the parts {', '.join(sorted(left))} import each other in a circle")
        found.append(free)
        done |= set(free)
        left = {part: others for part, others in left.items() if part not in done}
    return found


def picture(needs: Mapping[str, set[str]]) -> str:
    """The layers as SVG, the lowest at the bottom; a line for each import that no longer way implies."""
    rows = levels(needs)
    at = {
        part: (_WIDTH * (column + 1) / (len(row) + 1), _ROW * (len(rows) - number) - _ROW / 2)
        for number, row in enumerate(rows)
        for column, part in enumerate(row)
    }
    lines = [
        f'<line x1="{at[a][0]:.0f}" y1="{at[a][1]:.0f}" x2="{at[b][0]:.0f}" y2="{at[b][1]:.0f}"/>'
        for a, others in needs.items()
        for b in sorted(_direct(others, needs))
    ]
    boxes = [
        f'<rect x="{x - _BOX / 2:.0f}" y="{y - _HIGH / 2:.0f}" width="{_BOX}" height="{_HIGH}" rx="6"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}">{escape(part)}</text>'
        for part, (x, y) in at.items()
    ]
    return (
        f'<svg class="layers" role="img" aria-label="The parts of the package in layers" '
        f'viewBox="0 0 {_WIDTH} {_ROW * len(rows)}">{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _direct(others: set[str], needs: Mapping[str, set[str]]) -> set[str]:
    return {b for b in others if not any(b in _all_below(c, needs) for c in others)}


def _all_below(part: str, needs: Mapping[str, set[str]]) -> set[str]:
    return needs[part] | {name for other in needs[part] for name in _all_below(other, needs)}


def architecture_page() -> str:
    """The page in reStructuredText."""
    needs = imports()
    words = (
        "Each part imports only from parts below it; the layers and lines are computed from the import statements. "
        "A line that a longer way implies is left out of the picture."
    )
    rows = [
        f"<dt><code>{part}</code></dt><dd>{inline(_purpose(part))} Imports: {', '.join(sorted(needs[part])) or 'none'}.</dd>"
        for row in levels(needs)
        for part in row
    ]
    return heading("Architecture") + html(f"<p>{words}</p>\n{picture(needs)}\n<dl>{''.join(rows)}</dl>")


def _purpose(part: str) -> str:
    if part == "as_torch":  # its import changes how torch is found
        tree = ast.parse((PACKAGE / "as_torch.py").read_text("utf-8"))
        return (ast.get_docstring(tree) or "").partition("\n")[0]
    return first_sentence(importlib.import_module(f"tinygrad_edu.{part}"))
