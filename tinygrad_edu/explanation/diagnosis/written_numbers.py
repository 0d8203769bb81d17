"""Numbers as people write them: between what each may lie.

`0.12` beside `1.5` may be rounded to two decimals or to two significant figures, and Python and JSON drop zeros at the
end (`1.5` for `1.50`). Numbers of few figures may come of a computation in single precision. Numbers count as wrong
only if they are wrong in every such reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.reading.nodes import Array

MAX_FIGURES = 9  # significant ones; with more, numbers are neither rounded by hand nor of single precision
HALF_FIGURES = 5  # more than half precision has: numbers that fit it are rounded to it
SINGLE_FIGURES = 8  # as single precision is printed, with nine at most
MIN_FIGURES = 2  # nobody rounds to one significant figure
LOST_ZEROS = 0.25  # the share of numbers that may end in a zero which is not seen
SAMPLE = 100  # numbers by which a large array is known to be unrounded
BITS = {"float16": 11, "float32": 24}
PRINTED_FIGURES = {"float32": 7}  # of numbers that were rounded; one with more shows all that it holds
# Relative errors: of two ways to compute a number in double precision and in single precision, and of one that was
# computed in single precision before it was rounded.
DOUBLE_ERROR, SINGLE_ERROR, CARRIED_ERROR = 1e-9, 1e-5, 1e-6
MAX_ERROR = 1e-3  # relative: worse numbers are not read as rounding errors of single precision
MAX_HALF_ERROR = 0.02  # the same of half precision, in which a tenth more is still another number
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
        reach = self.likely(digits, scale)
        if not self.rounded and self.bits == 53:
            return reach
        error = np.clip(WIDER * noise, 2 * CARRIED_ERROR * scale, MAX_ERROR * scale)
        if self.bits < BITS["float32"]:
            error = np.minimum(error * 2.0 ** (BITS["float32"] - self.bits), MAX_HALF_ERROR * scale)
        reach = np.maximum(reach, np.abs(self.numbers) * 2.0**-self.held)
        if digits is None and self.rounded:
            reach = np.maximum(reach, np.maximum(self._half_of_own(), self._half_of_figures()))
        return reach + error

    def _half_of_figures(self) -> Array:
        """Half a unit of the last significant figure of each number, if all have as many as the one with the most."""
        if self.figures < MIN_FIGURES:
            return np.zeros(self.numbers.shape)
        return np.asarray(0.5 * 10.0 ** (self._places - self.figures + 1))

    def _half_of_own(self) -> Array:
        """Half a unit of the last digit that each number shows; 1 may be 1.0, and 0 was rounded as others were."""
        known = self.decimals[self.numbers != 0]
        of_zero = max(np.quantile(known, LOST_ZEROS, method="lower"), MIN_FIGURES) if known.size else np.inf
        of_whole = np.where(self.numbers == 0, of_zero, MIN_FIGURES - 1 - self._places)
        decimals = np.where(self.decimals > 0, self.decimals, np.maximum(self.decimals, of_whole))
        return np.asarray(0.5 * 10.0**-decimals)

    @property
    def _places(self) -> Array:
        """The power of ten of the first figure of each number; that of 0 is below all."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.floor(np.log10(np.abs(self.numbers))))


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
    """The numbers of `array`, which were written as `texts`, or else as Python writes them."""
    precise = array.dtype.name in BITS
    numbers, bits = array.astype(float), BITS.get(array.dtype.name, 53)
    held = min(bits, _bits(numbers))
    written = iter(texts or map(str, array.ravel() if precise else numbers.ravel().tolist()))
    places = [_places(text, typed=texts is not None) for text in islice(written, SAMPLE)]
    if max((figures for _, figures in places), default=0) <= MAX_FIGURES:
        places += [_places(text, typed=texts is not None) for text in written]
    figures = max((figures for _, figures in places), default=0)
    bits = held if figures >= HALF_FIGURES else bits
    if figures > PRINTED_FIGURES.get(array.dtype.name, MAX_FIGURES):
        figures = max(figures, MAX_FIGURES + 1)
        return Written(numbers, np.zeros(array.shape, int), figures, held, held)
    decimals = np.array([decimals for decimals, _ in places], int)
    return Written(numbers, decimals.reshape(array.shape), figures, bits, held)


def _places(text: str, typed: bool) -> tuple[int, int]:
    """The decimals and the significant figures of a number; of 0.50 two if it was typed so, for Python drops the 0."""
    number = Decimal(text)
    _, digits, exponent = (number if typed and "." in text else number.normalize()).as_tuple()
    return -int(exponent), len(digits) if number else 0


def _bits(numbers: Array) -> int:
    """The bits of the lowest precision that holds these numbers."""
    with np.errstate(over="ignore"):
        fitting = [bits for name, bits in BITS.items() if np.array_equal(numbers.astype(name), numbers)]
    return min(fitting, default=53)
