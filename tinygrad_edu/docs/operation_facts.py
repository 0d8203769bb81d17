"""What the rule row of an operation says, as rows of a table: formula, derivative rules, kinks, domain, readings."""

from __future__ import annotations

from html import escape
from itertools import islice

from tinygrad_edu.engine.documentation import rule_source
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.known_readings import readings_of
from tinygrad_edu.explanation.derivation.operation_table import defining, rule_texts
from tinygrad_edu.ops.domain import domain, kink
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.text import mathml as m

MAX_INPUTS = 12  # an operation of any number of inputs has one rule for all
NO_RULE = "no gradient passes: the derivative is 0 wherever there is one"


def operation_facts(operation: Operation) -> list[tuple[str, str]]:
    """The facts of an operation, each with its HTML."""
    if not operation.differentiable:
        return [("Derivative", NO_RULE)]
    of_numbers = isinstance(operation, Elementwise)  # the domain of the others is not looked for
    return [
        ("Formula", _formula(defining(operation))),
        *_rules(operation),
        *([("At kinks", escape(words))] if (words := kink(operation)) else []),
        *([("Domain", escape(domain(operation)))] if of_numbers else []),
        ("Readings", escape(", ".join(f"{name}: {x}" for name, x in readings_of(operation).items()))),
    ]


def _rules(operation: Operation) -> list[tuple[str, str]]:
    """The gradient of each input, derived on symbols, and the line of code that it is derived from."""
    texts = rule_texts(operation)
    rules = [rule for rule in islice(operation.rules, MAX_INPUTS) if rule is not None]
    rows = []
    for (x, share), rule in zip(texts, rules):
        source = rule_source(rule)
        formula = "no formula" if share is None else _formula(share)
        line = f"<br>in the code: <code>{escape(source)}</code>" if source else ""
        rows.append((f"Gradient of {x.name}", formula + line))
    return rows


def _formula(expression: Expression) -> str:
    return str(m.math(m.row(mathml(expression))))
