"""A step on Values as plain NumPy: it runs by itself, and gives the bits of the plan."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.values.test_values import EDGES, ROWS, expression
from tinygrad_edu import Value, capture
from tinygrad_edu.datasets import Names
from tinygrad_edu.examples import microgpt
from tinygrad_edu.plan.values.memory_layout import Layout

RNG = np.random.default_rng(0)


def assert_same_bits(plan, *inputs):
    """What the source computes from what the plan had last is what the plan has computed."""
    scope = {}
    exec(plan.source(), scope)
    program = plan._on_values.program
    layout: Layout = program.layout
    kinds = [layout.items.inputs[i][0] for i in layout.sources]
    numbers, count = program.numbers, kinds.count("input")

    with np.errstate(all="ignore"):
        results, new, *others = scope["step"](numbers[:count].copy(), numbers[count : len(kinds)].copy())

    names = [layout.items.inputs[i] for i in layout.sources][count:]
    expected = dict(zip(names, numbers[count : len(kinds)], strict=True))
    expected |= {
        name: numbers[layout.place[i]] for name, i in layout.items.changes.items() if name in expected
    }
    np.testing.assert_array_equal(results, numbers[layout.results])
    np.testing.assert_array_equal(new, list(expected.values()))
    rest = [numbers[layout.place[i]] for name, i in layout.items.changes.items() if name not in expected]
    np.testing.assert_array_equal(others, [rest] if rest else [])


def test_a_network_and_its_updates():
    layers = [
        [([Value(float(w)) for w in RNG.normal(size=n)], Value(0.1)) for _ in range(m)]
        for n, m in ((2, 5), (5, 1))
    ]
    parameters = [p for layer in layers for w, b in layer for p in (*w, b)]

    @capture(check="never")
    def step(inputs, signs):
        losses = []
        for row, y in zip(inputs, signs, strict=True):
            h = row
            for layer in layers:
                h = [sum((w * x for w, x in zip(ws, h, strict=True)), b).tanh() for ws, b in layer]
            losses.append((1 + -y * h[0]).relu())
        loss = sum(losses) * (1.0 / len(losses)) + 1e-3 * sum(p * p for p in parameters)
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
            p.grad = 0.0
        return loss

    for _ in range(4):
        step(RNG.normal(size=(7, 2)), np.sign(RNG.normal(size=7)))

    assert_same_bits(step)
    assert "7 numbers" not in step.source()
    assert len(step.source()) < 8000  # loops, no tables


@pytest.mark.slow
def test_microgpt():
    random.seed(0)
    model, data = microgpt.GPT(27, width=4, heads=2), Names()
    optimizer = microgpt.Adam(model.parameters(), steps=50)

    @capture(check="never", strict=True)
    def step(tokens):
        loss = model.loss(tokens)
        loss.backward()
        optimizer.step()
        return loss

    for word in ("eve", "bob", "ida"):
        step(data.encode(f".{word}."))

    assert_same_bits(step)
    assert "plain numbers of the step" in step.source()


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ROWS)), *[st.integers(0, 99)] * 3), min_size=1, max_size=25),
    st.lists(st.one_of(st.sampled_from(EDGES), st.floats(-3, 3)), min_size=3, max_size=3),
)
def test_random_expressions(choices, numbers):
    plan = capture(expression(choices, [Value(x) for x in numbers]), check="never")
    for _ in range(3):
        plan(0.25)

    assert_same_bits(plan)


def test_results_and_changes_that_are_numbers_from_before():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)

    @capture(check="never")
    def step(x):
        loss = a * x
        b.data, c.data = c.data, x
        return loss, a

    for _ in range(4):
        step(0.5)

    assert_same_bits(step)
    assert "new[1] = x[0]" in step.source()  # c; b is not read
    assert "# results, what w becomes and 1 data of Values, 1 derivatives by Values" in step.source()


def test_what_is_no_loop_is_a_table():
    values = [Value(float(i)) for i in range(99)]
    order = RNG.permutation(99).tolist()
    plan = capture(lambda: sum((values[i] * values[j]).tanh() for i, j in enumerate(order)), check="never")
    for _ in range(3):
        plan()

    assert "t0 = np.array([" in plan.source()
    assert_same_bits(plan)


@pytest.mark.parametrize("dialect", ["fortran", "jax"])
def test_other_dialects_are_refused(dialect):
    plan = capture(lambda x: Value(2.0) * x, check="never")
    for _ in range(3):
        plan(1.0)

    with pytest.raises((RuntimeError, ValueError), match="source"):
        plan.source(dialect)
