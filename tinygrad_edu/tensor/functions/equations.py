"""Equations of Einstein summation: `ij,jk->ik` and its other spellings, as names for each dimension."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.operation import Tracer

Names = tuple[Any, ...]
_REST = "..."


def parsed(*args: Any) -> tuple[Sequence[Any], list[Names], Names]:
    """The operands of `einsum(*args)`, the names of the dimensions of each, and those of the result."""
    operands, equation = _separated(args)
    if not operands or not all(isinstance(x, Tracer) for x in operands):
        raise TypeError(f"einsum needs one Tensor or more, got {short(operands)}")
    names, result = _understood(equation, tuple(tuple(x.shape) for x in operands))
    return operands, names, result


def _separated(args: tuple[Any, ...]) -> tuple[Sequence[Any], str | tuple[Names, ...]]:
    """The operands; and the equation, or the lists of numbers that stand for one."""
    if args and isinstance(args[0], str):
        several = len(args) == 2 and isinstance(args[1], list | tuple)
        return args[1] if several else args[1:], args[0]
    pairs = len(args) // 2
    lists = [*args[1 : 2 * pairs : 2], *args[2 * pairs :]]
    if not lists or not all(isinstance(numbers, list | tuple) for numbers in lists):
        raise TypeError(
            f"einsum needs an equation, or operands and lists of numbers in turn, got {short(args)}"
        )
    return args[: 2 * pairs : 2], tuple(tuple(map(_number, numbers)) for numbers in lists)


@functools.lru_cache(maxsize=256)
def _understood(
    equation: str | tuple[Names, ...], shapes: tuple[tuple[int, ...], ...]
) -> tuple[list[Names], Names]:
    """The names of the dimensions of operands of these shapes, and those of the result."""
    terms, result = _split(equation, len(shapes))
    if len(terms) != len(shapes):
        raise ValueError(f"einsum needs one term for each operand, got {len(terms)} for {len(shapes)}")
    names = [_named(i, len(shape), term) for i, (shape, term) in enumerate(zip(shapes, terms))]
    _check_sizes(shapes, names)
    rest = max(len(shape) - len(term) + 1 if _REST in term else 0 for shape, term in zip(shapes, terms))
    return names, _result(names, result, rest)


def _split(equation: str | tuple[Names, ...], operands: int) -> tuple[Sequence[Names], Names | None]:
    """The terms of an equation, and its result if it has one."""
    if isinstance(equation, tuple):
        return equation[:operands], equation[operands] if len(equation) > operands else None
    inputs, arrow, result = equation.replace(" ", "").partition("->")
    terms = [_letters(equation, term) for term in inputs.split(",")]
    return terms, _letters(equation, result) if arrow else None


def _letters(equation: str, term: str) -> Names:
    before, rest, after = term.partition(_REST)
    for letter in before + after:
        if not (letter.isascii() and letter.isalpha()):
            raise ValueError(f"einsum needs letters from a to z or A to Z, got {letter!r} in {equation!r}")
    return (*before, *([_REST] if rest else []), *after)


def _number(number: Any) -> Any:
    if number is ...:
        return _REST
    if not isinstance(number, int) or not 0 <= number < 52:
        raise ValueError(f"einsum needs numbers from 0 to 51 in its lists, got {number!r}")
    return number


def _named(operand: int, ndim: int, term: Names) -> Names:
    """A name for each dimension: of what `...` stands for, its place counted from the back."""
    if term.count(_REST) > 1:
        raise ValueError(
            f"einsum needs `...` once in a term, got it {term.count(_REST)} times for operand {operand}"
        )
    count = ndim - len(term) + 1 if _REST in term else 0
    if count < 0 or len(term) - (_REST in term) + count != ndim:
        raise ValueError(
            f"einsum needs a name for each of the {ndim} dimensions of operand {operand}, got {len(term)}"
        )
    return _filled(term, count)


def _filled(term: Names, count: int) -> Names:
    """The term with names for the `count` dimensions of its `...`."""
    if _REST not in term:
        return term
    place = term.index(_REST)
    return (*term[:place], *((_REST, -i) for i in range(count, 0, -1)), *term[place + 1 :])


def _check_sizes(shapes: Sequence[tuple[int, ...]], terms: list[Names]) -> None:
    """Refuse a name with two sizes, of which none is 1; on one operand they must be equal."""
    sizes: dict[Any, int] = {}
    for i, (shape, names) in enumerate(zip(shapes, terms)):
        own: dict[Any, int] = {}
        for name, n in zip(names, shape):
            known = own.setdefault(name, n)
            if known != n:
                raise ValueError(
                    f"einsum needs one size for an index, got {known} and {n} for {name!r} of operand {i}"
                )
            if n != 1 and sizes.setdefault(name, n) != n:
                raise ValueError(
                    f"einsum needs one size for an index, got {sizes[name]} and {n} for {name!r}"
                )


def _result(terms: list[Names], result: Names | None, rest: int) -> Names:
    counts = Counter(name for names in terms for name in names)
    if result is None:
        once = [name for name, count in counts.items() if count == 1 and not isinstance(name, tuple)]
        return _filled((_REST, *sorted(once)), rest)
    if result.count(_REST) > 1 or any(result.count(name) > 1 for name in result):
        raise ValueError(f"einsum needs every index once in the result, got {result}")
    missing = [name for name in result if name != _REST and name not in counts]
    if missing:
        raise ValueError(
            f"einsum needs the indices of the result among those of the operands, got {missing[0]!r}"
        )
    return _filled(result, rest)
