from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import fused_loss, index, reduce, softmax, transcendental
from tinygrad_edu.symbolic import evaluate, filled, gradients, simplify, symbol, text
from tinygrad_edu.symbolic.expression import size, symbols_in
from tinygrad_edu.symbolic.simplification.products import shaped

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
    lambda x: softmax.softmax(x, dim=x.ndim - 1) if x.ndim else x,
    lambda x: ops.exp(softmax.log_softmax(x, dim=x.ndim - 1)) if x.ndim else x,
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


@pytest.mark.slow
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


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(formulas())
def test_simplifying_again_changes_nothing_but_the_order(formula):
    simple = simplify(formula)

    assert size(simplify(simple)) <= size(simple)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(formulas())
def test_without_rearranging_the_value_is_the_same_too(formula):
    simple = simplify(formula, rearrange=False)
    values = arrays_for(formula, simple)

    np.testing.assert_allclose(evaluate(simple, values), evaluate(formula, values), rtol=1e-6, atol=1e-7)


# What textbooks know.

P, Y, Z = symbol("p", (6, 1)), symbol("y", (6, 1)), symbol("z", (6, 1))
LOGITS, ROWS, SHARES = symbol("Z", (6, 3)), symbol("Y", (6, 3)), symbol("P", (6, 3))


def gradient(loss, x):
    return gradients(loss, filled(1, loss.shape), [x])[0]


def rows_sum_to_one(part):
    return 1 if part.operation is reduce.sum and part.inputs[0] is ROWS and part.ndim else None


def test_sigmoid_under_binary_cross_entropy_is_p_minus_y():
    by_p = gradient((-(Y * P.log()) - (1 - Y) * (1 - P).log()).mean(), P)

    assert text(simplify(ops.sigmoid.rules[0](by_p, P, Z))) == "(p − y) / 6"


def test_the_same_from_logits_is_sigma_minus_y():
    loss = (Y * ops.softplus(-Z) + (1 - Y) * ops.softplus(Z)).mean()

    assert text(simplify(gradient(loss, Z))) == "(σ(z) − y) / 6"


def test_softmax_under_cross_entropy_is_p_minus_y_where_rows_of_y_sum_to_one():
    by_p = gradient(-(ROWS * SHARES.log()).sum(1).mean(), SHARES)
    by_z = softmax.softmax.rules[0](by_p, SHARES, LOGITS, dim=1)

    assert text(simplify(by_z, rows_sum_to_one)) == "(P − Y) / 6"
    assert text(simplify(by_z)) != "(P − Y) / 6"


def test_log_softmax_and_the_fused_operation_give_the_same():
    composed = gradient(-(ROWS * LOGITS.log_softmax(1)).sum(1).mean(), LOGITS)
    fused = gradient(fused_loss.cross_entropy(LOGITS, ROWS, 6, dim=1), LOGITS)

    assert text(simplify(composed, rows_sum_to_one)) == "(softmax(Z) − Y) / 6"
    assert text(simplify(fused, rows_sum_to_one)) == "(softmax(Z) − Y) / 6"


def test_the_divisor_of_a_mean_stays_visible():
    assert text(simplify(gradient(((P - Y) ** 2).mean(), P))) == "2 (p − y) / 6"


