from __future__ import annotations

import numpy as np
import pytest
import sympy

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.symbolic import evaluate, filled, gradients, simplify, symbol
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.expression import Expression, inside_out

ROWS = {name: op for name, op in OPERATIONS.items() if isinstance(op, Elementwise) and op.differentiable}
POINTS = [(0.3, 0.7, 1.9), (1.4, 2.1, 0.2)]
BELOW_1 = {"binary_cross_entropy", "erfinv", "logit", "ndtri"}
ONLY = dict.fromkeys((*BELOW_1, "asin", "acos", "atanh"), POINTS[:1]) | {"acosh": POINTS[1:]}
SYMPY = {
    "negative": lambda x: -x,
    "exp": sympy.exp,
    "log": sympy.log,
    "log1p": lambda x: sympy.log(1 + x),
    "sqrt": sympy.sqrt,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tanh": sympy.tanh,
    "absolute": sympy.Abs,
    "sign": sympy.sign,
    "relu": lambda x: sympy.Max(x, 0),
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "maximum": sympy.Max,
    "minimum": sympy.Min,
    "where": lambda c, x, y: sympy.Piecewise((y, sympy.Eq(c, 0)), (x, True)),
    "equal": lambda x, y: sympy.Piecewise((1, sympy.Eq(x, y)), (0, True)),
    "not_equal": lambda x, y: sympy.Piecewise((0, sympy.Eq(x, y)), (1, True)),
    "greater": lambda x, y: sympy.Heaviside(x - y, 0),
    "greater_equal": lambda x, y: sympy.Heaviside(x - y, 1),
    "less": lambda x, y: sympy.Heaviside(y - x, 0),
    "less_equal": lambda x, y: sympy.Heaviside(y - x, 1),
    "root": sympy.sqrt,
    "tan": sympy.tan,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "asinh": sympy.asinh,
    "acosh": sympy.acosh,
    "atanh": sympy.atanh,
    "atan2": lambda x, y: sympy.atan(x / y),
    "hypot": lambda x, y: sympy.sqrt(x * x + y * y),
    "expm1": lambda x: sympy.exp(x) - 1,
    "log2": lambda x: sympy.log(x) / sympy.log(2),
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    # Of numbers between 0 and 2.
    "floor": lambda x: sympy.Heaviside(x - 1),
    "trunc": lambda x: sympy.Heaviside(x - 1),
    "ceil": lambda x: 1 + sympy.Heaviside(x - 1),
    "round": lambda x: sympy.Heaviside(x - 0.5),
    "isnan": lambda x: 0 * x,
    "copysign": lambda x, y: x * sympy.sign(y),
    "nextafter": lambda x, _y: x,
    "floor_divide": lambda x, y: sympy.Heaviside(x / y - 1),
    "trunc_divide": lambda x, y: sympy.Heaviside(x / y - 1),
    "remainder": lambda x, y: x - y * sympy.Heaviside(x / y - 1),
    "fmod": lambda x, y: x - y * sympy.Heaviside(x / y - 1),
    "clamp_min": sympy.Max,
    "clamp_max": sympy.Min,
    "logaddexp": lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "erfcx": lambda x: sympy.exp(x * x) * sympy.erfc(x),
    "erfinv": sympy.erfinv,
    "log_ndtr": lambda x: sympy.log(sympy.erfc(-x / sympy.sqrt(2)) / 2),
    "ndtri": lambda x: sympy.sqrt(2) * sympy.erfinv(2 * x - 1),
    "entr": lambda x: -x * sympy.log(x),
    "logit": lambda x: sympy.log(x / (1 - x)),
    "lgamma": sympy.loggamma,
    "digamma": sympy.digamma,
    "xlogy": lambda x, y: x * sympy.log(y),
    "xlog1py": lambda x, y: x * sympy.log(1 + y),
    "zeta": sympy.zeta,
    "bitwise_and": lambda x, y: x * y,
    "igamma": lambda x, y: sympy.lowergamma(x, y) / sympy.gamma(x),
    "igammac": lambda x, y: sympy.uppergamma(x, y) / sympy.gamma(x),
    "i0": lambda x: sympy.besseli(0, x),
    "i1": lambda x: sympy.besseli(1, x),
    "i0e": lambda x: sympy.besseli(0, x) * sympy.exp(-x),
    "i1e": lambda x: sympy.besseli(1, x) * sympy.exp(-x),
    "bessel_j0": lambda x: sympy.besselj(0, x),
    "bessel_j1": lambda x: sympy.besselj(1, x),
    "bessel_y0": lambda x: sympy.bessely(0, x),
    "bessel_y1": lambda x: sympy.bessely(1, x),
    "modified_bessel_k0": lambda x: sympy.besselk(0, x),
    "modified_bessel_k1": lambda x: sympy.besselk(1, x),
    "scaled_modified_bessel_k0": lambda x: sympy.besselk(0, x) * sympy.exp(x),
    "scaled_modified_bessel_k1": lambda x: sympy.besselk(1, x) * sympy.exp(x),
    "sinc": lambda x: sympy.sin(sympy.pi * x) / (sympy.pi * x),
    "binary_cross_entropy": lambda p, y: -y * sympy.log(p) - (1 - y) * sympy.log(1 - p),
}


