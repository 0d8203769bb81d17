"""Rules broken as people break them: each is caught, and nearly each is called by its name."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tests.testing.small_engines import Matrix, Number, broken
from tinygrad_edu import tensor
from tinygrad_edu.autograd import Function
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.testing import gradient_verdict

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 3))
POSITIVE = RNG.uniform(0.5, 2, (2, 3))
SQUARE, W = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
ROW = RNG.normal(size=3)
MIXED = np.array([0.5, -1.0, 2.0, -0.3])


def one(forward, rule, name="own"):
    """An elementwise operation of one input."""
    return Elementwise(forward, None, rule, name=name)


def two(forward, *rules):
    return Elementwise(forward, None, *rules, name="own")


EXP_OF_ARRAYS_ONLY = Elementwise(np.exp, lambda x: x * x, lambda g, y, _x: g * y, name="own")


def own(forward, *rules, **options):
    return Operation(forward, *rules, name="own", **options)


class Stale(Function):
    """A relu whose mask is kept on the class, where the next call overwrites it."""

    @staticmethod
    def forward(ctx, x):
        Stale.mask = x > 0
        return x * Stale.mask

    @staticmethod
    def backward(ctx, g):
        return g * Stale.mask


class Lost(Function):
    """A product that gives no gradient to its second input."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(y)
        return x * y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y, None


