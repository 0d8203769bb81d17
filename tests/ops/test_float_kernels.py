"""The elementwise operations on plain floats give what NumPy gives on arrays, at the edges too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise

ELEMENTWISE = {name: op for name, op in OPERATIONS.items() if isinstance(op, Elementwise)}
ROWS = {name: op for name, op in ELEMENTWISE.items() if "f" in op.kinds}
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 1e-300, 700.0, -700.0, 1e308, -1e308]
EDGES += [math.inf, -math.inf, math.nan]
FLOATS = st.one_of(st.sampled_from(EDGES), st.floats())


def inputs_of(name):
    return len(ROWS[name].rules)


def assert_same(name, numbers):
    with np.errstate(all="ignore"):
        on_arrays = ROWS[name].forward(*(np.array([x]) for x in numbers))[0]

    on_numbers = ROWS[name](*numbers)

    np.testing.assert_allclose(float(on_numbers), float(on_arrays), rtol=1e-14, atol=1e-300)


def cases(count):
    return [name for name in ROWS if inputs_of(name) == count]


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", cases(1))
def test_float_kernel_agrees_at_the_edges(name, x):
    assert_same(name, [x])


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", cases(2))
def test_float_kernel_of_two_numbers_agrees_at_the_edges(name, x):
    for y in EDGES:
        assert_same(name, [x, y])


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(1))
@settings(deadline=None, max_examples=50)
@given(x=FLOATS)
def test_float_kernel_agrees_everywhere(name, x):
    assert_same(name, [x])


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(2))
@settings(deadline=None, max_examples=50)
@given(x=FLOATS, y=FLOATS)
def test_float_kernel_of_two_numbers_agrees_everywhere(name, x, y):
    assert_same(name, [x, y])


@settings(deadline=None, max_examples=50)
@given(condition=st.booleans(), x=FLOATS, y=FLOATS)
def test_where_on_numbers_agrees(condition, x, y):
    assert_same("where", [condition, x, y])


@pytest.mark.parametrize("name", [name for name, op in ELEMENTWISE.items() if "f" not in op.kinds])
def test_kernels_of_masks_and_whole_numbers_agree(name):
    op = ELEMENTWISE[name]
    booleans = [(True, True), (True, False), (False, False)] if "b" in op.kinds else []

    for pair in [*booleans, (6, 3), (-1, 8), (0, 5)]:
        numbers = pair[: len(op.rules)]
        assert op(*numbers) == op.forward(*map(np.array, numbers))


@pytest.mark.parametrize("name", [name for name in ROWS if ROWS[name].differentiable])
def test_a_row_on_numbers_returns_a_plain_number(name):
    numbers = [True, 0.5, 0.25] if name == "where" else [0.5, 0.25, 1.5][: inputs_of(name)]

    assert type(ROWS[name](*numbers)) in (float, int, bool)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "power", "exp", "log", "sqrt"])
@pytest.mark.parametrize("whole", [0, 1, 3, -2])
def test_whole_numbers_are_numbers_too(name, whole):
    assert_same(name, [float(whole), 2.0][: inputs_of(name)])

    assert float(ROWS[name](*[whole, 2][: inputs_of(name)])) == pytest.approx(
        float(ROWS[name](*[float(whole), 2.0][: inputs_of(name)])), nan_ok=True
    )
