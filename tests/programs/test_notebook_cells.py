"""Notebooks as Python: cells, magics, old formats."""

from __future__ import annotations

import json

import pytest

from tinygrad_edu.programs.notebook_cells import cells, without_magics


@pytest.mark.parametrize(
    ("source", "python", "skipped"),
    [
        ("x = 1", "x = 1", []),
        ("%matplotlib inline\nx = 1", "pass\nx = 1", ["%matplotlib inline"]),
        ("if x:\n    !pip install torch", "if x:\n    pass", ["!pip install torch"]),
        ("files = !ls\nx = 1", "pass\nx = 1", ["files = !ls"]),
        ("y = (5\n% 3)", "y = (5\n% 3)", []),
        ("%time y = f(x)", "y = f(x)", []),
        ("%%time\ny = 2", "\ny = 2", ["%%time"]),
        ("%%bash\nls -l", "", ["%%bash"]),
        ("torch.tensor?", "pass", ["torch.tensor?"]),
    ],
)
def test_what_only_a_shell_understands_is_taken_out_and_lines_keep_their_numbers(source, python, skipped):
    assert without_magics(source) == (python, skipped)


def test_code_cells_keep_their_numbers_among_all_cells(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text(
        json.dumps(
            {
                "cells": [
                    {"cell_type": "markdown", "source": "# Title"},
                    {"cell_type": "code", "source": ["a = 1\n", "a"]},
                    {"cell_type": "code", "source": "1/0", "metadata": {"tags": ["raises-exception"]}},
                ]
            }
        )
    )

    first, second = cells(file)

    assert (first.number, first.source, first.may_fail) == (2, "a = 1\na", False)
    assert (second.number, second.may_fail) == (3, True)


def test_a_notebook_of_the_third_format_is_read(tmp_path):
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 2"]}]}]}))

    assert [cell.source for cell in cells(file)] == ["x = 2"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"cells": [1]}', '{"cells": [{"cell_type": "code"}]}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    file = tmp_path / "a.ipynb"
    file.write_text(text)

    with pytest.raises(ValueError, match=r"a notebook needs a list of cells in JSON, got a\.ipynb"):
        cells(file)
