from __future__ import annotations

import inspect
import pydoc

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu.engine.documentation import rule_source
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.tensor.tensor import Tensor

EXP = """
exp(x)

np.exp(x), for each number.

Gradients, from the gradient g of the result y:
    by x: g * y

Domain: all."""


def test_help_on_an_operation_is_what_its_row_says():
    shown = pydoc.plain(pydoc.render_doc(tinygrad_edu.exp))

    assert EXP.strip().replace("\n", "\n    ").replace("    \n", "\n") in shown.replace("    \n", "\n")
    assert "Calculate the exponential" not in shown


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("log", "Domain: x > 0. At kinks: derivative ∞ at x = 0."),
        ("relu", "Domain: all. At kinks: derivative 0 at x = 0."),
        ("divide", "from the gradient g of the result z:\n    by x: g / y\n    by y: -g * z / y"),
        ("where", "    by c: none\n    by x: where(c, g, 0)"),
        ("sigmoid", "    by x: g * y * (1 - y)"),
        ("root", "    by x: zero = equal(y, 0); where(zero, 0, g / (2 * where(zero, 1, y)))"),
        ("matmul", "    by x: _matmul_left(g, _z, like, y)"),
        ("softmax", "softmax(x, *, dim)\n\nexp(x) / sum(exp(x)) along `dim`"),
        ("cat", "cat(*xs, dim)"),
        ("equal", "No gradient passes: the derivative is 0 wherever there is one."),
    ],
)
def test_documentation_has_formula_rules_domain_and_kinks(name, said):
    assert said in OPERATIONS[name].__doc__


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_rule_of_every_operation_is_shown_by_its_source(name):
    operation = OPERATIONS[name]

    assert "a function without source" not in operation.__doc__
    assert all(rule is None or rule_source(rule) for _, rule in zip(operation.input_names, operation.rules))


def test_rules_in_one_line_are_told_apart():
    first, second = OPERATIONS["multiply"].rules

    assert (rule_source(first), rule_source(second)) == ("g * y", "g * x")


def test_an_operation_of_ones_own_is_documented_too():
    cube = Elementwise(lambda x: x**3, lambda x: x**3, lambda g, _y, x: 3 * g * x**2, name="cube")

    assert cube.__doc__.startswith("cube(x)")
    assert "    by x: 3 * g * x ** 2" in cube.__doc__


def test_a_rule_without_a_file_is_said_to_have_no_source():
    scope = {}
    exec(compile("rule = lambda g, y, x: g * 2", "<nowhere>", "exec"), scope)

    assert "by x: a function without source" in Operation(np.negative, scope["rule"]).__doc__


def test_classes_of_operations_keep_their_own_documentation():
    assert Operation.__doc__.startswith("A computation on raw values")
    assert Elementwise.__doc__.startswith("An operation on each number by itself")


def test_the_signature_of_an_operation_names_inputs_and_settings():
    assert str(inspect.signature(OPERATIONS["where"])) == "(c, x, y, /)"
    assert str(inspect.signature(OPERATIONS["sum"])) == "(x, /, *, dims, keepdim)"
    assert str(inspect.signature(OPERATIONS["take"])) == "(x, /, *arrays, index)"


@pytest.mark.parametrize("name", [name for name in dir(Tensor) if not name.startswith("_")])
def test_every_public_name_of_a_tensor_is_documented(name):
    assert name == "name" or inspect.getdoc(getattr(Tensor, name))


@pytest.mark.parametrize(
    "name", ["exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu", "abs", "neg"]
)
def test_a_method_points_to_the_function_with_the_whole_documentation(name):
    method = getattr(Tensor, name)

    assert f"`help(tinygrad_edu.{name})`" in method.__doc__
    assert hasattr(tinygrad_edu, name)
    assert (method.__name__, method.__qualname__) == (name, f"Tensor.{name}")