def to_sympy(root):
    """The tree as a formula of sympy."""
    done = {}
    for node in inside_out(root):
        inputs = [done[id(x)] if isinstance(x, Expression) else sympy.nsimplify(x * 1) for x in node.inputs]
        if node.operation is None:
            done[id(node)] = sympy.Symbol(node.name, positive=True)
        else:
            done[id(node)] = (
                inputs[0] if node.operation.name == "expand" else SYMPY[node.operation.name](*inputs)
            )
    return done[id(root)]


def rules():
    without = (None, unknown_derivative)
    return [(name, i) for name, op in ROWS.items() for i, rule in enumerate(op.rules) if rule not in without]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "position"), rules())
@pytest.mark.parametrize("simple", [False, True])
def test_sympy_agrees_with_the_formula_of_every_elementwise_rule(name, position, simple):
    letters = "cxy" if name == "where" else "xyw"[: len(ROWS[name].rules)]
    inputs = [symbol(letter) for letter in letters]
    node = ROWS[name](*inputs)
    share = share_of(ROWS[name], position, filled(1), node, inputs, {})
    share = simplify(share) if simple else share
    x = sympy.Symbol(letters[position], positive=True)

    difference = to_sympy(share) - sympy.diff(to_sympy(node), x)

    for point in ONLY.get(name, POINTS):
        values = {sympy.Symbol(a, positive=True): v for a, v in zip(letters, point, strict=False)}
        assert abs(float(sympy.N(difference.subs(values).doit()))) < 1e-12


def test_gradients_are_zero_by_what_is_not_there_and_add_up_by_what_is_there_twice():
    x, y = symbol("x", (2,)), symbol("y", (2,))

    by_x, by_y = gradients((x * x).sum(), filled(1), [x, y])

    np.testing.assert_array_equal(evaluate(by_x, {x: np.array([3.0, 4.0])}), [6, 8])
    np.testing.assert_array_equal(evaluate(by_y, {}), [0, 0])


def test_broadcast_inputs_receive_the_sum():
    x, b = symbol("x", (3, 2)), symbol("b", (2,))

    (by_b,) = gradients(x + b, symbol("g", (3, 2)), [b])

    assert by_b.shape == (2,)


def test_a_rule_that_symbols_cannot_follow_is_none():
    strange = Operation(np.sin, lambda g, _y, x: g * x.raw, name="strange")
    node = Expression(operation=strange, inputs=(symbol("x"),))

    assert gradients(node, filled(1), list(node.inputs)) == [None]


def test_a_deep_chain_is_differentiated_without_recursion():
    x = y = symbol("x")
    for _ in range(5000):
        y = y * 1.0001

    (slope,) = gradients(y, filled(1), [x])

    assert evaluate(slope, {x: 1.0}) == pytest.approx(1.0001**5000)


def test_the_rules_of_second_derivatives_are_the_same_rules():
    x = symbol("x")
    (first,) = gradients(ops.tanh(x), filled(1), [x])
    (second,) = gradients(simplify(first), filled(1), [x])

    t = np.tanh(0.5)
    assert evaluate(second, {x: 0.5}) == pytest.approx(-2 * t * (1 - t * t))
