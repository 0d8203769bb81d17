"""Values of the forward pass handed in: the first that does not follow from the student's own earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import ArrayVerdict, ArrayWord, Diagnosis, Explanation
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, follows
from tinygrad_edu.explanation.diagnosis.explanation_text import line
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.constants import all_constants
from tinygrad_edu.explanation.diagnosis.written_numbers import read
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.text_writer import program

MAX_DEPTH = 6  # operations of a formula, one inside the other
NOT_COMPUTED = "inconsistent-value"  # a value that its formula does not give, for no known reason


@dataclass(frozen=True)
class JudgedValues:
    """The student's values, a verdict on each by its name, and an explanation of each wrong one."""

    values: dict[Variable, Array] = field(default_factory=dict)
    tolerances: dict[Variable, Array] = field(default_factory=dict)
    verdicts: dict[str, ArrayVerdict] = field(default_factory=dict)
    explanations: list[Explanation] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """True if all values follow."""
        return not self.explanations


def judge_values(
    facts: GraphFacts, values: Mapping[Variable, Any], digits: Mapping[Variable, int | None]
) -> JudgedValues:
    """The student's values of some tensors, judged in the order in which they are computed."""
    judged = JudgedValues()
    for x in sorted(values, key=lambda x: x.serial):
        name = facts.names.label(x)
        written = read("diagnose", name, values[x])
        array = written.numbers
        if array.shape != x.raw.shape:
            raise ValueError(f"diagnose needs the value of {name} in shape {x.raw.shape}, got {array.shape}")
        reach = written.most(digits.get(x), float(np.abs(x.raw).max(initial=0)), 0.0)
        word = _word(judged, facts, x, array, reach)
        if word == "wrong":
            judged.explanations.append(_explained(facts, x, array, reach))
        judged.verdicts[name] = ArrayVerdict(name, word, symbol=name, true=x.raw)
        judged.values[x], judged.tolerances[x] = array, reach
    return judged


def _word(judged: JudgedValues, facts: GraphFacts, x: Variable, array: Array, reach: Array) -> ArrayWord:
    def recomputed(values: Mapping[Variable, Array]) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(rerun(facts.tape.loss, {}, overwrite=values)[x].raw)

    if (np.abs(array - x.raw) <= reach).all():
        return "right"
    if judged.values and follows(array, reach, judged.values, judged.tolerances, recomputed):
        return "right" if judged.right else "consistent-with-earlier"
    return "wrong"


def _explained(facts: GraphFacts, x: Variable, array: Array, reach: Array) -> Explanation:
    """The explanation of a wrong value: a constant times the true one, or another formula."""
    e = Evidence(array.ravel().astype(float), x.raw.ravel(), reach.ravel())
    constants = [c for c in all_constants(facts) if not c.only_of_gradients]
    found = [c for _, c in e.times(e.true[None], constants)]
    if found and e.suffices(len({c.value for c in constants})):
        mistake, number, name = found[0].id, found[0].number, facts.names.label(x)
        sentence = f"It equals {found[0].name} times the true value of {name}: {found[0].why}"
    else:
        mistake, number = NOT_COMPUTED, 39
        sentence = f"It is not {program(_formula(facts, x)) if x.operation else 'its value'}"
    return Explanation(
        mistake, number, node=facts.names.node(x), place=line(x), array=facts.names.label(x),
        sentence=sentence, guilty=x,
    )  # fmt: skip


def _formula(facts: GraphFacts, x: Variable, depth: int = MAX_DEPTH) -> Expression:
    """The formula that computes `x` from tensors with a name."""
    assert x.operation is not None
    inputs = tuple(_symbol(facts, y, depth - 1) if hasattr(y, "shape") else y for y in x.inputs)
    return Expression(shape=x.raw.shape, operation=x.operation, inputs=inputs, settings=dict(x.settings))


def _symbol(facts: GraphFacts, x: Any, depth: int) -> Expression:
    name = facts.names.find(x) if isinstance(x, Variable) else ""
    inner = isinstance(x, Variable) and x.operation is not None and depth > 0 and not name
    return _formula(facts, x, depth) if inner else symbol(name or "…", x.shape)


def with_values(judged: JudgedValues, plain: Diagnosis, given_values: Diagnosis | None) -> Diagnosis:
    """One diagnosis of values and gradients: those judged as they are, and given the student's own values."""
    labels = {n: f"the value of {n}" if n in plain.arrays else n for n in judged.verdicts}
    verdicts = {label: replace(judged.verdicts[n], name=label) for n, label in labels.items()}
    wrong = [replace(e, array=labels[e.array]) for e in judged.explanations]
    if judged.right:
        return replace(plain, arrays={**verdicts, **plain.arrays})
    if given_values is None:
        return Diagnosis("mistake", {**verdicts, **plain.arrays}, wrong)
    arrays = {
        name: replace(a, verdict="consistent-with-earlier")
        if a.verdict == "right" and plain.arrays[name].verdict != "right"
        else a
        for name, a in given_values.arrays.items()
    }
    explanations = [*wrong, *given_values.explanations]
    return replace(given_values, verdict="mistake", arrays={**verdicts, **arrays}, explanations=explanations)
