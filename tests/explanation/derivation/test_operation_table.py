from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import conventions, operation_table
from tinygrad_edu.explanation.derivation.operation_table import rule_texts
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.symbolic import text
from tinygrad_edu.tensor.tensor import Tensor, tensor


def leaf(data):
    return tensor(data, requires_grad=True)


DIFFERENTIABLE = {name: op for name, op in OPERATIONS.items() if op.differentiable}


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_every_rule_of_every_operation_has_a_formula(name):
    shares = [share for _, share in rule_texts(DIFFERENTIABLE[name])]

    assert (None in shares) == (name in ("zeta", "igamma", "igammac"))  # by their first input


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["text", "markdown", "latex", "html"])
def test_the_table_names_every_operation(kind):
    table = operation_table(kind)

    assert all(name.replace("_", r"\_") in table or name in table for name in DIFFERENTIABLE)


def test_rules_are_written_as_the_rule_tables_state_them():
    (tanh,) = rule_texts(ops.tanh)
    matmul = rule_texts(OPERATIONS["matmul"])

    assert text(tanh[1]) == "g · (1 − y²)"
    assert [text(share) for _, share in matmul] == ["g · yᵀ", "xᵀ · g"]


@pytest.mark.parametrize(
    ("name", "convention"), [("relu", "derivative 0 at x = 0"), ("maximum", "0.5 each at x = y")]
)
def test_conventions_at_kinks_stand_in_a_table_of_their_own(name, convention):
    (line,) = (line for line in conventions().splitlines() if line.startswith(f"{name} "))

    assert line.removeprefix(name).strip() == convention
    assert "exp" not in conventions()


@pytest.mark.slow
def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="needs format 'text', 'markdown', 'latex', 'html', got 'pdf'"):
        operation_table("pdf")


def test_conventions_list_functions_of_several_operations_too():
    lines = [" ".join(line.split()) for line in conventions().splitlines()]

    assert "clamp(x, −1, 1) derivative 1 at x = −1 and x = 1" in lines
    assert "hardtanh(x) derivative 0 at x = −1 and x = 1" in lines
    assert "x ** 0.5 derivative ∞ at x = 0" in lines
    assert "max(dim) 1 and 0 for two equal numbers" in lines
    assert "std 0 each for equal numbers" in lines
    assert "root derivative 0 at x = 0" in lines


ARGUMENTS = {"clamp": (-1, 1), "maximum": (tensor(0.0),), "minimum": (tensor(0.0),)}
METHODS = sorted(name for name in dir(Tensor) if not name.startswith("_") and not name.endswith("_"))


def bends(f, x, step=1e-6):
    left, right = (f(x) - f(x - step)) / step, (f(x + step) - f(x)) / step
    return np.isfinite(f(x)) and abs(left - right) > 0.1


@pytest.mark.parametrize("name", METHODS)
def test_no_function_of_one_number_has_a_kink_that_is_not_listed(name):
    method = getattr(Tensor, name)
    try:
        result = method(leaf(0.3), *ARGUMENTS.get(name, ()))
    except (TypeError, ValueError, RuntimeError, IndexError):
        return  # it needs other arguments
    if not isinstance(result, Tensor) or not result.requires_grad or result.ndim:
        return

    def f(x):
        return method(leaf(x), *ARGUMENTS.get(name, ())).item()

    if any(bends(f, x) for x in np.arange(-2, 2.5, 0.5)):
        listed = conventions()
        assert f"\n{name}" in listed or f"\n{result.operation.name} " in listed
