"""What the rule row of an operation says: formula, rules, kinks, domain, readings; for a page or a terminal."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import NamedTuple

from tinygrad_edu.engine.documentation import rule_source
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.known_readings import readings_of
from tinygrad_edu.explanation.derivation.operation_table import defining, rule_texts
from tinygrad_edu.ops.domain import domain, kink
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.text import mathml as m

MAX_INPUTS = 12  # an operation of any number of inputs has one rule for all
NO_RULE = "no gradient passes: the derivative is 0 wherever there is one"


class Fact(NamedTuple):
    """One row: words, or a formula and perhaps the line of code that it is derived from."""

    label: str
    words: str = ""
    formula: Expression | None = None
    code: str = ""

    @property
    def html(self) -> str:
        """The row's text on a page."""
        shown = escape(self.words) if self.formula is None else str(m.math(m.row(mathml(self.formula))))
        return shown + (f"<br>in the code: <code>{escape(self.code)}</code>" if self.code else "")

    @property
    def text(self) -> str:
        """The row's text in a terminal."""
        shown = self.words if self.formula is None else text(self.formula)
        return shown + (f"\nin the code: {self.code}" if self.code else "")


def operation_facts(operation: Operation) -> list[Fact]:
    """The facts of an operation."""
    if not operation.differentiable:
        return [Fact("Derivative", NO_RULE)]
    of_numbers = isinstance(operation, Elementwise)  # the domain of the others is not looked for
    return [
        Fact("Formula", formula=defining(operation)),
        *_rules(operation),
        *([Fact("At kinks", words)] if (words := kink(operation)) else []),
        *([Fact("Domain", domain(operation))] if of_numbers else []),
        Fact("Readings", ", ".join(f"{name}: {x}" for name, x in readings_of(operation).items())),
    ]


def _rules(operation: Operation) -> list[Fact]:
    """The gradient of each input, derived on symbols, and the line of code that it is derived from."""
    rules = [rule for rule in islice(operation.rules, MAX_INPUTS) if rule is not None]
    return [
        Fact(f"Gradient of {x.name}", "" if share is not None else "no formula", share, rule_source(rule))
        for (x, share), rule in zip(rule_texts(operation), rules)
    ]
