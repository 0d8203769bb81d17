from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu as tg
from tinygrad_edu import explain
from tinygrad_edu.explanation.derivation.function_derivatives import _all_derivatives
from tinygrad_edu.symbolic import evaluate, symbol

FUNCTIONS = {
    "x": lambda x: x,
    "tanh(x²)": lambda x: (x * x).tanh(),
    "sigmoid by hand": lambda x: 1 / (1 + np.exp(-x)),
    "quotient": lambda x: (x**3 - 2 * x) / (1 + x**2),
    "log and root": lambda x: tg.log(1 + x * x) * (x * x + 1) ** 0.5,
    "softplus": lambda x: tg.nn.functional.softplus(3 * x) - tg.sin(x) * tg.cos(x),
    "gauss": lambda x: tg.exp(-x * x / 2) * abs(x + 3),
    "power of itself": lambda x: (x * x + 1) ** x,
}


def test_first_and_second_derivative_read_as_in_a_textbook():
    derivation = explain(lambda x: (x * x).tanh(), order=2)

    assert derivation.formulas[:2] == ("f = tanh(x²)", "f′ = 2 x · (1 − tanh(x²)²)")
    assert derivation.formulas[2].startswith("f″ = ")


@pytest.mark.parametrize(
    ("f", "formula"),
    [
        (lambda x: x**3, "f‴ = 6"),
        (np.sin, "f‴ = −cos(x)"),
        (lambda x: 1 / (1 + (-x).exp()), None),
        (lambda x: 2.5, "f‴ = 0"),
        (tg.relu, "f‴ = 0"),
    ],
)
def test_derivatives_of_any_order(f, formula):
    assert formula is None or explain(f, order=3).formulas[-1] == formula


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.sampled_from(list(FUNCTIONS)), st.floats(-2, 2).filter(lambda x: abs(x) > 0.01))
def test_formulas_and_engine_give_the_same_numbers(name, point):
    f, x = FUNCTIONS[name], symbol("x")

    derivation = explain(f, order=3, at=point)

    found = _all_derivatives(f(x), [x], 3)[1:]
    for number, d in zip(derivation.gradients.values(), found, strict=True):
        assert float(number) == pytest.approx(float(evaluate(d.formula, {x: point})), rel=1e-6, abs=1e-6)


def test_of_rest_variables_every_mixed_derivative_is_there_once():
    derivation = explain(lambda x, y: tg.exp(x) * y, order=2, at=(0.0, 2.0))

    assert [line.split(" = ")[0] for line in derivation.formulas] == [
        "f",
        "∂f/∂x",
        "∂f/∂y",
        "∂²f/∂x²",
        "∂²f/∂x∂y",
        "∂²f/∂y²",
    ]
    assert [float(x) for x in derivation.gradients.values()] == [2, 1, 2, 1, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: explain(lambda x: x if x > 0 else -x),
            TypeError,
            r"cannot branch on it; write where\(x > 0, a, b\)",
        ),
        (lambda: explain(lambda x: math.exp(x) + 1), TypeError, "not of math"),
        (lambda: explain(np.spacing), TypeError, r"np\.spacing has no formula here"),
        (lambda: explain(lambda: 3), ValueError, "a function of at least one variable"),
        (lambda: explain(lambda x: [x]), TypeError, "returns a single number, got list .*; return its sum"),
        (lambda: explain(lambda x: x, order=0), ValueError, "order as a whole number from 1 to 8, got 0"),
        (
            lambda: explain(lambda x: x, at=(1, 2)),
            ValueError,
            r"at as one number for each of x, got \(1, 2\)",
        ),
        (
            lambda: explain(lambda x: sum(x.sin() for _ in range(900))),
            ValueError,
            "at most 1,500 signs .* got",
        ),
    ],
)
def test_a_function_that_symbols_cannot_follow_is_told_why(call, error, message):
    with pytest.raises(error, match=message):
        call()
