from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import reduce
from tinygrad_edu.symbolic import evaluate, simplify, symbol
from tinygrad_edu.symbolic.tree import size, symbols_in

SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (1, 1)]
SYMBOLS = [symbol(f"{letter}{i}", shape) for i, shape in enumerate(SHAPES) for letter in "abc"]
UNARY = [
    ops.negative,
    ops.exp,
    ops.tanh,
    ops.sigmoid,
    ops.relu,
    ops.softplus,
    ops.absolute,
    lambda x: ops.log(ops.absolute(x) + 1.5),
    lambda x: x**2,
    lambda x: x**3,
    lambda x: 1 / (1 + ops.exp(-x)),
    lambda x: ops.exp(ops.log(ops.sigmoid(x))),
    lambda x: ops.where(ops.greater(x, 0), x, 0),
    lambda x: ops.where(ops.greater(x, 0), 0, x),
    lambda x: ops.where(ops.less(x, 0.5), x, 1),
    lambda x: reduce.softmax(x, dim=x.ndim - 1) if x.ndim else x,
    lambda x: ops.exp(reduce.log_softmax(x, dim=x.ndim - 1)) if x.ndim else x,
    lambda x: ops.exp(x) / ops.exp(x).sum(-1, keepdim=True) if x.ndim else x,
    lambda x: x.sum(),
    lambda x: x.mean(),
    lambda x: x.sum(-1, keepdim=True) if x.ndim else x,
    lambda x: x.mean(0) if x.ndim else x,
    lambda x: x.T,
    lambda x: x.T.T,
    lambda x: x.reshape(-1),
    lambda x: x.expand(2, *x.shape) if x.ndim < 2 else x,
    lambda x: x.T @ (-x) if x.ndim == 2 else x,
    lambda x: x @ x.T / 3 if x.ndim == 2 else x,
]
BINARY = [
    ops.add,
    ops.subtract,
    ops.multiply,
    lambda x, y: x / (ops.absolute(y) + 1.5),
    lambda x, y: x * y / (2 + ops.exp(y)),
    lambda x, y: x - y * x + y,
    lambda x, y: ops.where(ops.greater(x, y), x, y),
]


def fits(x, y):
    try:
        np.broadcast_shapes(getattr(x, "shape", ()), getattr(y, "shape", ()))
    except ValueError:
        return False
    return True


@st.composite
def formulas(draw, most=8):
    """A formula of at most `most` steps on symbols of all these shapes."""
    parts = [draw(st.sampled_from(SYMBOLS)) for _ in range(2)]
    for _ in range(draw(st.integers(1, most))):
        x = draw(st.sampled_from(parts))
        if draw(st.booleans()):
            parts.append(draw(st.sampled_from(UNARY))(x))
        else:
            y = draw(st.sampled_from([*(p for p in parts if fits(x, p)), 2, -1, 0.5, 0.3, 1]))
            parts.append(draw(st.sampled_from(BINARY))(*(draw(st.sampled_from([(x, y), (y, x)])))))
    return next(part for part in reversed(parts) if hasattr(part, "operation"))


def arrays_for(*roots, seed=0):
    """Numbers away from kinks for every symbol."""
    rng = np.random.default_rng(seed)
    return {x: rng.uniform(0.2, 0.9, x.shape) * rng.choice([-1, 1], x.shape) for x in symbols_in(*roots)}


@settings(max_examples=400, deadline=None)
@given(formulas())
def test_a_simplified_formula_has_the_same_shape_and_value(formula):
    simple = simplify(formula)
    values = arrays_for(formula, simple)

    assert simple.shape == formula.shape
    assert evaluate(simple, values).shape == formula.shape
    expected = evaluate(formula, values)
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(evaluate(simple, values), expected, rtol=1e-6, atol=1e-9 * scale)


@settings(max_examples=200, deadline=None)
@given(formulas())
def test_simplifying_again_changes_nothing_but_the_order(formula):
    simple = simplify(formula)

    assert size(simplify(simple)) <= size(simple)
