"""Sums and products taken apart into factors and terms, and put together again.

A product is a number and factors with whole powers; a sum is a list of products. Operations that only repeat numbers
(`expand`) are left out, as elementwise operations repeat numbers anyway.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops.shape import expand, reshape
from tinygrad_edu.symbolic.expression import Expression, filled, number_in, symbols_in
from tinygrad_edu.symbolic.simplification.equality import equal
from tinygrad_edu.symbolic.simplification.rationals import Number, NumberError, exact

MAX_TERMS = 24  # or factors: longer sums and products stay as they are
_SUMS = {ops.add: 1, ops.subtract: -1}
_MAX_POWER = 8
_TARGETS = {"y", "t", "target", "targets", "label", "labels"}


class LengthError(NumberError):  # one `except` for both reasons to leave a formula alone
    """More terms or factors than anybody wants to read."""


@dataclass
class Product:
    """`number * base ** power * ...`."""

    number: Number = field(default_factory=Number)
    factors: list[tuple[Expression, int]] = field(default_factory=list)

    def times(self, base: Expression, power: int) -> None:
        """Multiply by `base ** power`; powers of one base are added. Differences run the same way: p − y, 1 − p."""
        if base.operation is ops.subtract and _order(base.inputs[1]) < _order(base.inputs[0]):
            base = base.inputs[1] - base.inputs[0]
            self.number = -self.number if power % 2 else self.number
        for i, (other, before) in enumerate(self.factors):
            if equal(base, other):
                self.factors[i] = (other, before + power)
                if not before + power:
                    del self.factors[i]
                return
        if len(self.factors) >= MAX_TERMS:
            raise LengthError
        self.factors.append((base, power))

    def joined(self, other: Product) -> Product:
        """The product of self and `other`."""
        result = Product(self.number * other.number, list(self.factors))
        for base, power in other.factors:
            result.times(base, power)
        return result

    def parted(self, is_chosen: Callable[[Expression], bool]) -> tuple[Product, Product]:
        """The number with the chosen factors, and the other factors."""
        chosen = Product(self.number, [(base, power) for base, power in self.factors if is_chosen(base)])
        return chosen, Product(factors=[(base, power) for base, power in self.factors if not is_chosen(base)])

    @property
    def is_one(self) -> bool:
        """True for the empty product."""
        return self.number.is_(1) and not self.factors

    def same_factors(self, other: Product) -> bool:
        """True if only the numbers differ."""
        return len(self.factors) == len(other.factors) and all(
            any(power == p and equal(base, b) for b, p in other.factors) for base, power in self.factors
        )


def _order(x: Any) -> tuple[bool, str]:
    """A key to sort by the first name in `x`: numbers, names, and last the targets."""
    name = next((part.name for part in symbols_in(x)), "")
    return name.lower() in _TARGETS, name


def bare(x: Any) -> Any:
    """`x` without operations that only repeat numbers or add dimensions of size 1 in front; a number alone."""
    while isinstance(x, Expression) and x.operation in (expand, reshape):
        inner = x.inputs[0]
        if x.operation is reshape and x.shape != (1,) * (x.ndim - inner.ndim) + inner.shape:
            break
        x = inner
    return x


def product_of(x: Any) -> Product:
    """`x` as one product. Raises `LengthError`."""
    result = Product()
    waiting = [(x, 1)]
    while waiting:
        part, power = waiting.pop()
        part = bare(part)
        if not isinstance(part, Expression):
            if power < 0 and part == 0:
                raise LengthError  # a division by zero stays as it is written
            result.number = result.number * exact(part) ** power
        elif part.operation is ops.multiply:
            waiting += [(part.inputs[1], power), (part.inputs[0], power)]
        elif part.operation is ops.divide:
            waiting += [(part.inputs[1], -power), (part.inputs[0], power)]
        elif part.operation is ops.negative:
            result.number = -result.number if power % 2 else result.number
            waiting.append((part.inputs[0], power))
        elif whole_power(part):
            waiting.append((part.inputs[0], power * int(number_in(part.inputs[1]))))
        else:
            result.times(part, power)
    return result


def whole_power(x: Expression) -> bool:
    """True if `x` is a small whole power."""
    exponent = number_in(x.inputs[1]) if x.operation is ops.power else None
    return isinstance(exponent, int | float) and exponent == exponent // 1 and 0 < exponent <= _MAX_POWER


def terms_of(x: Any) -> list[Product]:
    """`x` as a sum of products, like terms added up. Raises `LengthError`."""
    found: list[Product] = []
    waiting: list[tuple[Any, int]] = [(x, 1)]
    while waiting:
        part, sign = waiting.pop()
        part = bare(part)
        operation = part.operation if isinstance(part, Expression) else None
        if operation in _SUMS:
            waiting += [(part.inputs[1], sign * _SUMS[operation]), (part.inputs[0], sign)]
        elif operation is ops.negative:
            waiting.append((part.inputs[0], -sign))
        else:
            term = product_of(part)
            term.number = term.number * sign
            found.append(term)
        if len(found) > MAX_TERMS:
            raise LengthError
    return collected(found)


def collected(terms: Iterable[Product]) -> list[Product]:
    """The terms, like ones added up, without terms that vanish."""
    found: list[Product] = []
    for term in terms:
        for i, other in enumerate(found):
            if term.same_factors(other) and not _would_hide(term, other):
                found[i] = Product(other.number + term.number, other.factors)
                break
        else:
            found.append(term)
    return [term for term in found if not term.number.is_(0)]


def _would_hide(a: Product, b: Product) -> bool:
    """True if one term is a number too small to be seen beside the other, as in 1 − p + 1e−10."""
    sizes = sorted(abs(float(p.number.value)) for p in (a, b))
    return not a.factors and 0 < sizes[0] < 1e-5 * sizes[1]


# Putting together.


def is_sum(x: Any) -> bool:
    """True if `x` is written with + or −."""
    return isinstance(x, Expression) and x.operation in _SUMS


def product(p: Product) -> Any:
    """`p` written out: `−2 a b / (3 c)`. A minus sign goes into a difference."""
    number, factors = p.number, list(p.factors)
    if number.above < 0:
        turned = _turned(factors)
        if turned is not None:
            number, factors = -number, turned
    if not factors and not number.below:
        return number.above
    factors.sort(key=_place(factors))
    top, bottom = abs(number.above), number.divisor
    above: list[Any] = [_power(base, power) for base, power in factors if power > 0]
    below: list[Any] = [_power(base, -power) for base, power in factors if power < 0]
    upper = _multiplied(([top] if top != 1 or not above else []) + above)
    lower = _multiplied(([bottom] if bottom != 1 else []) + below)
    whole = upper if lower is None else ratio(upper, lower)
    return -whole if number.above < 0 else whole


def _place(factors: list[tuple[Expression, int]]) -> Callable[[tuple[Expression, int]], tuple[bool, str]]:
    """A key to sort factors: 2 x (1 − y), not 2 (1 − y) x; and single numbers by name, x y."""
    names = [base for base, _ in factors if base.operation is None]
    single = all(base.shape == () for base in names)

    def place(factor: tuple[Expression, int]) -> tuple[bool, str]:
        base = factor[0]
        name = base.name if single and base.operation is None else ""
        return base.mask or isinstance(base.operation, ops.Elementwise), name

    return place


def ratio(x: Any, y: Any) -> Expression:
    """x / y, undivided also for plain numbers."""
    sizes = [part.shape for part in (x, y) if isinstance(part, Expression)]
    return Expression(shape=np.broadcast_shapes(*sizes), operation=ops.divide, inputs=(x, y))


def _turned(factors: list[tuple[Expression, int]]) -> list[tuple[Expression, int]] | None:
    for i, (base, power) in enumerate(factors):
        if power == 1 and base.operation is ops.subtract:
            left, right = base.inputs
            return [*factors[:i], (right - left, 1), *factors[i + 1 :]]
    return None


def _power(base: Expression, power: int) -> Any:
    return base if power == 1 else base**power


def _multiplied(parts: list[Any]) -> Any:
    return functools.reduce(lambda x, y: x * y, parts) if parts else None


def total(terms: list[Product]) -> Any:
    """The sum written out, beginning with a positive term."""
    if not terms:
        return 0
    first = next((term for term in terms if term.number.above > 0), None)
    if first is None:
        return -total([Product(-term.number, term.factors) for term in terms])
    result = product(first)
    for term in terms:
        if term is not first:
            part = product(Product(abs(term.number), term.factors))
            result = result - part if term.number.above < 0 else result + part
    return result


def shaped(x: Any, shape: tuple[int, ...]) -> Expression:
    """`x`, an expression or a plain number, repeated to `shape` if its shape is another."""
    if not isinstance(x, Expression):
        return filled(x, shape)
    if x.shape == shape:
        return x
    return Expression(shape=shape, operation=expand, inputs=(x,), settings={"shape": shape})
