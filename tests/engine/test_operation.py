"""An operation by itself: what its rules read, and the shapes they may return."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.tensor import tensor


def test_an_operation_reads_what_its_rules_name():
    operation = Operation(lambda x, y: x, lambda g, z, _x, y: g, lambda g, _z, like, _y: g, name="example")

    assert [operation.reads(i, 2) for i in (0, 1)] == [[0, 2], []]


def test_an_input_without_a_rule_reads_nothing():
    assert Operation(lambda x, y: x, None, lambda g, z, x, y: g, name="example").reads(0, 2) == []


def test_a_variadic_rule_that_names_its_inputs_reads_the_result_and_all_of_them():
    operation = Operation(max, lambda g, y, *xs, position: g, variadic=True)

    assert operation.reads(1, 3) == [0, 1, 2, 3]


def test_variadic_rules_read_all_or_nothing():
    assert OPERATIONS["cat"].reads(1, 3) == []


def test_an_elementwise_rule_may_broadcast_but_another_may_not():
    wrong = Operation(lambda x: x * 2, lambda g, _y, _x: g.sum(), name="wrong")

    with pytest.raises(ValueError, match=r"the rule of wrong returned .*\(\) for an input of shape \(2,\)"):
        wrong(tensor([1.0, 2.0], requires_grad=True)).sum().backward()


def half(x):
    return x * 0.5


def test_an_input_of_whole_numbers_gets_no_gradient():
    operation = Operation(half, lambda g, _y, _x: g * 0.5)
    x = tensor([1, 2])
    x.requires_grad = True

    with pytest.raises(
        TypeError, match=r"half met an input of int64 that requires a gradient; use x.double\(\)"
    ):
        operation(x).sum().backward()


def test_on_raw_values_an_operation_is_its_forward_function():
    logits, target = np.zeros((1, 2)), np.array([[1.0, 0.0]])

    assert OPERATIONS["sum"](target, dims=None, keepdim=False) == 1
    assert OPERATIONS["cross_entropy"](logits, target, 1, dim=1) == np.log(2)


def test_on_what_cannot_be_computed_an_operation_says_what_it_takes():
    with pytest.raises(TypeError, match="half takes Tensors, arrays and numbers, got 'a'"):
        Operation(half, None)("a")


def test_an_operation_is_shown_by_its_name():
    assert repr(OPERATIONS["matmul"]) == "<operation matmul>"
    assert Operation(max).name == "max"


@pytest.mark.parametrize("kind", [tensor, np.array])
@pytest.mark.parametrize(
    ("name", "count", "message"),
    [
        ("exp", 0, r"exp takes 1 input \(x\), got 0"),
        ("log", 2, r"log takes 1 input \(x\), got 2"),
        ("add", 1, r"add takes 2 inputs \(x, y\), got 1"),
        ("matmul", 3, r"matmul takes 2 inputs \(x, y\), got 3"),
        ("linear", 4, r"linear takes 3 inputs \(x, w, b\), got 4"),
    ],
)
def test_an_input_too_many_is_refused_and_never_overwritten(name, count, message, kind):
    inputs = [kind([1.0, 2.0]) for _ in range(count)]

    with pytest.raises(TypeError, match=message):
        OPERATIONS[name](*inputs)

    assert all(x.tolist() == [1, 2] for x in inputs)
