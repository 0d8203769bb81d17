from __future__ import annotations

import re

from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.markdown_file import escaped


def test_a_hostile_name_stays_inside_its_cell(product):
    _, code, table = draw(product).markdown.split("```")

    assert code.startswith("mermaid\nflowchart TD\n")
    rows = [line for line in table.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(draw(product).graph.nodes)
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows} == {6}
    assert not re.search(r"(?<!\\)(?:\\\\)*[<`\[&]", table)


def test_what_markdown_would_read_is_marked():
    assert escaped("a*b_<i>|[x](y)`") == r"a\*b\_\<i\>\|\[x\]\(y\)\`"


def test_values_and_gradients_stand_in_the_table(two_layers):
    loss, names = two_layers
    loss.backward()

    table = draw(loss, names=names).markdown

    assert re.search(r"\| yhat \| .* \| 3×1 result \| .*\d.* \| .*\d.* \|", table)
