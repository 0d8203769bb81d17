from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.nn.functional import cross_entropy
from tinygrad_edu.ops.contractions import column_sums, linear
from tinygrad_edu.ops.index import put
from tinygrad_edu.symbolic.expression import Expression as Symbol
from tinygrad_edu.symbolic.writers.text_writer import program
from tinygrad_edu.tensor.functions.joining import cat
from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.viz.drawing.operation_text import expression, local_derivative, pill


def leaf(name: str, *shape: int) -> Tensor:
    values = np.random.default_rng(0).uniform(0.5, 1.5, shape)
    return tensor(values, requires_grad=True, name=name)


def symbols(result):
    return [Symbol(x.name, x.shape) if isinstance(x, Variable) else x for x in result.inputs]


def locals_of(result: Tensor) -> list[str]:
    inputs = symbols(result)
    own = Symbol("y", result.shape)
    return [
        local_derivative(result.operation, i, own, inputs, result.settings)
        for i, x in enumerate(inputs)
        if isinstance(x, Symbol)
    ]


A, X, W, B, V, S = leaf("a", 3, 2), leaf("X", 3, 2), leaf("W", 2, 4), leaf("b", 4), leaf("v", 2), leaf("s")

LOCALS = [
    (X @ W, ["g @ Wᵀ", "Xᵀ @ g"]),
    (X @ V, ["outer(g, v)", "Xᵀ @ g"]),
    ((X @ W) + B, ["g", "Σ rows g"]),
    (X - A, ["g", "−g"]),
    (X * A, ["g × a", "g × X"]),
    (X * S, ["g · s", "Σ (g × X)"]),
    (X / A, ["g / a", "−g × y / a"]),
    (1 - X, ["−g"]),
    (X**2, ["2 · g × X"]),
    (X**3, ["3 · g × X²"]),
    (X.exp(), ["g × y"]),
    (X.log(), ["g / X"]),
    (X.sigmoid(), ["g × y × (1 − y)"]),
    (X.tanh(), ["g × (1 − y²)"]),
    (
        cross_entropy(X, tensor(A.raw)),
        [
            "g · ((Σ columns x) × softmax(X) − x) / 3",
            "g · (log(Σ columns exp(X − max(X, dim=1))) − X + max(X, dim=1)) / 3",
        ],
    ),
    (X.softmax(1), ["y × (g − Σ columns (g × y))"]),
    (X.sum(), ["g to all"]),
    (X.mean(), ["g / 6 to all"]),
    (X.sum(0), ["g repeated"]),
    (X.T, ["gᵀ"]),
    (X.reshape(6), ["reshape(g, 3, 2)"]),
    (X.unsqueeze(0), ["g"]),
    (cat([X, A]), ["g[0:3]", "g[3:6]"]),
    (linear(A, leaf("w", 4, 2), B), ["g @ w", "gᵀ @ a", "Σ rows g"]),
]


@pytest.mark.parametrize(
    ("result", "texts"), LOCALS, ids=[r.operation.name + str(i) for i, (r, _) in enumerate(LOCALS)]
)
def test_the_local_derivative_is_the_rule_itself_written_out_shortly(result, texts):
    for x in result.inputs:
        if isinstance(x, Tensor) and x.name is None:
            x.name = "x"

    assert locals_of(result) == texts


def test_a_rule_that_no_text_can_follow_has_no_text():
    strange = Operation(np.sin, lambda g, _y, x: g * np.cos(x.raw), name="strange")

    assert local_derivative(strange, 0, Symbol("y", (3,)), [Symbol("x", (3,))], {}) == ""


def test_a_changed_rule_changes_the_text():
    doubled = Operation(np.sin, lambda g, _y, x: 2 * g * x, name="doubled")

    assert local_derivative(doubled, 0, Symbol("y", (3,)), [Symbol("x", (3,))], {}) == "2 · g × x"


EXPRESSIONS = [
    (X @ W, "X @ W", "@"),
    (1 - X, "1 − X", "1 −"),
    (X + 1e-10, "X + 1e−10", "+ 1e−10"),
    (X**2, "X²", "^ 2"),
    (X**0.5, "X ^ 0.5", "^ 0.5"),
    (-X, "−X", "−"),
    (X.sigmoid(), "σ(X)", "σ"),
    (X.sum(1), "Σ columns X", "Σ columns"),
    (column_sums(X), "Σ rows X", "Σ rows"),
    (X.mean(), "mean(X)", "mean"),
    (X.mean(0), "mean(X, dim=0)", "mean rows"),
    (X.amax(1), "max(X, dim=1)", "max columns"),
    (X.T, "Xᵀ", "ᵀ"),
    (X * -2, "X · −2", "× −2"),
    (abs(X), "|X|", "|x|"),
    (X[1:], "X[1:]", "[ ]"),
    (put(X, V, index=0), "X[0 ← v]", "[ ← ]"),
]


@pytest.mark.parametrize(("result", "text", "sign"), EXPRESSIONS, ids=[e[1] for e in EXPRESSIONS])
def test_an_operation_is_written_as_in_a_formula(result, text, sign):
    inputs = symbols(result)

    assert expression(result.operation, inputs, result.settings, result.shape) == text
    assert pill(result.operation, inputs, result.settings) == sign


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda a, b, c: a * (b + c), "a × (b + c)"),
        (lambda a, b, c: a - (b - c), "a − (b − c)"),
        (lambda a, b, c: a / (b * c), "a / (b × c)"),
        (lambda a, b, c: (a + b) ** 2 * c, "(a + b)² × c"),
        (lambda a, b, c: -(a + b) + c, "−(a + b) + c"),
        (lambda a, b, c: (a @ b).T @ c, "(a @ b)ᵀ @ c"),
        (lambda a, _b, _c: a * 1, "a"),
    ],
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(build, text):
    assert program(build(*(Symbol(name, (2, 2)) for name in "abc"))) == text


def test_a_name_that_is_a_formula_keeps_its_brackets():
    y = Symbol("1 - Y", (3, 1))

    assert program(Symbol("g", (3, 1)) * y) == "g × (1 - Y)"
    assert program(Symbol("-Y", (3, 1)) * y) == "-Y × (1 - Y)"
