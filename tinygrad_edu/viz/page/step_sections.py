"""The text of the panel at each step, as HTML. Steps that differ only in names and numbers share one section."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from tinygrad_edu.symbolic.writers.mathml_writer import mathml_name
from tinygrad_edu.text.math_names import name_of
from tinygrad_edu.text.mathml import Markup, math, row
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.page.step import Choice, Line, Step
from tinygrad_edu.viz.page.variables import GRADIENTS, NAMES

_PLACE = re.compile(
    f'data-number="(\\w+)"|([{chr(NAMES)}-{chr(NAMES + 0xFFFD)}])|([{chr(GRADIENTS)}-{chr(GRADIENTS + 0xFFFD)}])'
)


class Sections:
    """The different sections of all steps, in the order of the steps."""

    def __init__(self) -> None:
        self.index: dict[str, int] = {}

    def of(self, step: Step, count: int) -> tuple[int, list[int], list[str]]:
        """The index of the section of a step through a graph of `count` nodes.

        And the nodes whose names stand there, and the keys of its numbers.
        """
        nodes: dict[int, int] = {}
        keys: dict[str, int] = {}

        def numbered(found: re.Match[str]) -> str:
            if found[1]:
                return f'data-number="{keys.setdefault(found[1], len(keys))}"'
            first = NAMES if found[2] else GRADIENTS
            node = ord(found[0]) - first
            if node >= count:  # somebody's name has such a character
                return "\N{REPLACEMENT CHARACTER}"
            return chr(first + nodes.setdefault(node, len(nodes)))

        section = _PLACE.sub(numbered, _section(step))
        return self.index.setdefault(section, len(self.index)), list(nodes), list(keys)


def written(names: Iterable[str]) -> Markup:
    """The names as formulas have them, one after the other."""
    return math(
        *(
            row("(", mathml_name(name), ")") if name_of(name).is_formula else row(mathml_name(name))
            for name in names
        )
    )


def _section(step: Step) -> Markup:
    html = "".join(map(_line, step.lines))
    code = "".join(f"<div>{escape(line)}</div>" for line in step.code)
    html += f'<pre class="code" aria-label="In NumPy">{code}</pre>' if code else ""
    if step.inside:
        heading, *operations = step.inside
        items = "".join(f"<li>{escape(operation)}</li>" for operation in operations)
        html += f'<p class="remark">{heading}</p><ol class="inside">{items}</ol>'
    html += "".join(
        f'<p class="remark">{escape(clean(remark).removesuffix("."))}.</p>' for remark in step.remarks
    )
    aloud = "; ".join(line.as_text for line in step.lines)[:600]
    html += f'<p class="said" hidden>{escape(aloud)}</p>' if aloud else ""
    return Markup(f"<section>{html}</section>")


def _line(line: Line) -> str:
    use = f'<p class="use">{escape(line.use)}</p>' if line.use else ""
    symbols = line.symbols or '<p class="remark">no formula: this rule computes with arrays</p>'
    numbers = f'<div class="numbers">{"".join(line.numbers)}</div>' if line.numbers else ""
    running = f'<div class="numbers running">{"".join(line.running)}</div>' if line.running else ""
    choices = "".join(map(_choice, line.choices))
    choices = f'<ul class="choices" hidden>{choices}</ul>' if choices else ""
    return f'<div class="result">{use}<div class="symbols">{symbols}</div>{numbers}{running}{choices}</div>'


def _choice(choice: Choice) -> str:
    """A formula for screen readers, as it is seen, and why it is wrong."""
    return f"<li><span>{escape(choice.as_text)}</span>{choice.symbols}<p>{escape(choice.reason)}</p></li>"
