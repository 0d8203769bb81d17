from __future__ import annotations

import pytest

from tinygrad_edu.lessons.cell_format import Cell, cells


def test_prose_loses_its_comment_signs_and_code_keeps_its_lines():
    text = "# %% [markdown]\n# # Title\n#\n# Text.\n\n# %%\nprint(1)  # 1\n\n\n# %%\ndef f():\n    pass\n"

    assert cells(text) == [
        Cell("markdown", "# Title\n\nText.", 2),
        Cell("code", "print(1)  # 1", 7),
        Cell("code", "def f():\n    pass", 11),
    ]


def test_what_a_print_promises_is_read_from_its_comment():
    (cell,) = cells("# %%\nprint(a)  # 1 2\nx = 3  # no promise\nprint('#')\n")

    assert cell.promised == ["1 2"]


def test_text_before_the_first_cell_is_refused():
    with pytest.raises(ValueError, match=r"begins with a line # %%"):
        cells("import numpy\n# %%\n")
