from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.explanation.derivation.operation_table import on_symbols
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import Special
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import filled, symbol, symbols_in
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.index_code import CodeError
from tinygrad_edu.symbolic.writers.numpy_writer import numpy_code

UNWRITTEN = {
    "take",
    "scatter",
    "put",
    "last_writes",
    "extreme_at",
}  # with an index that was computed, as in the table
UNWRITTEN |= {"recurrence", "unpool", "overlap_add", "convolve_back"}  # what adds up overlapping windows
SCATTERED = {"diagonal"}  # whose gradient is put into zeros
OVERLAPPING = {"windows", "convolve", "convolve_kernels"}  # whose rules add up windows
OF_RECURRENCES = {"cumprod", "logcumsumexp"}  # their rules
UNWRITTEN |= {"matrix_exp", "lstm"}  # no line of NumPy
LOWEST = {"acosh": 1.2}
TOO_LONG = {"cofactors"}  # the rule
SPECIAL = {name for name, op in OPERATIONS.items() if isinstance(op, Special)} - {
    "entr",
    "logit",
}  # NumPy has few
NAMES = [name for name, op in OPERATIONS.items() if op.differentiable and name not in UNWRITTEN | SPECIAL]


def on_numbers(root, g=None, low=0.2):
    """Every symbol with numbers and a variable: (values, names, variables)."""
    rng = np.random.default_rng(0)
    found = list(dict.fromkeys([*symbols_in(root), *([g] if g is not None else [])]))
    values = {s: rng.random(s.shape) > 0.5 if s.mask else low + rng.random(s.shape) for s in found}
    values |= {s: np.arange(np.prod(s.shape)) for s in found if s.name == "n"}  # class numbers
    names = {id(s): f"v{i}" for i, s in enumerate(found)}
    return values, names, {names[id(s)]: x for s, x in values.items()}


def ran(code, variables):
    return eval(code, {"np": np}, variables)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_computes_what_the_operation_computes(name):
    node = on_symbols(OPERATIONS[name])
    values, names, variables = on_numbers(node, low=LOWEST.get(name, 0.2))

    found = ran(numpy_code(node, names), variables)

    np.testing.assert_allclose(found, evaluate(node, values), rtol=1e-12)
    assert np.shape(found) == node.shape


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name not in OF_RECURRENCES | TOO_LONG | OVERLAPPING | SCATTERED]
)
@pytest.mark.parametrize("simplified", [False, True])
def test_what_is_written_computes_what_the_rules_compute(name, simplified):
    op = OPERATIONS[name]
    node = on_symbols(op)
    g = symbol("g", node.shape)
    values, names, variables = on_numbers(node, g, LOWEST.get(name, 0.2))
    for position, x in enumerate(node.inputs):
        share = share_of(op, position, g, node, node.inputs, node.settings)
        if share is None:
            assert op.rules[position] is None
            continue
        share = simplify(share, rearrange=False) if simplified else share

        found = ran(numpy_code(share, names), variables)

        np.testing.assert_allclose(found, evaluate(share, values), rtol=1e-10, atol=1e-12)
        assert np.shape(found) == x.shape or isinstance(op, Elementwise)


def test_brackets_are_those_of_python():
    a, b, c = (symbol(name, (2, 2)) for name in "abc")
    names = {id(a): "a", id(b): "b", id(c): "c"}

    assert numpy_code(a * (b @ c), names) == "a * (b @ c)"
    assert numpy_code((a @ b) * c, names) == "a @ b * c"
    assert numpy_code(-(a * b), names) == "-(a * b)"
    assert numpy_code((-a) ** 2, names) == "(-a) ** 2"
    assert numpy_code(-(a**2), names) == "-a ** 2"
    assert numpy_code(a - (b - c), names) == "a - (b - c)"


def test_a_number_in_every_place_has_the_whole_shape():
    assert numpy_code(filled(1, (2, 3)), {}) == "np.full((2, 3), 1.0)"


def test_an_index_is_written_as_it_was_given():
    x = symbol("x", (3, 4))
    names = {id(x): "x"}

    assert numpy_code(x[1], names) == "x[1]"
    assert numpy_code(x[:, 1:3], names) == "x[:, 1:3]"
    assert numpy_code(x[[0, 0]], names) == "x[[0, 0]]"


def test_what_has_no_short_form_says_so():
    x = symbol("x", (50,))

    with pytest.raises(CodeError, match="too long"):
        numpy_code(x[np.zeros(50, int)], {id(x): "x"})
    with pytest.raises(CodeError, match="no variable holds x"):
        numpy_code(x, {})


@pytest.mark.parametrize("name", sorted(SCATTERED))
def test_a_gradient_that_is_scattered_has_no_short_form(name):
    op = OPERATIONS[name]
    node = on_symbols(op)
    g = symbol("g", node.shape)

    with pytest.raises(CodeError, match="scatter has no short form in NumPy"):
        numpy_code(share_of(op, 0, g, node, node.inputs, node.settings), {id(g): "g"})


@pytest.mark.parametrize("name", sorted(UNWRITTEN - {"take", "convolve_back"} | {"erf"}))
def test_what_has_no_short_form_is_named(name):
    node = on_symbols(OPERATIONS[name])
    _, names, _ = on_numbers(node)

    with pytest.raises(CodeError, match=f"{name} has no short form in NumPy"):
        numpy_code(node, names)
