"""A plan of a step on Values: the numbers and gradients of the scalar engine, at any depth, with inf and nan."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import Value
from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.plan import capture

ROWS = {
    name: op
    for name, op in OPERATIONS.items()
    if isinstance(op, Elementwise) and op.differentiable and unknown_derivative not in op.rules
}
EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -1.5, 1e-300, 1e308, 710.0, math.inf, -math.inf, math.nan]
FLOATS = st.one_of(st.sampled_from(EDGES), st.floats(-3, 3))


def inputs_of(operation):
    return 3 if operation.name == "where" else len(operation.rules)


def eager(step, parameters, *inputs):
    """Loss and gradients of the scalar engine, which leaves no trace."""
    before = [p.grad for p in parameters]
    for p in parameters:
        p.grad = 0.0
    loss = step(*inputs)
    loss.backward()
    found = [loss.data, *[p.grad for p in parameters]]
    for p, grad in zip(parameters, before, strict=True):
        p.grad = grad
    return found


def replayed(plan, parameters, *inputs):
    for p in parameters:
        p.grad = 0.0
    loss = plan(*inputs)
    loss.backward()
    return [loss.data, *[p.grad for p in parameters]]


def recorded(step, *inputs):
    """A plan that replays from now on: its first call ran as written, and its second was checked by the step."""
    plan = capture(step, check="never")
    plan(*inputs)
    plan(*inputs)
    return plan


def assert_equal(step, parameters, *inputs, rounds=3):
    """The plan agrees with the scalar engine, also when parameters and inputs have changed."""
    before = [p.grad for p in parameters]
    plan = recorded(step, *inputs)
    for p, grad in zip(parameters, before, strict=True):
        p.grad = grad
    rng = np.random.default_rng(0)
    for _ in range(rounds):
        expected = eager(step, parameters, *inputs)
        np.testing.assert_allclose(replayed(plan, parameters, *inputs), expected, rtol=1e-12, atol=1e-300)
        inputs = [(np.asarray(x) + rng.normal(size=np.shape(x))).tolist() for x in inputs]
        for p in parameters:
            p.data += rng.normal()
    assert plan.ready


# One operation.


@pytest.mark.slow
@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", ROWS)
def test_every_operation_at_every_edge(name, x):
    second = Value(EDGES[0])
    values = [Value(x), second, Value(2.5)][: inputs_of(ROWS[name])]
    plan = recorded(lambda: ROWS[name](*values))

    for second.data in EDGES if len(values) == 2 else EDGES[:1]:
        expected = eager(lambda: ROWS[name](*values), values)
        np.testing.assert_allclose(replayed(plan, values), expected, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_every_operation_with_parameters_inputs_and_constants(name):
    for kinds in itertools.product("pxc", repeat=inputs_of(ROWS[name])):
        p = Value(0.7)

        def step(x, kinds=kinds, p=p):
            return ROWS[name](*[{"p": p, "x": Value(x), "c": 0.3}[kind] for kind in kinds]) * p

        assert_equal(step, [p], 0.4)


# Expressions.


def on_one(operation):
    """NumPy's function as one on floats: math.exp and np.exp differ in the last bit."""
    return lambda *numbers: float(operation.forward(*[np.array([x], float) for x in numbers])[0])


def expression(choices, parameters):
    """A step: each choice is an operation, on nodes before it with these numbers."""

    def step(x):
        nodes = [*parameters, Value(x), 0.5 * x, 2, -1.5]
        for name, *picks in choices:
            picked = [nodes[i % len(nodes)] for i in picks]
            picked[0] = picked[0] if isinstance(picked[0], Value) else parameters[0]
            nodes.append(ROWS[name](*picked[: inputs_of(ROWS[name])]))
        return nodes[-1] + parameters[0]

    return step


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ROWS)), *[st.integers(0, 99)] * 3), max_size=25),
    st.lists(FLOATS, min_size=3, max_size=3),
)
def test_random_expressions_agree(choices, numbers):
    parameters = [Value(x) for x in numbers]
    step = expression(choices, parameters)

    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        for operation in ROWS.values():
            patch.setattr(operation, "on_numbers", on_one(operation))
        plan = recorded(step, 0.25)
        for x in (0.25, -1.75):
            expected = eager(step, parameters, x)
            found = replayed(plan, parameters, x)
            assert found[0] == expected[0] or np.isnan([found[0], expected[0]]).all()
            np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 2), *[st.integers(0, 99)] * 2), min_size=1, max_size=60))