class Negated(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return -g * y


def drawn_rule(g, _y, x):
    return g * np.random.default_rng().uniform(0.5, 1.5, x.shape)


def turned(g, _z, _x, y):
    return (g @ y.swapaxes(0, 1)).swapaxes(0, 1)


def of_second(g, _z, x, _y):
    return x.swapaxes(0, 1) @ g


def hand_on(g, _z, _x, _y):
    return g


def overwriting_rule(g, _y, _x):
    g *= 2
    return g


def overwriting_forward(x):
    x *= 2
    return x * x


def last_only(g, _y, x, *, index):
    result = np.zeros_like(x)
    result[index] = g  # = for +=
    return result


def numbers(function, *data, **methods):
    """A function of the engine of single numbers, with broken methods."""
    kind = broken(Number, **methods)
    return function, [kind(x) for x in data]


def matrices(function, *data, **methods):
    kind = broken(Matrix, **methods)
    return function, [kind(x) for x in data]


def add_overwrites(self, other, out):
    self.grad = out.grad
    other.grad = out.grad


def mul_swapped(self, other, out):
    self.grad += self.data * out.grad
    other.grad += other.data * out.grad


def tanh_sign(self, out):
    self.grad -= (1 - out.data**2) * out.grad


def pow_forgets(self, k, out):
    self.grad += self.data ** (k - 1) * out.grad


def exp_forgets_upstream(self, out):
    self.grad += out.data


def exp_forgets_slope(self, out):
    self.grad += out.grad


def relu_other_way(self, out):
    self.grad += (out.data <= 0) * out.grad


def walks_unsorted(self):
    self.grad = 1.0
    waiting = [self]
    while waiting:
        node = waiting.pop()
        node._backward()
        waiting.extend(node._prev)


def used_twice(c):
    return c.exp() * c


@staticmethod
def not_summed(g, shape):
    return g


@staticmethod
def first_row(g, shape):
    return g[0] if g.ndim > len(shape) else g


def matmul_transposed(self, other, out):
    self.grad += out.grad @ other.data
    other.grad += self.data.T @ out.grad


def mean_for_sum(self, out):
    self.grad += np.ones_like(self.data) * out.grad / self.data.size


BROKEN = {
    # Elementwise operations of ours.
    "exp: sign": ("sign", one(np.exp, lambda g, y, _x: -g * y), [X]),
    "square: factor": ("factor", one(np.square, lambda g, _y, x: g * x), [X]),
    "tanh: no slope": ("lost factor", one(np.tanh, lambda g, _y, _x: g), [X]),
    "sigmoid: half the slope": (
        "lost factor",
        one(lambda x: 1 / (1 + np.exp(-x)), lambda g, y, _x: g * y),
        [X],
    ),
    "log: times for divided": ("extra factor", one(np.log, lambda g, _y, x: g * x), [POSITIVE]),
    "sqrt: 2 forgotten": ("factor", one(np.sqrt, lambda g, y, _x: g / y), [POSITIVE]),
    "cube: exponent kept": ("extra factor", one(lambda x: x**3, lambda g, _y, x: g * 3 * x**3), [X]),
    "exp: upstream forgotten": ("ignores upstream", one(np.exp, lambda g, y, _x: 0 * g + y), [X]),
    "exp: one too much": ("ignores upstream", one(np.exp, lambda g, y, _x: g * y + 1), [X]),
    "absolute: sign lost": ("sign", one(np.abs, lambda g, _y, x: g * (x * 0 + 1)), [MIXED]),
    "relu: no mask": ("mask", one(lambda x: np.maximum(x, 0), lambda g, _y, _x: g), [MIXED]),
    "relu: mask turned": ("mask", one(lambda x: np.maximum(x, 0), lambda g, _y, x: g * (x <= 0)), [MIXED]),
    "sin: sin for cos": ("unknown", one(np.sin, lambda g, y, _x: g * y), [X]),
    "product: swapped": (
        "swapped",
        two(np.multiply, lambda g, _z, x, _y: g * x, lambda g, _z, _x, y: g * y),
        [X, Y],
    ),
    "difference: sign": ("sign", two(np.subtract, hand_on, hand_on), [X, Y]),
    "quotient: not squared": (
        "extra factor",
        two(np.divide, lambda g, _z, _x, y: g / y, lambda g, _z, x, y: -g * x / (y / y)),
        [X, POSITIVE],
    ),
    "exp: another each time": ("random", one(np.exp, drawn_rule), [X]),
    "exp: a float kernel": (
        "float kernel",
        EXP_OF_ARRAYS_ONLY,
        [X],
    ),
    "exp: not again": (
        "missing path",
        one(np.exp, lambda g, y, _x: g * y.detach() if hasattr(y, "detach") else g * y),
        [X],
    ),
    # Operations on arrays.
    "matmul: not transposed": (
        "transposed",
        own(np.matmul, lambda g, _z, _x, y: g @ y, of_second),
        [SQUARE, W],
    ),
    "matmul: result transposed": (
        "transposed",
        own(
            np.matmul,
            turned,
            of_second,
        ),
        [SQUARE, W],
    ),
    "bias: not summed": (
        "not summed",
        own(np.add, hand_on, hand_on),
        [X, ROW],
    ),
    "bias: one row": (
        "not summed",
        own(np.add, hand_on, lambda g, _z, _x, _y: g[0]),
        [X, ROW],
    ),
    "bias: mean for sum": (
        "factor",
        own(np.add, hand_on, lambda g, _z, _x, _y: g.mean(0)),
        [X, ROW],
    ),
    "mean: n forgotten": ("factor", own(lambda x: x.mean(keepdims=True), lambda g, _y, x: g + x * 0), [X]),
    "sum: wrong axis": ("transposed", own(lambda x: x.sum(1), lambda g, _y, x: g[None, :] + x * 0), [SQUARE]),
    "flip: not flipped back": ("misplaced", own(lambda x: x[::-1] * 1, lambda g, _y, _x: g), [X[0]]),
    "take: = for +=": (
        "not summed",
        lambda x: own(lambda x, *, index: x[index], last_only)(x, index=[0, 0, 1]),
        [ROW],
    ),
    "softmax: a term lost": (
        "unknown",
        own(lambda x: np.exp(x) / np.exp(x).sum(), lambda g, y, _x: g * y),
        [ROW],
    ),
    "double: upstream overwritten": ("overwritten upstream", own(lambda x: x * 2, overwriting_rule), [X]),
    "square: input overwritten": (
        "overwritten input",
        own(overwriting_forward, lambda g, _y, x: g * 2 * x),
        [X],
    ),
    "sum: a shape": ("shape", own(lambda x: x.sum(), lambda g, _y, _x: np.ones(5) * g), [X]),
    # Functions.
    "a stale mask": ("stale", Stale.apply, [MIXED]),
    "None for an input": ("missing path", Lost.apply, [X, Y]),
    "a Function: sign": ("sign", lambda x: Negated.apply(x).sum(), [X]),
    "detach": ("missing path", lambda x: x * x.detach(), [X]),
    "item": ("missing path", lambda x: x / x.sum().item(), [X]),
    "a random function": ("random", lambda x: x * torch.rand(3), [X]),
    # The engine of single numbers.
    "number: = for +=": (
        "overwritten gradient",
        *numbers(lambda a, b: (a + b) * a, 2.0, 3.0, add_back=add_overwrites),
    ),
    "number: swapped": ("swapped", *numbers(lambda a, b: a * b, 2.0, 3.0, mul_back=mul_swapped)),
    "number: sign": ("sign", *numbers(lambda a, b: (a * b).tanh(), 0.5, 0.7, tanh_back=tanh_sign)),
    "number: exponent": ("factor", *numbers(lambda a: a**3, 1.5, pow_back=pow_forgets)),
    "number: upstream": ("ignores upstream", *numbers(lambda a: a.exp(), 0.5, exp_back=exp_forgets_upstream)),
    "number: no slope": ("lost factor", *numbers(lambda a: a.exp() * 2.0, 0.5, exp_back=exp_forgets_slope)),
    "number: mask turned": ("missing path", *numbers(lambda a: a.relu(), 0.5, relu_back=relu_other_way)),
    "number: walk": ("walk", *numbers(lambda a, b: used_twice(a * b), 0.5, 0.7, backward=walks_unsorted)),
    # The engine of arrays.
    "matrix: not summed": (
        "not summed",
        *matrices(lambda x, b: (x + b).sum(), X, ROW, unbroadcast=not_summed),
    ),
    "matrix: one row": (
        "not summed",
        *matrices(lambda x, b: (x + b).tanh(), X, ROW, unbroadcast=first_row),
    ),
    "matrix: transposed": (
        "transposed",
        *matrices(lambda x, w: x @ w, SQUARE, W, matmul_back=matmul_transposed),
    ),
    "matrix: mean for sum": ("factor", *matrices(lambda x: x.tanh().sum(), X, sum_back=mean_for_sum)),
}


def order(name):
    return 2 if name == "exp: not again" else 1


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_caught_and_its_mistake_named(name):
    kind, function, inputs = BROKEN[name]

    verdict = gradient_verdict(function, *inputs, order=order(name))

    assert not verdict
    assert verdict.mistake == kind, str(verdict)


def test_nine_of_ten_mistakes_are_named():
    assert sum(kind == "unknown" for kind, *_ in BROKEN.values()) * 10 <= len(BROKEN)
    assert len(BROKEN) >= 40


def test_the_engines_are_right_before_they_are_broken():
    a, b = Number(0.5), Number(0.7)
    assert gradient_verdict(lambda a, b: ((a * b).exp() + a**3 - b.tanh()).relu() * a, a, b)
    assert gradient_verdict(lambda x, w, b: ((x @ w + b).tanh() * x).sum(), *map(Matrix, (SQUARE, W, ROW)))
    assert gradient_verdict(lambda x: x.clamp(0, 1), tensor(MIXED))
