"""An operation of the user's is known by itself: that it has the name of one of ours says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, diagnose, draw, explain, no_grad, tensor, why_no_grad
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.outline import outlined
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.landmarks import activations
from tinygrad_edu.explanation.diagnosis.layers_and_biases import batch_axis, broadcasts, layers
from tinygrad_edu.hints.growing_graph import is_update
from tinygrad_edu.ops.domain import kink
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.symbolic.expression import symbol
from tinygrad_edu.viz.drawing.operation_text import pill


def square(name):
    return Elementwise(lambda x: x * x, lambda x: x * x, lambda g, _y, x: 2 * g * x, name=name)


def constant(name):
    """1 wherever it is asked, so that no gradient comes through."""
    return Elementwise(np.ones_like, lambda _x: 1.0, lambda g, _y, x: g * 0 * x, name=name)


def product(name):
    return Elementwise(
        lambda x, y: x * y,
        lambda x, y: x * y,
        lambda g, _z, _x, y: g * y,
        lambda g, _z, x, _y: g * x,
        name=name,
    )


def sum_of_cubes(name):
    return Operation(lambda x: np.asarray((x**3).sum()), lambda g, _y, x: g * 3 * x * x, name=name)


@pytest.fixture
def w():
    return tensor([[0.5, -1.0, 0.0], [2.0, 0.25, -0.75]], requires_grad=True, name="w")


# Pictures.


@pytest.mark.parametrize("name", ["sigmoid", "mean", "sum", "matmul", "take"])
@pytest.mark.parametrize("own", [square, sum_of_cubes])
def test_it_is_drawn_with_its_name_and_its_own_numbers(own, name, w):
    result = own(name)(w)

    node = draw(result).graph.nodes[-1]

    assert (node.operation, node.sign, node.expression) == (name, name, f"{name}(w)")
    assert node.value.rows[0][0] == result.raw.flat[0]


@pytest.mark.parametrize(
    "name", ["sigmoid", "absolute", "negative", "sum", "mean", "amax", "take", "permute"]
)
def test_its_sign_is_its_name(name):
    assert pill(square(name), [symbol("x", (2, 3))], {}) == name


@pytest.mark.parametrize("name", ["add", "matmul", "greater"])
def test_its_name_stands_alone_where_a_sign_would_stand_between_its_inputs(name):
    assert pill(product(name), [symbol("x", (2, 3)), 2.0], {}) == name


def test_a_value_says_its_name():
    assert square("relu")(Value(3.0))._op == "relu"
    assert product("add")(Value(3.0), Value(2.0))._op == "add"


# Derivations.


def outline_of(result):
    return outlined(Computation(result), [], Names(), every=False)


def test_it_makes_no_layer(w):
    x = tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], name="x")
    z = product("matmul")(x, w)

    assert "z" not in outline_of(z.sum()).roles.values()


def test_it_is_no_bias_that_is_added_to_a_layer(w):
    b = tensor([1.0, 2.0], requires_grad=True)
    z = tensor([[1.0, 2.0], [3.0, 2.0]]) @ w

    assert outline_of((z + tensor([1.0, 2.0, 3.0])).sum()).roles[z] == "inner"
    assert outline_of(product("add")(z, tensor([1.0, 2.0, 3.0])).sum()).roles[z] == "z"
    assert b.grad is None


def test_it_is_a_function_though_called_mean(w):
    deep = w
    for _ in range(3):
        deep = square("negative")(deep)

    assert deep in outline_of(deep.sum()).lines


@pytest.mark.parametrize("name", ["mean", "sigmoid", "sum", "matmul"])
def test_a_derivation_writes_its_name_and_says_nothing_false(name, w):
    text = explain(sum_of_cubes(name)(w), w).text

    assert f"L = {name}(w) = 6.719" in text
    assert "overwritten" not in text


@pytest.mark.parametrize("name", ["relu", "absolute"])
def test_no_kink_is_seen_where_there_is_none(name, w):
    assert "exactly 0" in explain(getattr(w, {"relu": "relu", "absolute": "abs"}[name])().sum(), w).text
    assert "exactly 0" not in explain(square(name)(w).sum(), w).text


def test_no_convention_is_looked_for_where_none_is_known():
    assert kink(sum_of_cubes("amax")) == ""


# Diagnoses.


def test_it_is_no_activation_layer_or_bias(w):
    x = tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], name="x")
    gamma = tensor([1.0, 2.0, 3.0], requires_grad=True)
    loss = product("multiply")(square("sigmoid")(product("matmul")(x, w)), gamma).sum()

    tape = Tape(loss)

    assert (activations(tape), layers(tape), broadcasts(tape), batch_axis(tape)) == ([], [], [], 0)


def test_a_wrong_gradient_through_it_is_not_blamed_on_the_function_it_is_named_after(w):
    upstream = np.array([[1.0, 2.0, 3.0], [5.0, 7.0, 11.0]])
    loss = (square("sigmoid")(1 * w) * tensor(upstream)).sum()
    a = w.raw**2

    found = diagnose(loss, w, upstream * (2 * w.raw + 1 - a * (1 - a)))  # 1 for the derivative of a sigmoid

    assert found.verdict == "unknown"
    assert "sigmoid" not in str(found)


def test_it_is_an_activation_if_its_numbers_are_those_of_one(w):
    logistic = Elementwise(
        lambda x: 1 / (1 + np.exp(-x)),
        lambda x: 1 / (1 + np.exp(-x)),
        lambda g, y, _x: g * y * (1 - y),
        name="mean",
    )
    loss = (logistic(1 * w) * tensor([[1.0, 2.0, 3.0], [5.0, 7.0, 11.0]])).sum()

    (site,) = activations(Tape(loss))

    assert site.name == "sigmoid"
    assert "the sigmoid derivative left out" in str(diagnose(loss, w, [[1, 2, 3], [5, 7, 11]]))


def test_another_slope_at_zero_is_right_for_relu_and_wrong_for_what_is_called_so(w):
    double = Elementwise(lambda x: 2 * x, lambda x: 2 * x, lambda g, _y, _x: 2 * g, name="relu")
    weights = tensor([[1.0, 2.0, 3.0], [5.0, 7.0, 11.0]])

    assert diagnose((w.relu() * weights).sum(), w, [[1, 0, 3], [5, 7, 0]]).right
    assert not diagnose((double(w) * weights).sum(), w, [[2, 4, 9], [10, 14, 22]]).right


# Why there is no gradient.


@pytest.mark.parametrize("name", ["relu", "sigmoid", "softmax"])
def test_its_zeros_are_not_explained_by_those_of_the_function_it_is_named_after(name, w):
    answer = str(why_no_grad(constant(name)(w).sum(), w))

    assert f"{name} at test_own_operations.py:" in answer
    assert "hands on only zeros: its derivative is 0 at these numbers" in answer


@pytest.mark.parametrize("name", ["argmax", "detach"])
def test_what_cuts_the_graph_is_a_step(name, w):
    cut = Elementwise(np.floor, np.floor, None, name=name)

    assert f"{name} is a step" in str(why_no_grad((cut(w) * tensor(2.0)).sum(), w))


def test_what_looks_like_an_update_by_its_name_only_is_none(w):
    own, step = product("subtract"), tensor(0.5)
    with no_grad():
        replaced, other = w - step, own(w, step)

    assert is_update(w - tensor(np.ones((2, 3))))
    assert not is_update(own(w, tensor(np.ones((2, 3)))))
    assert why_no_grad((replaced * w).sum(), replaced).cause == "replaced"
    assert why_no_grad((other * w).sum(), other).cause == "cut"
    assert why_no_grad(replaced.sum(), w).cause == "replaced"
    assert why_no_grad(other.sum(), w).cause == "cut"
