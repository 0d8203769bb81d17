"""Where the numbers of an array stand in C: a name, and how the index is counted from the places in each dimension."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

C_TYPES = {
    "float64": "double", "float32": "float", "bool": "bool",
    "int64": "int64_t", "int32": "int32_t", "int16": "int16_t", "int8": "int8_t", "uint8": "uint8_t",
}  # fmt: skip

Place = str | int  # of an element in one dimension: a variable, an expression or a number
LOOSE, SUM, PRODUCT, ATOM = range(4)
_SIGNS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}
_CAST = re.compile(r"^\(\w+\)(?=\w)")
_NUMBER = re.compile(r"-[\w.+-]+")


@dataclass(frozen=True)
class Access:
    """The elements of an array: `name[offset + place * stride + ...]`, or one `text` for all of them."""

    name: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # counted in elements
    c_type: str
    offset: int = 0
    text: str = ""

    def at(self, *places: Place) -> str:
        """The element at these places, one for each dimension."""
        if self.text:
            return self.text
        first = self.offset
        terms: list[tuple[int, str]] = []
        for place, stride, n in zip(places, self.strides, self.shape, strict=True):
            if n == 1 or stride == 0:
                continue
            if isinstance(place, int):
                first += place * stride
            else:
                terms.append((-stride, place if stride == 1 else f"{bracketed(place)} * {stride}"))
        written = [text for _, text in sorted(terms, key=lambda term: term[0])]
        if first or not terms:
            written.append(str(first))
        return f"{self.name}[{' + '.join(written).replace('+ -', '- ')}]"

    def stretched(self, shape: Sequence[int]) -> Access:
        """The array broadcast to `shape`."""
        extra = len(shape) - len(self.shape)
        pairs = zip(self.shape, self.strides)
        strides = (0,) * extra + tuple(
            0 if n == 1 else stride for (n, stride), size in zip(pairs, shape[extra:])
        )
        return replace(self, shape=tuple(shape), strides=strides)

    def permuted(self, *dims: int) -> Access:
        """The array with its dimensions in another order."""
        return replace(
            self, shape=tuple(self.shape[d] for d in dims), strides=tuple(self.strides[d] for d in dims)
        )

    def reshaped(self, shape: Sequence[int], strides: Sequence[int]) -> Access:
        """The same memory, read in another way."""
        return replace(self, shape=tuple(shape), strides=tuple(strides))

    @property
    def is_dense(self) -> bool:
        """True if its numbers stand row by row without gaps."""
        return not self.text and all(
            n == 1 or s == d for n, s, d in zip(self.shape, self.strides, dense(self.shape))
        )


def bracketed(code: str, least: int = ATOM) -> str:
    """`code` in brackets, unless it binds as tightly as `least`."""
    return code if binding(code) >= least else f"({code})"


def binding(code: str) -> int:
    """How tightly an expression binds: an ATOM, a PRODUCT, a SUM or something LOOSE."""
    depth, found = 0, ATOM
    plain = _CAST.sub("", code)
    for before, sign, after in zip(f" {plain}", plain, f"{plain[1:]} "):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and before == after == " ":
            found = min(found, _SIGNS.get(sign, LOOSE if sign in "?:<>" else ATOM))
        elif (depth == 0 and sign in "!=&|~") or (depth == 0 and sign in "<>"):
            found = LOOSE
    return LOOSE if plain.startswith("-") and not _NUMBER.fullmatch(plain) else found


def dense(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of an array of `shape` that stands row by row."""
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


def merged(shape: Sequence[int], arrays: Iterable[Access]) -> tuple[tuple[int, ...], list[Access]]:
    """Arrays of one shape with as few dimensions as one loop for each of them needs."""
    arrays = list(arrays)
    kept: list[tuple[int, list[int]]] = []  # size, and the stride of each array
    for d, n in enumerate(shape):
        steps = [0 if x.text else x.strides[d] for x in arrays]
        if n == 1:
            continue
        if kept and all(outer == step * n for outer, step in zip(kept[-1][1], steps)):
            kept[-1] = kept[-1][0] * n, steps
        else:
            kept.append((n, steps))
    sizes = tuple(n for n, _ in kept)
    return sizes, [x.reshaped(sizes, [steps[number] for _, steps in kept]) for number, x in enumerate(arrays)]


def literal(x: Any, c_type: str) -> str:
    """A number as C writes it."""
    if c_type == "bool":
        return "true" if x else "false"
    if c_type not in ("double", "float"):
        return str(int(x))
    x = float(x)
    if np.isnan(x):
        return "NAN"
    if np.isinf(x):
        return "INFINITY" if x > 0 else "-INFINITY"
    return repr(float(np.float32(x)) if c_type == "float" else x) + ("f" if c_type == "float" else "")
