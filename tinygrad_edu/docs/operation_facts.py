"""What the rule row of an operation says, as rows of a table: formula, derivative rules, kinks, domain, readings."""

from __future__ import annotations

from html import escape

from tinygrad_edu.engine.documentation import rule_source
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.known_readings import readings_of
from tinygrad_edu.explanation.derivation.operation_table import defining, rule_texts
from tinygrad_edu.ops.domain import domain, kink
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.text import mathml as m

NO_RULE = "no gradient passes: the derivative is 0 wherever there is one"


def operation_facts(operation: Operation) -> list[tuple[str, str]]:
    """The facts of an operation, each with its HTML."""
    if not operation.differentiable:
        return [("Derivative", NO_RULE)]
    return [
        ("Formula", _formula(defining(operation))),
        *_rules(operation),
        ("At kinks", escape(kink(operation)) or "no kink is known"),
        ("Domain", escape(domain(operation))),
        ("Readings", escape(", ".join(f"{name}: {x}" for name, x in readings_of(operation).items()))),
    ]


def _rules(operation: Operation) -> list[tuple[str, str]]:
    """The gradient of each input, derived on symbols, and the line of code that it is derived from."""
    written = [rule_source(rule) for rule in operation.rules_listed if rule is not None]
    rows = []
    for position, (x, share) in enumerate(rule_texts(operation)):
        source = written[position] if position < len(written) else ""
        formula = "no formula" if share is None else _formula(share)
        line = f"<br>in the code: <code>{escape(source)}</code>" if source else ""
        rows.append((f"Gradient of {x.name}", formula + line))
    return rows


def _formula(expression: Expression) -> str:
    return str(m.math(m.row(mathml(expression))))
