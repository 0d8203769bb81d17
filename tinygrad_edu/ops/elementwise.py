"""Operations that work on each number by itself: one row each, for arrays and for plain floats.

The engine, not the rule, sums the gradient of a broadcast input back to its shape.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import NUMBERS, Data, Operation, Rule, Tracer
from tinygrad_edu.ops import float_kernels


class Elementwise(Operation):
    """An operation on each number by itself: how on arrays, how on floats, and one rule per input."""

    def __init__(
        self,
        forward: Callable[..., Data],
        on_numbers: Callable[..., float],
        *rules: Rule,
        name: str | None = None,
    ) -> None:
        super().__init__(forward, *rules, name=name)
        self.on_numbers = on_numbers

    def __call__(self, *inputs: Any) -> Any:
        numbers = True
        for x in inputs:
            if isinstance(x, Tracer):
                return x.apply(self, inputs, {})
            if x.__class__ not in NUMBERS:
                numbers = False
        try:
            return self.on_numbers(*inputs) if numbers else self.forward(*inputs)
        except TypeError as error:
            raise self.wrong_type(inputs) from error

    def fit(self, g: Data, x: Data) -> Data:
        """`g` summed over the directions in which `x` was broadcast, as the dtype of `x`."""
        if g.shape != x.shape:
            g = sum_to(g, x)
        return self.cast(g, x.dtype)


def sum_to(g: Data, x: Data) -> Data:
    """`g` summed over the directions in which `x` was broadcast to the shape of `g`."""
    extra = g.ndim - x.ndim
    stretched = tuple(i + extra for i, n in enumerate(x.shape) if n == 1 and g.shape[i + extra] != 1)
    return g.sum(axis=(*range(extra), *stretched)).reshape(x.shape)


# For each dtype: exp of more than the first overflows. As arrays, as NumPy converts a Python number anew every time.
_LIMIT_AND_ONE = {
    char: (np.array(0.99 * np.log(np.finfo(char).max), char), np.ones((), char))
    for char in np.typecodes["Float"]
}


def _sigmoid(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """exp(x) / (1 + exp(x)), which is 1 / (1 + exp(-x)) and keeps all digits for large negative x."""
    constants = _LIMIT_AND_ONE.get(x.dtype.char)
    if constants is None:  # whole numbers
        return _sigmoid(x.astype(np.float64))
    limit, one = constants
    e = np.exp(np.minimum(x, limit, out=out), out=out)
    return np.true_divide(e, one + e, out=out)


def _relu(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """max(x, 0)."""
    return np.maximum(x, 0, out=out)


def _softplus(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """log(1 + exp(x)), without overflow."""
    return np.logaddexp(0, x, out=out)


def _where(c: Any, x: Any, y: Any) -> Any:
    """x where c, else y; by bits where one of them is the number 0, as in every masked gradient."""
    if y.__class__ is int and y == 0 and _maskable(c, x):
        return _masked(c, x)
    if x.__class__ is int and x == 0 and _maskable(c, y):
        return _masked(~c, y)
    return np.where(c, x, y)


_INTEGERS = {2: np.int16, 4: np.int32, 8: np.int64}  # by size in bytes


def _maskable(c: Any, x: Any) -> bool:
    """Whether `x` is a float array large enough for `_masked` to pay, with a mask of its shape."""
    is_array = isinstance(x, np.ndarray) and x.size > 500 and x.dtype.kind == "f" and x.itemsize in _INTEGERS
    return is_array and c.dtype == np.bool_ and c.shape == x.shape


def _masked(c: np.ndarray, x: np.ndarray) -> np.ndarray:
    """x where c, else 0: np.where branches for each number, which takes ten times as long; c * x makes nan of inf."""
    integer = _INTEGERS[x.itemsize]
    mask = c.astype(integer)
    np.negative(mask, out=mask)  # 1 becomes -1, which has all bits
    mask &= x.view(integer)
    return mask.view(x.dtype)


def _where_true(g: Data, _z: Data, c: Data, _x: Data, _y: Data) -> Data:
    return where(c, g, 0)  # an exact zero on the branch not taken: 0 * inf is never formed


def _where_false(g: Data, _z: Data, c: Data, _x: Data, _y: Data) -> Data:
    return where(c, 0, g)


def _power_base(g: Data, _z: Data, x: Data, y: Data) -> Data:
    return g * y * power(x, where(equal(y, 0), 1, y - 1))  # at y = 0: 0, not 0 * x ** -1


def _power_exponent(g: Data, z: Data, x: Data, _y: Data) -> Data:
    return g * z * log(where(equal(x, 0), 1, x))  # at x = 0: 0, not 0 * log(0)


def _relu_rule(g: Data, _y: Data, x: Data) -> Data:
    return where(greater(x, 0), g, 0)


def _sin_rule(g: Data, _y: Data, x: Data) -> Data:
    return g * cos(x)


# A rule is (g, z, x, y) -> gradient of its own input, for z = f(x, y). Names it does not read start with _.
# fmt: off

# Derivative zero wherever there is one.
equal         = Elementwise(np.equal,         operator.eq,   None, None)
not_equal     = Elementwise(np.not_equal,     operator.ne,   None, None)
greater       = Elementwise(np.greater,       operator.gt,   None, None)
greater_equal = Elementwise(np.greater_equal, operator.ge,   None, None)
less          = Elementwise(np.less,          operator.lt,   None, None)
less_equal    = Elementwise(np.less_equal,    operator.le,   None, None)
sign          = Elementwise(np.sign,          float_kernels.sign,  None)
where         = Elementwise(_where,           float_kernels.where, None, _where_true, _where_false)

# y = f(x); written with y wherever that is shorter.
negative = Elementwise(np.negative, operator.neg,     lambda g, _y, _x: -g)
exp      = Elementwise(np.exp,      float_kernels.exp,      lambda g, y, _x: g * y)
log      = Elementwise(np.log,      float_kernels.log,      lambda g, _y, x: g / x)
log1p    = Elementwise(np.log1p,    float_kernels.log1p,    lambda g, _y, x: g / (1 + x))
sqrt     = Elementwise(np.sqrt,     float_kernels.sqrt,     lambda g, y, _x: g / (2 * y))
sin      = Elementwise(np.sin,      float_kernels.sin,      _sin_rule)
cos      = Elementwise(np.cos,      float_kernels.cos,      lambda g, _y, x: -g * sin(x))
tanh     = Elementwise(np.tanh,     math.tanh,        lambda g, y, _x: g * (1 - y * y))
absolute = Elementwise(np.absolute, abs,              lambda g, _y, x: g * sign(x))
relu     = Elementwise(_relu,       float_kernels.relu,     _relu_rule)
sigmoid  = Elementwise(_sigmoid,    float_kernels.sigmoid,  lambda g, y, _x: g * y * (1 - y))
softplus = Elementwise(_softplus,   float_kernels.softplus, lambda g, _y, x: g * sigmoid(x))

# z = f(x, y)
add      = Elementwise(np.add,         operator.add,   lambda g, _z, _x, _y: g,    lambda g, _z, _x, _y: g)
subtract = Elementwise(np.subtract,    operator.sub,   lambda g, _z, _x, _y: g,    lambda g, _z, _x, _y: -g)
multiply = Elementwise(np.multiply,    operator.mul,   lambda g, _z, _x, y: g * y, lambda g, _z, x, _y: g * x)
divide   = Elementwise(np.true_divide, float_kernels.divide, lambda g, _z, _x, y: g / y, lambda g, z, _x, y: -g * z / y)
power    = Elementwise(operator.pow,   float_kernels.power,  _power_base,                _power_exponent)
maximum  = Elementwise(np.maximum,     float_kernels.maximum,  # at a tie: half each
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(greater(x, y), g, 0)),
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(less(x, y), g, 0)))
minimum  = Elementwise(np.minimum,     float_kernels.minimum,
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(less(x, y), g, 0)),
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(greater(x, y), g, 0)))
# fmt: on
