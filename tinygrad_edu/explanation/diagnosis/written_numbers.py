"""Numbers as people write them: between what each may lie.

`0.12` beside `1.5` may be rounded to two decimals or to two significant figures, and Python and JSON drop zeros at the
end (`1.5` for `1.50`). Numbers of few figures may come of a computation in single precision. Numbers count as wrong
only if they are wrong in every such reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.reading.nodes import Array

MAX_FIGURES = 9  # significant ones; with more, numbers are neither rounded by hand nor of single precision
HALF_FIGURES = 5  # more than half precision has: numbers that fit it are rounded to it
SINGLE_FIGURES = 8  # as single precision is printed, with nine at most
MIN_FIGURES = 2  # nobody rounds to one significant figure
LOST_ZEROS = 0.25  # the share of numbers that may end in a zero which is not seen
MIN_LOST = 2  # more zeros than that: each number has other digits
MAX_DIGITS = 16  # of numbers in double precision; nobody tells 16 from 17
BITS = {"float16": 11, "float32": 24}
PRINTED_FIGURES = 7  # of rounded numbers in single precision; one with more shows all that it holds
# Relative errors: of two ways to compute a number in double precision and in single precision, and of one that was
# computed in single precision before it was rounded.
DOUBLE_ERROR, SINGLE_ERROR, CARRIED_ERROR = 1e-9, 1e-5, 1e-6
MAX_ERROR = 1e-3  # relative: worse numbers are not read as rounding errors of single precision
MAX_HALF_ERROR = 0.02  # the same of half precision, in which a tenth more is still another number
SURE = 16  # times the error found, where single precision leaves little of a number
WIDER = 32  # times the error found in one computation in single precision, for those in another order
COMMA = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?")


@dataclass(frozen=True, eq=False)
class Written:
    """Numbers as handed in, the decimals that each shows (-3 for 12e3), and the most significant figures of any."""

    numbers: Array
    decimals: Array
    figures: int
    bits: int = 53  # of the precision in which they were computed, as far as that shows
    held: int = 53  # of the lowest precision that holds them

    @property
    def rounded(self) -> bool:
        """True if the numbers look rounded to decimals or figures."""
        return self.figures <= MAX_FIGURES

    @property
    def shown(self) -> int | None:
        """The decimals to which all look rounded; None if they do not, or are whole numbers."""
        most = int(self.decimals.max(initial=0))
        return most if self.rounded and most > 0 else None

    @property
    def _of_single_precision(self) -> bool:
        """True if there are as many figures as single precision has."""
        return SINGLE_FIGURES <= self.figures <= MAX_FIGURES

    def likely(self, digits: int | None, scale: float) -> Array:
        """How far each may be from the number that was rounded: to `digits` decimals, or to what all of them show.

        `scale` is the size of the right numbers.
        """
        if digits is None and (self.shown is None or self._of_single_precision):
            exact = SINGLE_ERROR if self.bits < 53 or self._of_single_precision else DOUBLE_ERROR
            return np.full(self.numbers.shape, exact * max(scale, np.abs(self.numbers).max(initial=0)))
        decimals = self.shown if digits is None else digits
        half = np.full(self.numbers.shape, 0.5 * 10.0 ** -float(decimals or 0))
        if digits is None:
            half = np.maximum(half, self._half_of_figures())
        return half + np.minimum(CARRIED_ERROR * scale, 0.2 * half) + 1e-12 * scale

    def most(self, digits: int | None, scale: float, noise: float) -> Array:
        """The same in the widest reading: rounded to what each shows, and computed in the lowest precision.

        `noise` is the error of single precision in the right numbers.
        """
        reach = np.maximum(self.likely(digits, scale), _half_of_spacing(self.numbers, self.held))
        if digits is None:
            reach = np.maximum(reach, np.maximum(self._half_of_own(), self._half_of_figures()))
        if not self.rounded and self.bits == 53:
            return np.asarray(reach)
        at_most = max(MAX_ERROR * scale, SURE * noise)
        error = np.clip(WIDER * noise, 2 * CARRIED_ERROR * scale, at_most)
        if self.bits < BITS["float32"]:
            error = np.minimum(error * 2.0 ** (BITS["float32"] - self.bits), MAX_HALF_ERROR * scale)
        return np.asarray(reach + error)

    def _half_of_figures(self) -> Array:
        """Half a unit of the last significant figure of each number, if all have as many as the one with the most."""
        if self.figures < MIN_FIGURES or not self.rounded:
            return np.zeros(self.numbers.shape)
        return np.asarray(0.5 * 10.0 ** (_places(self.numbers) - self.figures + 1))

    def _half_of_own(self) -> Array:
        """Half a unit of the last digit that each number shows, of 0 and 1 as the others suggest."""
        places = _places(self.numbers)
        figures = self.decimals + places + 1
        own = self.numbers != 0
        if not own.any():
            return np.zeros(self.numbers.shape)
        usual = np.quantile(self.decimals[own], LOST_ZEROS, method="lower")
        if np.mean(figures[own] > MAX_FIGURES) > 1 - LOST_ZEROS:  # 0 and 1 are exact
            decimals = np.where((figures < MIN_FIGURES) | (self.decimals <= 0), usual, self.decimals)
        else:  # 1 may be 1.0, and 0 was rounded as others were
            of_zero = 1 if _differ(self.decimals[own], figures[own]) else max(usual, MIN_FIGURES)
            of_whole = np.where(own, MIN_FIGURES - 1 - places, of_zero)
            decimals = np.where(self.decimals > 0, self.decimals, np.maximum(self.decimals, of_whole))
        return np.asarray(0.5 * 10.0 ** -decimals.astype(float))


def _differ(decimals: Array, figures: Array) -> bool:
    """True if numbers were rounded to decimals of their own: too many zeros at their ends would be lost otherwise."""
    lost = min(np.sum(most - shown) for most, shown in ((decimals.max(), decimals), (figures.max(), figures)))
    return bool(lost >= MIN_LOST + LOST_ZEROS * decimals.size)


def read(call: str, name: str, value: Any) -> Written:
    """`value` as numbers; they may be texts. Raises `TypeError` or `ValueError` for others than finite real numbers."""
    array = _array(value)
    if array is None:
        raise TypeError(f"{call} needs real numbers for {name}, got {type(value).__name__} {short(value)}")
    texts = [text.strip().replace("−", "-") for text in array.flat] if array.dtype.kind == "U" else None
    if texts is not None:
        array = np.array([_of_text(call, name, text) for text in texts]).reshape(array.shape)
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)]
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise ValueError(f"{call} needs finite numbers for {name}, got {bad[0]} at {where}; look there first")
    return _written(array, texts)


def as_numbers(call: str, name: str, value: Any) -> Array:
    """`value` as an array of floats. Raises as `read` does."""
    return read(call, name, value).numbers


def decimals_of(array: Array) -> int | None:
    """The decimals to which the numbers look rounded; None if they do not, or are whole numbers."""
    return _written(array, None).shown


def figures_of(array: Array) -> tuple[int, Array]:
    """The significant figures to which the numbers look rounded, and half a unit of the last one of each; 0 if none."""
    written = _written(array, None)
    rounded = written.rounded and written.figures >= MIN_FIGURES
    return written.figures if rounded else 0, written._half_of_figures()


def _array(value: Any) -> Array | None:
    """`value` as an array of real numbers or of texts; None if it is something else."""
    try:
        array = np.asarray(getattr(value, "raw", value))
        if array.dtype.kind == "O":
            return None if any(x is None for x in array.flat) else array.astype(float)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biufU" else None


def _of_text(call: str, name: str, text: str) -> float:
    if COMMA.fullmatch(text):
        right = text.replace(",", ".")
        raise ValueError(f"{call} needs a decimal point in {name}, got {text!r}; write {right}")
    try:
        return float(text)
    except ValueError:
        raise TypeError(
            f"{call} needs real numbers for {name}, got str {short(text)}; write them as 0.5 or 1.2e-3"
        ) from None


def _written(array: Array, texts: list[str] | None) -> Written:
    """The numbers of `array`, written as `texts`, or else as the lowest precision that holds them prints them."""
    numbers, bits = array.astype(float), BITS.get(array.dtype.name, 53)
    decimals, figures = _digits(numbers, 53) if texts is None else _typed(texts, array.shape)
    most = int(figures.max(initial=0))
    exact = np.spacing(np.abs(numbers))  # numbers of single precision often end in a 5 where they are rounded
    half = 0.5 * 10.0 ** -decimals.astype(float) + exact
    held = min(bits, _bits(numbers, half if most > MAX_FIGURES else 0.0))
    bits = held if most >= HALF_FIGURES else bits
    if texts is None and bits < 53:
        decimals, figures = _digits(numbers, bits)
        most = int(figures.max(initial=0))
        most = most if most <= PRINTED_FIGURES else MAX_FIGURES + 1
    return Written(numbers, decimals, most, bits, held)


def _typed(texts: list[str], shape: tuple[int, ...]) -> tuple[Array, Array]:
    """The decimals and the significant figures of each number; of 0.50 two."""
    decimals, figures = [], []
    for text in texts:
        number = Decimal(text)
        _, digits, exponent = (number if "." in text else number.normalize()).as_tuple()
        decimals.append(-int(exponent))
        figures.append(len(digits) if number else 0)
    return np.array(decimals, int).reshape(shape), np.array(figures, int).reshape(shape)


def _digits(numbers: Array, bits: int) -> tuple[Array, Array]:
    """The decimals and the significant figures of each number: the fewest that give it in this precision."""
    near = _half_of_spacing(numbers, bits)
    near = 4 * near if bits == 53 else near  # rounding itself has errors in double precision
    figures, places = np.where(numbers == 0, 0, MAX_DIGITS), _places(np.abs(numbers) + near)
    with np.errstate(all="ignore"):
        for count in range(MAX_DIGITS - 1, 0, -1):
            unit = 10.0 ** (places - count + 1)
            fits = np.abs(np.rint(numbers / unit) * unit - numbers) <= near
            figures = np.where(fits, np.minimum(figures, count), figures)
    return np.where(numbers == 0, 0, figures - 1 - places).astype(int), figures


def _places(numbers: Array) -> Array:
    """The power of ten of the first figure of each number; that of 0 is below all."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.floor(np.log10(np.abs(numbers))))


def _half_of_spacing(numbers: Array, bits: int) -> Array:
    """Half of the distance to the next number in this precision."""
    dtype = next((name for name, of in BITS.items() if of == bits), "float64")
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return np.abs(np.spacing(numbers.astype(dtype)).astype(float)) / 2


def _bits(numbers: Array, half: Array | float) -> int:
    """The bits of the lowest precision that holds numbers within `half` of these."""
    if not numbers.any():
        return 53
    with np.errstate(over="ignore"):
        fitting = [b for name, b in BITS.items() if (np.abs(numbers.astype(name) - numbers) <= half).all()]
    return min(fitting, default=53)
