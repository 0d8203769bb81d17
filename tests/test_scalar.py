"""Value: micrograd's names, the same numbers as Tensor, no recursion, no cycles, no exceptions from arithmetic."""

from __future__ import annotations

import copy
import gc
import math
import operator
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_edu
from tinygrad_edu import Value, nn, tensor
from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.hints import warnings
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative

# micrograd's own programs.


def test_the_demo_of_micrograd_gives_its_numbers():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()

    assert f"{g.data:.4f}" == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def trace(root):
    """The walk of micrograd's draw_dot."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_the_walk_of_draw_dot_sees_every_value_with_operation_and_label():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    e.label = "e"
    c = (e + a).tanh()

    nodes, edges = trace(c)

    assert {(n.label, n._op) for n in nodes} == {("a", ""), ("b", ""), ("e", "*"), ("", "+"), ("", "tanh")}
    assert {(x.label, y._op) for x, y in edges} == {
        ("a", "*"),
        ("b", "*"),
        ("e", "+"),
        ("a", "+"),
        ("", "tanh"),
    }


def test_a_value_used_twice_is_one_parent():
    a = Value(3.0)

    assert (a * a)._prev == {a}
    assert (a + 1)._prev == {a}
    assert a._prev == set()


OPS = {
    "+": lambda x: x + 1,
    "-": lambda x: 1 - x,
    "*": lambda x: 2 * x,
    "/": lambda x: x / 2,
    "neg": lambda x: -x,
    "**2": lambda x: x**2,
    "**-0.5": lambda x: x**-0.5,
    "power": lambda x: x**x,
    "ReLU": lambda x: x.relu(),
    "abs": abs,
    "tanh": lambda x: x.tanh(),
    "exp": lambda x: x.exp(),
    "sigmoid": lambda x: x.sigmoid(),
}


@pytest.mark.parametrize("name", OPS)
def test_op_is_what_pictures_show(name):
    assert OPS[name](Value(4.0))._op == name


def test_repr_and_format():
    v = Value(2, label="v")
    (v * 3).backward()

    assert repr(v) == "Value(data=2.0, grad=3.0)"
    assert (f"{v:.2f}", f"{v}", float(v)) == ("2.00", repr(v), 2.0)


class Neuron:
    def __init__(self, weights, bias, nonlinear=True):
        self.w, self.b, self.nonlinear = [Value(w) for w in weights], Value(bias), nonlinear

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlinear else act


class MLP:
    def __init__(self, *layers):
        last = len(layers) - 1
        self.layers = [
            [Neuron(w, b, i != last) for w, b in zip(weight, bias, strict=True)]
            for i, (weight, bias) in enumerate(layers)
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in (*neuron.w, neuron.b)]


def two_moons(count, rng):
    angle = rng.uniform(0, np.pi, count)
    label = rng.choice([-1, 1], count)
    x = np.stack([np.cos(angle) + (label < 0) * 1.0, label * np.sin(angle) + (label < 0) * 0.5], 1)
    return x + rng.normal(scale=0.1, size=x.shape), label


def test_micrograds_mlp_on_moons_has_the_gradients_of_the_same_mlp_on_tensors():
    rng = np.random.default_rng(0)
    X, y = two_moons(20, rng)
    net = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1)).double()
    model = MLP(*[(net[i].weight.tolist(), net[i].bias.tolist()) for i in (0, 2, 4)])

    scores = [model(list(map(Value, row))) for row in X]
    losses = [(1 + -yi * score).relu() for yi, score in zip(y, scores, strict=True)]
    loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
    loss.backward()
    margins = (1 + -tensor(y) * net(tensor(X)).flatten()).relu()
    expected = margins.mean() + 1e-4 * sum((p * p).sum() for p in net.parameters())
    expected.backward()

    rows = [np.hstack([net[i].weight.grad.numpy(), net[i].bias.grad.numpy()[:, None]]) for i in (0, 2, 4)]
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(
        [p.grad for p in model.parameters()],
        np.concatenate([r.ravel() for r in rows]),
        rtol=1e-10,
        atol=1e-15,
    )


def test_micrograds_training_loop_learns():
    rng = np.random.default_rng(1)
    X, y = two_moons(20, rng)
    model = MLP((rng.uniform(-1, 1, (6, 2)), np.zeros(6)), (rng.uniform(-1, 1, (1, 6)), np.zeros(1)))
    history = []

    for _ in range(40):
        losses = [(1 + -yi * model(row)).relu() for row, yi in zip(X, y, strict=True)]
        total = sum(losses) / len(losses)
        for p in model.parameters():
            p.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
        history.append(total.data)

    assert history[-1] < 0.5 * history[0]


# The same numbers as Tensor.

EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, 1e-300, 1e308, -1e308, 710.0, -746.0]
EDGES += [math.inf, -math.inf, math.nan]
FLOATS = st.one_of(st.sampled_from(EDGES), st.floats(), st.floats(-3, 3))
ROWS = {
    name: op
    for name, op in OPERATIONS.items()
    if isinstance(op, Elementwise) and op.differentiable and unknown_derivative not in op.rules
}


def inputs_of(operation):
    return 3 if operation.name == "where" else len(operation.rules)


def assert_same(operation, numbers):
    """Result and gradients on Values are those on Tensors."""
    values = [Value(x) for x in numbers]
    tensors = [
        tensor([x], requires_grad=True) for x in numbers
    ]  # for a 0-d exponent of 0.5 NumPy takes the root

    result = operation(*values)
    result.backward()
    with np.errstate(all="ignore"), warnings.off():
        expected = operation(*tensors)
        expected.backward()

    np.testing.assert_allclose(result.data, expected.item(), rtol=1e-14)
    for v, t in zip(values, tensors, strict=True):
        grad = 0.0 if t.grad is None else t.grad.item()
        np.testing.assert_allclose(v.grad, grad, rtol=1e-12, atol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_every_elementwise_operation_has_the_result_and_gradient_of_tensor(name, data):
    operation = ROWS[name]
    numbers = data.draw(st.tuples(*[FLOATS] * inputs_of(operation)))

    assert_same(operation, numbers)


@pytest.mark.parametrize("x", EDGES)
@pytest.mark.parametrize("name", ROWS)
def test_at_the_edges_too(name, x):
    operation = ROWS[name]

    for y in EDGES if inputs_of(operation) == 2 else EDGES[:1]:
        assert_same(operation, (x, y, 2.5)[: inputs_of(operation)])


OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.float32(2), np.int64(2), True], ids=type)
@pytest.mark.parametrize("name", OPERATORS)
def test_operators_take_numbers_on_either_side(name, number):
    for left, right in ((Value(3.0), number), (number, Value(3.0)), (Value(3.0), Value(number * 1.0))):
        v = left if isinstance(left, Value) else right

        result = OPERATORS[name](left, right)
        result.backward()

        x = tensor(3.0, requires_grad=True)
        a, b = (x, float(number)) if left is v else (float(number), x)
        expected = OPERATORS[name](a, b)
        expected.backward()
        assert type(result) is Value
        assert result.data == pytest.approx(expected.item(), rel=1e-15)
        assert v.grad == pytest.approx(x.grad.item(), rel=1e-15)


@pytest.mark.parametrize("exponent", [2, -1, 0, 0.5, -1.5, Value(2.0)], ids=str)
@pytest.mark.parametrize("base", [0.0, 2.0, -2.0])
def test_powers(base, exponent):
    v, x = Value(base), tensor(base, requires_grad=True)

    y = v**exponent
    y.backward()

    with np.errstate(all="ignore"), warnings.off():
        expected = x ** float(exponent)
        expected.backward()
    np.testing.assert_array_equal([y.data, v.grad], [expected.item(), x.grad.item()])


def test_unary_operators():
    v = Value(-2.0)

    assert ((-v).data, (+v).data, abs(v).data) == (2, -2, 2)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ROWS)), st.integers(0, 99), st.integers(0, 99)), max_size=12),
    FLOATS,
    FLOATS,
)
def test_no_arithmetic_ever_raises(choices, x, y):
    nodes = [Value(x), Value(y)]

    for name, i, j in choices:
        picked = [nodes[i % len(nodes)], nodes[j % len(nodes)], nodes[-1]]
        nodes.append(ROWS[name](*picked[: inputs_of(ROWS[name])]))
    nodes[-1].backward()

    assert all(type(node.data) is float and isinstance(node.grad, float) for node in nodes)


@pytest.mark.parametrize("name", ["exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu"])
def test_functions_of_the_package_and_of_numpy_take_values(name):
    v = Value(0.5)

    assert getattr(tinygrad_edu, name)(v).data == getattr(v, name)().data
    if hasattr(np, name):
        assert getattr(np, name)(v).data == getattr(v, name)().data


def test_arrays_of_values_compute_number_by_number():
    w = np.array([Value(1.0), Value(2.0)])
    b = Value(0.5)

    for result in (b * w, w * b, np.array([1.0, 2.0]) * b, b * np.array([1.0, 2.0])):
        assert [type(v) for v in result] == [Value, Value]
        assert [v.data for v in result] == [0.5, 1.0]

    loss = (np.array([3.0, 4.0]) @ w + b).tanh()
    loss.backward()
    assert w[1].grad == pytest.approx(4 * b.grad)


# backward.


def test_leaves_add_up_and_inner_values_start_anew():
    x, y = Value(0.1), Value(0.7)
    h = x * y
    loss = (h * h).exp() + h

    loss.backward()
    once, inner = [x.grad, y.grad], h.grad
    loss.backward()

    assert [x.grad, y.grad] == [2 * g for g in once]
    assert (h.grad, loss.grad) == (inner, 1.0)


def test_a_result_used_early_and_late_is_complete_before_it_is_passed_on():
    x = Value(2.0)
    h = x * 3
    loss = ((h + 1) + 1) * h + h

    loss.backward()

    assert x.grad == 3 * (2 * 6 + 2 + 1)


def test_a_leaf_is_its_own_result():
    x = Value(2.0)

    x.backward()
    x.backward()

    assert x.grad == 2


def test_zero_grad_forgets():
    x = Value(2.0)
    (x * 3).backward()

    x.zero_grad()

    assert x.grad == 0


def test_before_backward_every_gradient_is_0():
    x = Value(2.0)

    assert (x.grad, (x * 3).grad, x.exp().grad) == (0, 0, 0)


def test_two_infinite_gradients_that_cancel_are_nan():
    x = Value(0.0)

    (x.sqrt() - x.sqrt()).backward()

    assert math.isnan(x.grad)


def test_overwriting_data_before_backward_leaves_the_gradient_right():
    a, b = Value(2.0), Value(3.0)
    h = a * b
    y = h.exp()
    expected = math.exp(6.0)

    a.data, h.data, y.data = 50.0, 60.0, 70.0
    y.backward()

    assert (a.grad, b.grad) == (3 * expected, 2 * expected)


def test_no_grad_records_nothing():
    a = Value(2.0)

    with no_grad():
        b = a * 3
    b.backward()

    assert (b.data, b._prev, b._op, a.grad) == (6, set(), "", 0)


@pytest.mark.slow
def test_a_chain_of_200_000_additions_goes_forward_backward_and_away():
    x = Value(0.0)
    y = x

    for _ in range(200_000):
        y = y + 1.0
    y.backward()
    value = y.data
    del y

    assert (value, x.grad) == (200_000, 1)


def test_dropping_the_loss_frees_the_graph_at_once_without_the_garbage_collector():
    x = Value(1.0)
    h = x * 2
    loss = (h.exp() / 0.0 + h) ** 2
    loss.backward()
    seen = [weakref.ref(h), weakref.ref(loss)]
    gc.collect()

    gc.disable()
    try:
        del h, loss
        alive = [ref() is not None for ref in seen]
    finally:
        gc.enable()

    assert alive == [False, False]


# Comparisons.


def test_order_is_that_of_the_numbers():
    a, b = Value(1.0), Value(2.0)

    assert [a < b, a <= b, a > b, a >= b] == [True, True, False, False]
    assert [a < 1, a <= 1.0, a > np.float32(0.5), a <= 3] == [False, True, True, True]
    assert [a < a, a <= Value(1.0), a > Value(1.0), a >= a] == [False, True, False, True]
    assert max(a, b) is b
    assert sorted([b, a]) == [a, b]


def test_a_comparison_as_an_operation_is_a_plain_answer():
    assert OPERATIONS["greater"](Value(1.0), 0.5) is True
    assert tinygrad_edu.where(Value(1.0) > 2, Value(3.0), Value(4.0)).data == 4


def test_equality_is_identity_so_that_equal_numbers_are_different_nodes():
    a, same = Value(1.0), Value(1.0)

    assert a == a
    assert a != same
    assert a != 1.0
    assert len({a, same}) == 2


# Copies.


def test_leaves_can_be_copied_and_pickled():
    a = Value(1.5, label="a")

    for twin in (copy.deepcopy([a])[0], pickle.loads(pickle.dumps(a))):
        assert (twin is a, twin.data, twin.label) == (False, 1.5, "a")


def test_copying_a_computed_value_is_refused():
    with pytest.raises(RuntimeError, match=r"copying and pickling need a leaf.*use Value\(v.data\)"):
        copy.deepcopy(Value(1.0) + 1)


# Refusals.


@pytest.mark.parametrize("data", ["a", True, None, 1j, [1.0], np.ones(2), tensor(1.0), Value(1.0)], ids=type)
def test_only_a_number_becomes_a_value(data):
    kind = type(data).__name__

    with pytest.raises(TypeError, match=f"Value needs a single number, got {kind} .*; use Tensor for arrays"):
        Value(data)


@pytest.mark.parametrize("other", ["a", None, 1j, [1.0], object()], ids=type)
@pytest.mark.parametrize("name", ["+", "*"])
def test_only_values_and_numbers_are_operands(name, other):
    with pytest.raises(TypeError, match=f"takes Values and numbers, got {type(other).__name__}"):
        OPERATORS[name](Value(1.0), other)
    with pytest.raises(TypeError, match=f"takes Values and numbers, got {type(other).__name__}"):
        OPERATORS[name](other, Value(1.0))


def test_values_and_tensors_do_not_mix():
    with pytest.raises(
        TypeError, match=r"add takes Values and numbers, got Tensor .*; Values and Tensors do not mix"
    ):
        Value(1.0) + tensor([1.0])
    with pytest.raises(TypeError, match="add takes Tensors, arrays and numbers, got Value"):
        tensor([1.0]) + Value(1.0)
    with pytest.raises(TypeError, match="a comparison takes Values and numbers, got Tensor"):
        _ = Value(1.0) < tensor([1.0])


def test_a_value_is_not_compared_with_text():
    with pytest.raises(TypeError, match="a comparison takes Values and numbers, got str 'a'"):
        _ = Value(1.0) < "a"


def test_operations_on_arrays_are_refused():
    with pytest.raises(
        TypeError, match=r"matmul works on Tensors, not on Values; write it with \+, \* and so on"
    ):
        tinygrad_edu.matmul(Value(1.0), Value(2.0))


def test_a_whole_number_that_no_float_holds_is_refused():
    with pytest.raises(ValueError, match=r"Value needs numbers that a float can hold, got 1000"):
        Value(10**400)
    with pytest.raises(ValueError, match=r"multiply needs numbers that a float can hold, got 1000"):
        10**400 * Value(1.0)


def test_a_rule_of_its_own_is_refused_with_the_way_to_write_one():
    with pytest.raises(AttributeError, match=r"Value has no place .* write the operation as Elementwise\("):
        (Value(1.0) * 2)._backward = lambda: None


def test_any_attribute_can_be_set_as_optimizers_do():
    v = Value(2.0)
    v.momentum = 0.5

    assert v.momentum == 0.5
    assert (v * 3).data == 6


def test_a_subclass_is_refused_with_what_to_do_instead():
    with pytest.raises(TypeError, match="Value has no subclasses; let Weight keep a Value as an attribute"):
        type("Weight", (Value,), {})