def test_sums_differences_and_products_agree_to_the_last_bit(choices):
    a, b = Value(0.1), Value(-1.7)

    def step():
        nodes = [a, b, a * 3.3, 0.3 - b]
        for kind, i, j in choices:
            x, y = nodes[i % len(nodes)], nodes[-1 - j % 3]
            nodes.append(x + y if kind == 0 else x - y if kind == 1 else (x * y).tanh() * 0 + x * 0.7)
        return sum(nodes[-5:])

    plan = recorded(step)

    assert plan().data == step().data


@pytest.mark.slow
def test_a_long_sum_is_added_in_the_order_of_the_scalar_engine():
    rng = np.random.default_rng(0)
    terms = [Value(x) for x in rng.normal(size=5000) * 10.0 ** rng.integers(-8, 8, 5000)]

    plan = recorded(lambda: sum(terms))

    assert plan().data == sum(terms).data


@pytest.mark.slow
@pytest.mark.parametrize("reverse", [False, True])
def test_a_hundred_thousand_additions(reverse):
    x, w = Value(0.5), Value(0.25)

    def step():
        y = x
        for _ in range(100_000):
            y = w + y if reverse else y + w
        return y

    plan = recorded(step)

    assert replayed(plan, [x, w]) == [25_000.5, 1.0, 100_000.0]
    assert "3 calls" in repr(plan)


@pytest.mark.slow
def test_a_deep_chain_of_other_operations():
    x = Value(0.5)

    def step():
        y = x
        for _ in range(3000):
            y = (y * 1.5).tanh()
        return y

    assert_equal(step, [x])


def test_a_sum_that_is_used_on_the_way_keeps_its_own_gradient():
    x, y = Value(2.0), Value(3.0)

    def step():
        partial = x + y + x
        return (partial + y + partial * partial) + partial

    assert_equal(step, [x, y])


def test_additions_of_a_value_to_itself():
    x = Value(3.0)

    assert_equal(lambda: (x + x) + (x + x), [x])


def test_additions_in_a_tree():
    values = [Value(x) for x in np.random.default_rng(0).normal(size=16)]

    def step():
        level = [v * v for v in values]
        while len(level) > 1:
            level = [x + y for x, y in zip(level[::2], level[1::2], strict=True)]
        return level[0]

    assert_equal(step, values)


# Networks.


class MLP:
    def __init__(self, sizes, act, rng):
        self.act = act
        self.layers = [
            [([Value(x) for x in rng.uniform(-1, 1, i)], Value(0.1)) for _ in range(o)]
            for i, o in itertools.pairwise(sizes)
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            x = [getattr(v, self.act)() for v in x] if layer is not self.layers[-1] else x
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for w, b in layer for p in (*w, b)]


def moons_step(model):
    def step(X, y):
        scores = [model(list(map(Value, row))) for row in X]
        losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())

    return step


@pytest.mark.slow
@pytest.mark.parametrize("act", ["relu", "tanh"])
@pytest.mark.parametrize("as_lists", [True, False])
def test_micrograds_moons_step(act, as_lists):
    rng = np.random.default_rng(0)
    model = MLP([2, 5, 4, 1], act, rng)
    X, y = rng.normal(size=(12, 2)), rng.choice([-1, 1], 12)

    assert_equal(moons_step(model), model.parameters(), *((X.tolist(), y.tolist()) if as_lists else (X, y)))


