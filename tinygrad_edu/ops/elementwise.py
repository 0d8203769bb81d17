"""Operations that work on each number by itself: one row each, for arrays and for plain floats.

The engine, not the rule, sums the gradient of a broadcast input back to its shape.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import NUMBERS, Data, Operation, Rule, Tracer
from tinygrad_edu.engine.readings import Example
from tinygrad_edu.ops import array_kernels, float_kernels
from tinygrad_edu.ops.domain import domain, kink
from tinygrad_edu.text import notation as written


class Elementwise(Operation):
    """An operation on each number by itself: how on arrays, how on plain numbers, and one rule per input.

    `on_numbers`: Python's own function; where one of `math` raises an error, and for None, it is computed by `forward`.
    `kinds`: the kinds of numbers that it takes, as NumPy abbreviates them: "f" float, "iu" whole, "b" boolean.
    """

    def __init__(
        self,
        forward: Callable[..., Data],
        on_numbers: Callable[..., float] | None,
        *rules: Rule,
        name: str | None = None,
        kinds: str = "fiub",
        **readings: Any,
    ) -> None:
        readings.setdefault("public", name or forward.__name__)
        # With one input nothing is broadcast, so that its rule cannot but return its shape.
        super().__init__(forward, *rules, name=name, exact=len(rules) == 1, promotes=True, **readings)
        self.on_numbers = _on_numbers(on_numbers, forward)
        self.kinds = kinds
        if (count := len(self.input_names) or 1) != len(rules):
            raise TypeError(f"{self.name} needs a rule per input after on_numbers: {count}, got {len(rules)}")

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        if named:
            inputs = self._by_position(inputs, named)
        if len(inputs) != len(self.rules):
            raise self.wrong_count(len(inputs))
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

    def _by_position(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        """All inputs, of which some were given by PyTorch's names: `input`, `other`."""
        if named.pop("out", None) is not None:
            raise TypeError(f"{self.name} makes a new tensor and has no out=; write y = {self.name}(...)")
        rest = ("input", "other")[len(inputs) : len(self.rules)]
        if named.keys() != set(rest):
            raise TypeError(f"{self.name} takes {', '.join(self.input_names)}, got {', '.join(named)}")
        return (*inputs, *(named[name] for name in rest))

    def documentation(self) -> str:
        """Its call, what it computes of each number, rules, domain, and the slopes taken at kinks."""
        text = super().documentation()
        if self.differentiable:
            text += f"\n\nDomain: {domain(self)}."
            if kinks := kink(self):
                text += f" At kinks: {kinks}."
        return text

    @functools.cached_property
    def gives_floats(self) -> bool:  # type: ignore[override]
        """True if the results for whole numbers are floats, as those of exp and of a division are."""
        whole = [np.ones(1, np.int64)] * len(self.rules)
        return bool(np.asarray(self.forward(*whole)).dtype.kind == "f")

    def promoted_part(self, values: Sequence[Data]) -> Sequence[Data]:
        """All but a condition, which has no rule and comes first."""
        return values[1:] if self.differentiable and self.rules[0] is None else values

    def fit(self, g: Data, x: Data) -> Data:
        """`g` summed over the directions in which `x` was broadcast, as the dtype of `x`."""
        if g.shape != x.shape:
            g = sum_to(g, x)
        return self.cast(g, x.dtype)


def _on_numbers(function: Callable[..., float] | None, forward: Callable[..., Data]) -> Callable[..., float]:
    """The operation on plain numbers, with NumPy's inf and nan where `math` raises an error."""

    def by_forward(*numbers: float) -> float:
        with np.errstate(all="ignore"):
            return np.asarray(forward(*map(np.asarray, numbers))).item()

    def by_python(*numbers: float) -> float:
        try:
            return function(*numbers)  # type: ignore[misc]
        except (ValueError, ArithmeticError):
            return by_forward(*numbers)

    if function is None:
        return by_forward
    return by_python if getattr(function, "__module__", None) == "math" else function


def between(low: float, high: float) -> Callable[[int], Example]:
    """The example of an operation on one input that is defined between `low` and `high`."""
    return lambda n: ([np.linspace(low, high, n * n).reshape(n, n)], {})


