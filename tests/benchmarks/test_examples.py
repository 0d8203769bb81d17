"""Every operation of the tables has an example to be benchmarked with, a new one by its row alone."""

from __future__ import annotations

import numpy as np
import pytest
from examples import CASES, SLOPED, inputs, settings

from tinygrad_edu import OPERATIONS, tensor
from tinygrad_edu.engine.operation import operation
from tinygrad_edu.ops.elementwise import Elementwise


def test_every_operation_is_benchmarked():
    assert {name for name, _ in CASES} == set(OPERATIONS)
    assert len(SLOPED) > 50


@pytest.mark.parametrize(("name", "shape"), CASES, ids=str)
def test_the_example_runs_forward_and_backward(name, shape):
    xs = [tensor(x, requires_grad=x.dtype.kind == "f") for x in inputs(name, shape)]

    result = OPERATIONS[name](*xs, **settings(name))

    assert np.isfinite(result.detach().numpy()).all()
    if (name, shape) in SLOPED:
        result.backward(np.ones(result.shape, result.dtype))
        assert any(np.any(x.grad.numpy() != 0) for x in xs if x.grad is not None)


def test_a_new_row_is_enough(monkeypatch):
    cube = Elementwise(lambda x: x**3, lambda x: x**3, lambda g, _y, x: 3 * x**2 * g, name="cube")

    @operation(
        *(lambda g, _y, _x, w, *, dim: g * w, lambda g, _y, x, _w, *, dim: g * x),
        example=lambda n: ([(n, n), (n, n)], {"dim": 1}),
    )
    def gate(x, w, *, dim, out=None):
        return np.multiply(x, w, out=out)

    for op in (cube, gate):
        monkeypatch.setitem(OPERATIONS, op.name, op)

    assert settings("gate") == {"dim": 1}
    for name in ("cube", "gate"):
        xs = [tensor(x, requires_grad=True) for x in inputs(name, (32, 32))]
        assert OPERATIONS[name](*xs, **settings(name)).requires_grad