X, V = symbol("x"), symbol("v", (4,))
WRITTEN = [
    (1 / (1 + ops.exp(-X)), "σ(x)"),
    (ops.exp(X) / (1 + ops.exp(X)), "σ(x)"),
    (1 / (1 + ops.exp(X)), "1 − σ(x)"),
    (
        ops.exp(LOGITS - LOGITS.amax(1, keepdim=True))
        / ops.exp(LOGITS - LOGITS.amax(1, keepdim=True)).sum(1, keepdim=True),
        "softmax(Z)",
    ),
    (ops.negative(-X), "x"),
    ((symbol("y") - X) ** 2, "(x − y)²"),  # what is to be reached comes last
    ((X - symbol("T")) ** 2, "(x − T)²"),
    (symbol("b") * symbol("a"), "a · b"),
    (
        (symbol("d", (4,)).reshape((4, 1)) * symbol("M", (4, 3)) / 2).sum(0),
        "Mᵀ · d / 2",
    ),
    (ops.where(symbol("c"), X, 0), "where(c, x, 0)"),
    (ops.where(symbol("m", mask=True), X, 0), "x · m"),
    (X * 1 / 1 + 0, "x"),
    (X - X, "0"),
    (2 * X * 3, "6 x"),
    (X * 0.1 * X, "0.1 x²"),
    (0.5 * 2 * X, "x"),
    (X / X * 2, "2"),
    (-(X - 1), "1 − x"),
    (1 - X + 1e-10, "1 − x + 1e−10"),
    (LOGITS.T.T, "Z"),
    (LOGITS.reshape(18).reshape(6, 3), "Z"),
    (symbol("s").expand(1, 3).reshape(3).expand(6, 3), "s in every place"),
    (Z.sum(1, keepdim=True), "z"),
    (LOGITS.T @ (-LOGITS / 3), "−Zᵀ · Z / 3"),
    (ops.where(ops.greater(LOGITS, 0), SHARES, 0), "P ⊙ [Z > 0]"),
    (SHARES * LOGITS - SHARES * ROWS, "P ⊙ (Z − Y)"),
    (index.scatter(2 * X, index=(0,), shape=(4,)), "zeros(4)[0 ← 2 x]"),
    (index.scatter(filled(0), index=(0,), shape=(4,)), "0"),
    (index.scatter(filled(1), index=(0,), shape=(4,)), "zeros(4)[0 ← 1]"),
    ((2 * V)[0], "2 v[0]"),
    (filled(3, (4,))[0], "3"),
    (filled(3, (4,)).reshape(2, 2), "3"),
    (V.expand(2, 4).sum(), "2 Σ v"),
    ((V / 2).expand(2, 4).sum(), "Σ v"),
    (1 / (1 + ops.exp(X) * symbol("b")), "1 / (1 + b · exp(x))"),
    (X + X * symbol("b"), "x + b · x"),  # of two writings of one length the one without brackets
    ((V.sum() - 4 * V).sum(), "0"),
    ((V + V.sum()).sum(), "5 Σ v"),
    ((V - symbol("w", (4,))).sum(), "Σ (v − w)"),
    ((1 - 2 * V).sum(), "Σ (1 − 2 v)"),  # term by term it would be as long
    (-(1 - 2 * V).sum(), "2 (Σ v − 2)"),
    ((LOGITS + ROWS).sum(0) - LOGITS.sum(0), "Σ rows Y"),
    ((LOGITS + ROWS).sum() - ROWS.sum() - LOGITS.sum(), "0"),
    ((LOGITS + ROWS).sum(0) - LOGITS.sum(1).sum(), "Σ rows (Z + Y) − Σ Z"),
    ((ROWS - ROWS.sum(0, keepdim=True) / 3).sum(0, keepdim=True), "−Σ rows Y"),
]


@pytest.mark.parametrize(("formula", "written"), WRITTEN, ids=[w for _, w in WRITTEN])
def test_a_formula_is_written_as_in_a_textbook(formula, written):
    assert text(simplify(formula)) == written


def test_a_huge_number_and_an_infinite_one_are_left_alone():
    assert text(simplify(X * 1e300 * float("inf"))) == "x · 1e300 · ∞"


A, B = ([symbol(f"{letter}{i}", (4,)) for i in range(25)] for letter in "ab")


def added(symbols):
    return functools.reduce(ops.add, symbols)


LONG = {
    "a sum": (lambda n: added(A[:n]) - A[0], 23, 25),
    "under a sum": (lambda n: (added(A[:n]) - A[0]).sum(), 23, 25),
    "multiplied out": (lambda n: added(A[:n]) * added(B[:n]) - A[0] * B[0] - A[1] * B[0], 2, 5),
}


@pytest.mark.parametrize(("formula", "few", "many"), LONG.values(), ids=LONG)
def test_what_has_more_terms_than_anybody_reads_stays_as_it_is(formula, few, many):
    assert text(simplify(formula(many))) == text(formula(many))
    assert text(simplify(formula(few))) != text(formula(few))


def test_what_takes_more_than_a_hundred_signs_stays_as_it_is():
    short, long = (transcendental.sin(added(A[:n])) for n in (24, 25))  # 48 and 50 signs

    assert text(simplify(short - short)) == "0"
    assert size(simplify(long - long)) == 101


def test_a_long_chain_is_no_problem():
    x = X
    for _ in range(3000):
        x = transcendental.sin(x)

    assert simplify(x).operation is transcendental.sin
    assert text(x) == "…"


def test_a_plain_number_is_a_formula_too():
    assert text(simplify(2)) == "2"


def test_the_softmax_of_equal_numbers_is_found_at_once():
    e = ops.exp(shaped(2, (3,)))

    simple = simplify(e / reduce.sum(e, dims=(0,), keepdim=True))

    np.testing.assert_allclose(evaluate(simple, {}), np.full(3, 1 / 3))
    assert size(simplify(simple)) == size(simple)
