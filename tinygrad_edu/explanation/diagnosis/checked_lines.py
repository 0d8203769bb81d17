"""The line that a diagnosis tells a student to write, computed with the student's numbers before it is told."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import sigmoid, softmax

ERROR = 1e-6  # relative: another way to compute the same numbers
_ASSIGNED = re.compile(r"d(\w+) = (.+)")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sigmoid": sigmoid,
    "softmax": softmax,
    **{
        name: getattr(np, name)
        for name in ("clip", "exp", "flip", "log", "mean", "outer", "roll", "sign", "sqrt")
    },
    **{name: getattr(np, name) for name in ("sum", "tanh", "where")},
}


def contradicted(facts: GraphFacts, line: str) -> bool:
    """True if the line `dW1 = X.T @ dz1` gives other numbers than the true gradient.

    What is no formula of known names is not contradicted, nor is the share of one use among several.
    """
    found = _ASSIGNED.fullmatch(line)
    named = _named(facts)
    if found is None or found[1] not in named or len(facts.tape.uses(named[found[1]])) != 1:
        return False
    values = {name: x.raw for name, x in named.items()}
    values |= {f"d{name}": facts.tape.grads[x] for name, x in named.items() if x in facts.tape.grads}
    computed = _computed(found[2], {**FUNCTIONS, **values})
    true = facts.tape.grads.get(named[found[1]])
    if computed is None or true is None:
        return False
    scale = np.abs(true).max(initial=0)
    return computed.shape != true.shape or bool((np.abs(computed - true) > ERROR * scale).any())


def as_share(facts: GraphFacts, line: str) -> str:
    """`dW += h.T @ dz` where the line is the share of one of several layers with the same weights."""
    found = _ASSIGNED.fullmatch(line)
    shared = found is not None and _named(facts).get(found[1]) in facts.cells
    return line.replace(" = ", " += ", 1) if shared else line


def _named(facts: GraphFacts) -> dict[str, Variable]:
    """The tensors of the graph whose names can stand in a program."""
    return {name: x for x in facts.tape.tensors if (name := facts.names.find(x)).isidentifier()}


def _computed(formula: str, values: dict[str, Any]) -> np.ndarray | None:
    """The numbers of a formula; None if it is none, or holds other names."""
    try:
        tree = ast.parse(formula, mode="eval")
        if any(isinstance(node, ast.Name) and node.id not in values for node in ast.walk(tree)):
            return None
        with np.errstate(all="ignore"):
            return np.asarray(eval(compile(tree, "line", "eval"), {"__builtins__": {}}, values), float)
    except (SyntaxError, TypeError, ValueError, AttributeError, IndexError, NameError):
        return None
