"""The numbers in front of a product: exact quotients that keep the divisors of the formula.

2 (p − y) / 6 stays that, as 6 is the number of examples; 2 / (2 · 6) is 1 / 6.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

MAX_DENOMINATOR = 64  # of a float that is written as a quotient: halves, quarters, ... are exact
MAX_QUOTIENT = 1_000  # the denominator of a float that is the quotient of whole numbers: 1/31
MAX_CHARACTERS = 12  # of a float that is written as it is
_MAX_EXACT = 2**52  # beyond, floats are not exact whole numbers


class NumberError(ArithmeticError):
    """Infinite, not a number, or too large to be exact."""


@dataclass(frozen=True, eq=False)
class Number:
    """`above / below`, the divisors one by one. `above` is whole, or a float such as 0.1."""

    above: int | float = 1
    below: tuple[int, ...] = ()

    @property
    def divisor(self) -> int:
        """The product of the divisors `below`."""
        return math.prod(self.below)

    @property
    def value(self) -> Any:
        """A plain number: an int if it is whole, a Fraction if it is exact."""
        if isinstance(self.above, float):
            return self.above / self.divisor
        fraction = Fraction(self.above, self.divisor)
        return fraction.numerator if fraction.denominator == 1 else fraction

    def __mul__(self, other: Number | int) -> Number:
        other = other if isinstance(other, Number) else Number(other)
        return cancelled(self.above * other.above, self.below + other.below)

    def __add__(self, other: Number) -> Number:
        if self.below == other.below:
            return cancelled(self.above + other.above, self.below)
        return exact(self.value + other.value)

    def __neg__(self) -> Number:
        return Number(-self.above, self.below)

    def __abs__(self) -> Number:
        return Number(abs(self.above), self.below)

    def __pow__(self, power: int) -> Number:
        result = Number()
        for _ in range(abs(power)):
            result = result * (self if power > 0 else self.inverse())
        return result

    def inverse(self) -> Number:
        """1 / self."""
        if isinstance(self.above, float):
            return Number(self.divisor / self.above)
        return cancelled(self.divisor if self.above > 0 else -self.divisor, (abs(self.above),))

    def is_(self, number: int) -> bool:
        """True if self is that whole number."""
        return bool(self.above == number and not self.below) or (number == 0 and self.above == 0)


def cancelled(above: int | float, below: tuple[int, ...]) -> Number:
    """The quotient without divisors that go into `above`."""
    if not math.isfinite(above) or abs(above) > _MAX_EXACT:
        raise NumberError
    if isinstance(above, float):
        quotient = _quotient(above)
        if quotient is None:
            return Number(above, below)
        return cancelled(quotient.numerator, (*below, quotient.denominator))
    left = []
    for divisor in sorted(below, reverse=True):
        if above % divisor == 0:
            above //= divisor
        else:
            left.append(divisor)
    return Number(above, tuple(left))


def exact(x: Any) -> Number:
    """A plain number, exact where that can be written. Raises `NumberError`."""
    if not math.isfinite(x) or abs(x) > _MAX_EXACT:
        raise NumberError
    if isinstance(x, float):
        return cancelled(x, ())
    fraction = Fraction(x)
    return cancelled(fraction.numerator, (fraction.denominator,))


def _quotient(x: float) -> Fraction | None:
    """The whole numbers of which `x` is the quotient: 1/31 and 0.25, but not 0.1, which stays as it is written."""
    fraction = Fraction(x)
    if fraction.denominator <= MAX_DENOMINATOR:
        return fraction
    fraction = fraction.limit_denominator(MAX_QUOTIENT)
    return fraction if float(fraction) == x and len(str(x)) > MAX_CHARACTERS else None


def shared(numbers: list[Number]) -> Number:
    """The greatest number of which all `numbers` are whole multiples; 1 if there is none."""
    if any(isinstance(n.above, float) for n in numbers):
        even = all(n.above in (numbers[0].above, -numbers[0].above) for n in numbers)
        even = even and all(n.below == numbers[0].below for n in numbers)
        return abs(numbers[0]) if even else Number()
    above = math.gcd(*(int(n.above) for n in numbers))
    if all(n.below == numbers[0].below for n in numbers):
        return cancelled(above, numbers[0].below)
    fractions = [Fraction(n.value) for n in numbers]
    return exact(
        Fraction(math.gcd(*(f.numerator for f in fractions)), math.lcm(*(f.denominator for f in fractions)))
    )
