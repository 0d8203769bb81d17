"""A lesson as a Jupyter notebook: the cells of its file, without outputs, with ids that stay the same."""

from __future__ import annotations

import json
from typing import Any

from tinygrad_edu.lessons.cell_format import Cell
from tinygrad_edu.lessons.lesson_table import Lesson


def notebook(lesson: Lesson) -> str:
    """The text of the `.ipynb` file, format 4.5."""
    cells = [_cell(cell, f"lesson-{lesson.number}-{i}") for i, cell in enumerate(lesson.cells, 1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, "title": lesson.title},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(cell: Cell, key: str) -> dict[str, Any]:
    content = {"cell_type": cell.kind, "id": key, "metadata": {}, "source": cell.source.splitlines(True)}
    return content | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})