@pytest.mark.slow
def test_training_with_a_plan_takes_the_path_of_the_scalar_engine():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(20, 2)), rng.choice([-1, 1], 20)
    histories = []

    for planned in (True, False):
        model = MLP([2, 4, 1], "tanh", np.random.default_rng(2))
        step = moons_step(model)
        run = capture(step) if planned else step
        histories.append([])
        for _ in range(30):
            for p in model.parameters():
                p.zero_grad()
            loss = run(X, y)
            loss.backward()
            for p in model.parameters():
                p.data -= 0.3 * p.grad
            histories[-1].append(loss.data)

    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-9)
    assert histories[0][-1] < histories[0][0]


# What a plan does around the numbers.


def test_gradients_add_up_until_they_are_zeroed():
    p = Value(3.0)
    plan = capture(lambda x: p * x)

    plan(2.0).backward()
    plan(5.0).backward()

    assert p.grad == 7.0


def test_nothing_is_added_before_backward_is_called():
    p = Value(3.0)
    plan = capture(lambda x: p * x)
    loss, later = plan(2.0), plan(5.0)

    p.zero_grad()
    loss.backward()

    assert (p.grad, later.data) == (2.0, 15.0)


def test_what_a_plan_returns_can_be_computed_with():
    p = Value(3.0)
    plan = capture(lambda x: p * x)

    total = plan(2.0) * plan(5.0) + p
    total.backward()

    assert (total.data, p.grad) == (93.0, 61.0)


def test_micrograds_loop_is_a_plan_by_one_word():
    def trained(capture):
        p = Value(3.0)

        @capture
        def step(xs):
            return sum((p * x - 1) ** 2 for x in xs)

        for _ in range(5):
            loss = step([1.0, 2.0])
            p.grad = 0.0
            loss.backward()
            p.data -= 0.01 * p.grad
        return p.data, loss.data

    assert trained(capture) == trained(lambda step: step)


def test_a_step_that_calls_backward_itself_is_not_doubled():
    p = Value(3.0)
    p.grad = 10.0

    def step(x):
        loss = p * x
        loss.backward()
        return loss

    plan = capture(step)
    plan(2.0)
    after_one = p.grad
    loss = plan(5.0)

    assert (after_one, p.data, p.grad, loss.grad) == (12.0, 3.0, 17.0, 1.0)


def test_the_loss_it_returns_knows_its_parameters():
    p = Value(3.0)

    loss = recorded(lambda: p * p)()

    assert (loss.data, loss._prev, loss._op, p.grad) == (9.0, {p}, "step", 0.0)


def test_rest_results_come_back_as_they_were_returned_and_only_the_first_is_differentiated():
    p = Value(3.0)

    plan = recorded(lambda x: (p * x, p * 100, Value(x), p, x * Value(1.0)), 2.0)
    results = plan(4.0)
    results[0].backward()

    assert [v.data for v in results] == [12.0, 300.0, 4.0, 3.0, 4.0]
    assert (type(results), p.grad) == (tuple, 4.0)
    with pytest.raises(RuntimeError, match=r"differentiates the first result only; return what backward\(\)"):
        results[1].backward()


def test_without_recording_only_the_results_are_computed():
    p = Value(3.0)
    plan = capture(lambda x: [p * x])
    plan(2.0)

    with no_grad():
        (loss,) = plan(4.0)
    loss.backward()

    assert (loss.data, loss._prev, p.grad) == (12.0, set(), 0.0)


def test_a_parameter_is_its_own_loss():
    p = Value(3.0)

    assert_equal(lambda: p, [p])


def test_a_loss_that_depends_on_no_parameter():
    plan = capture(lambda x: Value(x) * 2 + 1)
    plan(2.0)

    assert plan(5.0).data == 11.0


def test_a_condition_is_followed():
    p, q = Value(3.0), Value(-2.0)

    def step(x):
        return ROWS["where"](Value(x) * p, p * 2, q * q)

    plan = capture(step)

    assert [plan(x).data for x in (1.0, 0.0)] == [6.0, 4.0]