def sum_to(g: Data, x: Data) -> Data:
    """`g` summed over the directions in which `x` was broadcast to the shape of `g`."""
    extra = g.ndim - x.ndim
    stretched = tuple(i + extra for i, n in enumerate(x.shape) if n == 1 and g.shape[i + extra] != 1)
    dims = (*range(extra), *stretched)
    if g.__class__ is np.ndarray and g.dtype == np.float16:  # which counts no further than 2048
        return g.sum(axis=dims, dtype=np.float32).astype(g.dtype).reshape(x.shape)
    return g.sum(axis=dims).reshape(x.shape)


def flat(g: Data, _y: Data, _x: Data) -> Data:
    """The rule of a step function: exactly zero, though `g` be infinite."""
    return where(False, g, 0)


def flat_of_two(g: Data, _z: Data, _x: Data, _y: Data) -> Data:
    """The same for one of two inputs."""
    return where(False, g, 0)


def _where_true(g: Data, _z: Data, c: Data, _x: Data, _y: Data) -> Data:
    return where(c, g, 0)  # an exact zero on the branch not taken: 0 * inf is never formed


def _where_false(g: Data, _z: Data, c: Data, _x: Data, _y: Data) -> Data:
    return where(c, 0, g)


def _power_base(g: Data, _z: Data, x: Data, y: Data) -> Data:
    if y.__class__ in NUMBERS and y == 2:  # the usual square: x ** 1 and x ** 0 need not be formed
        return g * 2 * x
    return g * y * power(x, y - not_equal(y, 0))  # x ** 0 is 1 everywhere: 0 * x ** -1 is never formed


def _power_exponent(g: Data, z: Data, x: Data, y: Data) -> Data:
    base = where(equal(x, 0), greater_equal(y, 0), x)  # 0 ** y is 0 for y > 0: log(1), not log(0)
    return g * z * log(base)


def _root_rule(g: Data, y: Data, _x: Data) -> Data:
    zero = equal(y, 0)
    return where(zero, 0, g / (2 * where(zero, 1, y)))


def _relu_rule(g: Data, _y: Data, x: Data) -> Data:
    return where(less_equal(x, 0), 0, g)  # g at nan, as in PyTorch


# A rule is (g, z, x, y) -> gradient of its own input, for z = f(x, y). Names it does not read start with _.
# In a row stands how it is read, too, where NumPy's name for it does not say so: see `Readings`.
# fmt: off

# Derivative zero wherever there is one.
equal         = Elementwise(np.equal,         operator.eq, None, None, public="eq", numbers="second",
                            numpy="x == y", notation=written.comparison("="))
not_equal     = Elementwise(np.not_equal,     operator.ne, None, None, public="not_equal ne", numbers="second",
                            numpy="x != y", notation=written.comparison("≠"))
greater       = Elementwise(np.greater,       operator.gt, None, None, public="greater gt", numbers="second",
                            numpy="x > y",  notation=written.comparison(">"))
greater_equal = Elementwise(np.greater_equal, operator.ge, None, None, public="greater_equal ge", numbers="second",
                            numpy="x >= y", notation=written.comparison("≥"))
less          = Elementwise(np.less,          operator.lt, None, None, public="less lt", numbers="second",
                            numpy="x < y",  notation=written.comparison("<"))
less_equal    = Elementwise(np.less_equal,    operator.le, None, None, public="less_equal le", numbers="second",
                            numpy="x <= y", notation=written.comparison("≤"))
sign          = Elementwise(array_kernels.sign, float_kernels.sign, flat, public="sign sgn", numpy="np.sign(x)",
                            javascript="(x > 0) - (x < 0)")
where         = Elementwise(array_kernels.where, float_kernels.where, None, _where_true, _where_false, public="",
                            numpy="np.where(c, x, y)", javascript="c ? x : y")

# y = f(x); written with y wherever that is shorter.
negative = Elementwise(np.negative, operator.neg,           lambda g, _y, _x: -g,
                       public="negative neg", numpy="-x", notation=written.MINUS)
exp      = Elementwise(np.exp,      math.exp,               lambda g, y, _x: g * y, notation=written.EXPONENTIAL,
                       advice="exp of more than 709 is too large for float64 (88 for float32): subtract the maximum "
                              "first, or use softmax, logsumexp or cross_entropy.")
log      = Elementwise(np.log,      math.log,               lambda g, _y, x: g / x,
                       slope_advice="its derivative 1 / x grows without bound near 0: keep x away from 0")
