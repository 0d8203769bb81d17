"""The page of the architecture: the parts of the package in layers, computed from their imports."""

from __future__ import annotations

import ast
from collections import defaultdict
from html import escape
from pathlib import Path

from tinygrad_edu.docs import restructured_text as rst
from tinygrad_edu.docs.call_recorder import PACKAGE
from tinygrad_edu.docs.graph_pictures import picture

COLOURS = {
    "light": {"paper": "#ffffff", "box": "#eef4fb", "edge": "#6d7a8a", "text": "#1c1c1c"},
    "dark": {"paper": "#131416", "box": "#22303f", "edge": "#8796a8", "text": "#e8e8e8"},
}
ROW, BOX, HEIGHT, WIDTH = 66, 112, 34, 780
WORDS = (
    "Imports go one way. Each part below imports only from the parts above it; a part stands as high as its imports "
    "allow. The picture, the table and the counts are made from the import statements of the files. A line joins a "
    "part to each part that it imports directly and that no other of its imports reaches.\n"
)


def parts_and_imports() -> dict[str, set[str]]:
    """Each part, a folder or a file at the top of the package, and the parts that it imports."""
    files = _files()
    found = {part: set().union(*map(_imports, each)) - {part} for part, each in files.items()}
    return {part: needs & files.keys() for part, needs in found.items()}


def layers(imports: dict[str, set[str]]) -> dict[str, int]:
    """The layer of each part: one more than the lowest part that it imports; 0 if it imports none."""
    found: dict[str, int] = {}
    while len(found) < len(imports):
        ready = {p for p, needs in imports.items() if p not in found and needs <= found.keys()}
        if not ready:
            raise ValueError(f"parts import each other in a circle: {sorted(imports.keys() - found.keys())}")
        found |= {part: 1 + max((found[x] for x in imports[part]), default=-1) for part in ready}
    return found


def architecture_page(source: Path) -> str:
    """The page in reStructuredText; its picture is saved below the folder `source`."""
    imports, files = parts_and_imports(), _files()
    order = layers(imports)
    drawings = {theme: _svg(imports, order, colours) for theme, colours in COLOURS.items()}
    shown = picture(
        source, "architecture", "The parts of the package in layers, joined by their imports", drawings
    )
    rows = [
        (part, _described(files[part], imports[part])) for part in sorted(order, key=lambda x: (order[x], x))
    ]
    return "\n".join(
        [rst.heading("Architecture"), WORDS, rst.html(shown.replace("@ROOT@", "")), rst.facts(rows)]
    )


def _files() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = defaultdict(list)
    for file in sorted(PACKAGE.rglob("*.py")):
        part = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        found["tinygrad_edu" if part == "__init__" else part].append(file)
    return found


def _imports(file: Path) -> set[str]:
    modules = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "tinygrad_edu":
            modules += [f"tinygrad_edu.{a.name}" if (PACKAGE / a.name).is_dir() or (PACKAGE / f"{a.name}.py").exists()
                        else "tinygrad_edu" for a in node.names]  # fmt: skip
        elif isinstance(node, ast.ImportFrom):
            modules.append(str(node.module))
    ours = [name.split(".") for name in modules if name.split(".")[0] == "tinygrad_edu"]
    return {name[1] if len(name) > 1 else name[0] for name in ours}


def _described(files: list[Path], needs: set[str]) -> str:
    opening = next((f for f in files if f.name == "__init__.py"), files[0])
    words = (ast.get_docstring(ast.parse(opening.read_text("utf-8"))) or "").split("\n\n")[0]
    lines = sum(len(f.read_text("utf-8").splitlines()) for f in files)
    count = f"{len(files)} files, {lines:,} lines" if len(files) > 1 else f"{lines:,} lines"
    return f"{rst.inline(words)}<br>{count}; imports {escape(', '.join(sorted(needs))) or 'nothing'}"


def _direct(imports: dict[str, set[str]], order: dict[str, int]) -> list[tuple[str, str]]:
    """The imports that no other import of the same part reaches."""
    reach: dict[str, set[str]] = {}
    for part in sorted(imports, key=lambda x: order[x]):
        reach[part] = imports[part].union(*(reach[x] for x in imports[part]))
    return [(a, b) for a in imports for b in sorted(imports[a]) if not any(b in reach[c] for c in imports[a])]


def _svg(imports: dict[str, set[str]], order: dict[str, int], colours: dict[str, str]) -> str:
    rows = [sorted(p for p in order if order[p] == n) for n in range(max(order.values()) + 1)]
    places = {
        part: (WIDTH * (i + 1) / (len(row) + 1), 30 + ROW * n)
        for n, row in enumerate(rows)
        for i, part in enumerate(row)
    }
    lines = [_line(places[b], places[a], colours["edge"]) for a, b in _direct(imports, order)]
    boxes = [_box(part, *place, colours) for part, place in places.items()]
    height = ROW * len(rows) + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH / 0.7:.0f}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="14"><rect width="{WIDTH}" height="{height}" '
        f'fill="{colours["paper"]}"/>{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _line(above: tuple[float, float], below: tuple[float, float], colour: str) -> str:
    (x, y), (u, v) = above, below
    middle = (y + v) / 2
    curve = f"M{x:.0f} {y + HEIGHT / 2:.0f}C{x:.0f} {middle:.0f} {u:.0f} {middle:.0f} {u:.0f} {v - HEIGHT / 2:.0f}"
    return f'<path d="{curve}" fill="none" stroke="{colour}"/>'


def _box(part: str, x: float, y: float, colours: dict[str, str]) -> str:
    return (
        f'<rect x="{x - BOX / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{BOX}" height="{HEIGHT}" rx="6" '
        f'fill="{colours["box"]}" stroke="{colours["edge"]}"/>'
        f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" fill="{colours["text"]}">{part}</text>'
    )
