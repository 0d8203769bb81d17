"""An operation by itself: what its rules read, and the shapes they may return."""

from __future__ import annotations

import pytest

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.tensor import tensor


def test_an_operation_reads_what_its_rules_name():
    operation = Operation(lambda x, y: x, lambda g, z, _x, y: g, lambda g, _z, like, _y: g, name="example")

    assert [operation.reads(i, 2) for i in (0, 1)] == [[0, 2], []]


def test_variadic_rules_read_all_or_nothing():
    assert OPERATIONS["cat"].reads(1, 3) == []


def test_an_elementwise_rule_may_broadcast_but_another_may_not():
    wrong = Operation(lambda x: x * 2, lambda g, _y, _x: g.sum(), name="wrong")

    with pytest.raises(
        AssertionError, match=r"the rule of wrong returned .*\(\) for an input of shape \(2,\)"
    ):
        wrong(tensor([1.0, 2.0], requires_grad=True)).sum().backward()