sqrt     = Elementwise(np.sqrt,     math.sqrt,              lambda g, y, _x: g / (2 * y), notation=written.ROOT,
                       advice="A square root needs numbers of 0 or more.",
                       slope_advice="its derivative 1 / (2 sqrt(x)) is infinite at 0: keep x away from 0, as in "
                                    "(x + 1e-12).sqrt()")
root     = Elementwise(np.sqrt,     math.sqrt,              _root_rule, name="root", public="", notation=written.ROOT)
tanh     = Elementwise(np.tanh,     math.tanh,              lambda g, y, _x: g * (1 - y * y),
                       public="tanh nn.functional.tanh")
absolute = Elementwise(np.absolute, abs,                    lambda g, _y, x: g * sign(x), notation=written.BARS,
                       kinds="fiu", public="absolute abs", numpy="np.abs(x)", javascript="Math.abs(x)")
relu     = Elementwise(array_kernels.relu,       float_kernels.relu,     _relu_rule,
                       numpy="np.maximum(x, 0)", javascript="Math.max(x, 0)")
sigmoid  = Elementwise(array_kernels.sigmoid,    float_kernels.sigmoid,  lambda g, y, _x: g * y * (1 - y),
                       public="sigmoid special.expit nn.functional.sigmoid",
                       notation=written.function("σ"), numpy="1 / (1 + np.exp(-x))",
                       javascript="x > 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))")
softplus = Elementwise(array_kernels.softplus,   float_kernels.softplus, lambda g, _y, x: g * sigmoid(x),
                       public="", numpy="np.logaddexp(0, x)",
                       javascript="Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))")

# z = f(x, y)
add      = Elementwise(np.add,         operator.add,   lambda g, _z, _x, _y: g,    lambda g, _z, _x, _y: g,
                       public="", numpy="x + y", notation=written.SUM)
subtract = Elementwise(np.subtract,    operator.sub,   lambda g, _z, _x, _y: g,    lambda g, _z, _x, _y: -g,
                       public="", numpy="x - y", notation=written.DIFFERENCE)
multiply = Elementwise(np.multiply,    operator.mul,   lambda g, _z, _x, y: g * y, lambda g, _z, x, _y: g * x,
                       public="multiply mul", numpy="x * y", notation=written.PRODUCT)
divide   = Elementwise(np.true_divide, float_kernels.divide,
                       lambda g, _z, _x, y: g / y, lambda g, z, _x, y: -g * z / y,
                       public="true_divide", numpy="x / y", notation=written.QUOTIENT,
                       advice="Keep the divisor away from 0, as in x / (y + 1e-12).",
                       slope_advice="its derivative -x / y² grows without bound near y = 0: keep y away from 0")
power    = Elementwise(array_kernels.power, float_kernels.power, _power_base, _power_exponent, public="", kinds="fiu",
                       numpy="x ** y", javascript="x === 1 ? 1 : x ** y", notation=written.POWER,
                       advice="0 to a negative power is infinite, a negative number to a fractional power is nan.",
                       slope_advice="an exponent below 1 has an infinite derivative at 0: keep the base away from 0")
maximum  = Elementwise(np.maximum,     float_kernels.maximum,  # at a tie half each, at nan all to both
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(less(x, y), 0, g)),
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(greater(x, y), 0, g)),
                       numbers="none", in_place=False, javascript="Math.max(x, y)", notation=written.function("max"))
minimum  = Elementwise(np.minimum,     float_kernels.minimum,
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(greater(x, y), 0, g)),
                       lambda g, _z, x, y: where(equal(x, y), g / 2, where(less(x, y), 0, g)),
                       numbers="none", in_place=False, javascript="Math.min(x, y)", notation=written.function("min"))

# Of a bound and a number that are equal the number takes the gradient.
clamp_min = Elementwise(np.maximum,    float_kernels.maximum,  lambda g, _z, x, y: where(greater_equal(x, y), g, 0),
                        lambda g, _z, x, y: where(less(x, y), g, 0),
                        name="clamp_min", public="", javascript="Math.max(x, y)")
clamp_max = Elementwise(np.minimum,    float_kernels.minimum,  lambda g, _z, x, y: where(less_equal(x, y), g, 0),
                        lambda g, _z, x, y: where(greater(x, y), g, 0),
                        name="clamp_max", public="", javascript="Math.min(x, y)")
# fmt: on
