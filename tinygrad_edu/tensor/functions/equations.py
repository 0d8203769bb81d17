"""Equations of Einstein summation: `ij,jk->ik` and its other spellings, as names for each dimension."""

from __future__ import annotations

from collections import Counter
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.operation import Tracer

Names = tuple[Any, ...]
_REST = "..."


def parsed(*args: Any) -> tuple[list[Any], list[Names], Names]:
    """The operands of `einsum(*args)`, the names of the dimensions of each, and those of the result."""
    if args and isinstance(args[0], str):
        operands, terms, result = _from_text(*args)
    else:
        operands, terms, result = _from_lists(args)
    if not operands or not all(isinstance(x, Tracer) for x in operands):
        raise TypeError(f"einsum needs one Tensor or more, got {short(operands)}")
    if len(terms) != len(operands):
        raise ValueError(f"einsum needs one term for each operand, got {len(terms)} for {len(operands)}")
    rest = max(x.ndim - len(term) + 1 if _REST in term else 0 for x, term in zip(operands, terms))
    names = [_named(i, x.ndim, term) for i, (x, term) in enumerate(zip(operands, terms))]
    _check_sizes(operands, names)
    return operands, names, _result(names, result, rest)


def _from_text(equation: str, *operands: Any) -> tuple[list[Any], list[Names], Names | None]:
    if len(operands) == 1 and isinstance(operands[0], list | tuple):
        operands = tuple(operands[0])
    inputs, arrow, result = equation.replace(" ", "").partition("->")
    return (
        list(operands),
        [_letters(equation, term) for term in inputs.split(",")],
        _letters(equation, result) if arrow else None,
    )


def _letters(equation: str, term: str) -> Names:
    before, rest, after = term.partition(_REST)
    for letter in before + after:
        if not (letter.isascii() and letter.isalpha()):
            raise ValueError(f"einsum needs letters from a to z or A to Z, got {letter!r} in {equation!r}")
    return (*before, *([_REST] if rest else []), *after)


def _from_lists(args: Any) -> tuple[list[Any], list[Names], Names | None]:
    """`x, [0, 1], y, [1, 2], [0, 2]`."""
    pairs = len(args) // 2
    lists = [*args[1 : 2 * pairs : 2], *args[2 * pairs :]]
    if not lists or not all(isinstance(numbers, list | tuple) for numbers in lists):
        raise TypeError(
            f"einsum needs an equation, or operands and lists of numbers in turn, got {short(args)}"
        )
    terms = [tuple(map(_number, numbers)) for numbers in lists]
    return list(args[: 2 * pairs : 2]), terms[:pairs], terms[pairs] if len(terms) > pairs else None


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


def _check_sizes(operands: list[Any], terms: list[Names]) -> None:
    """Refuse a name with two sizes, of which none is 1; on one operand they must be equal."""
    sizes: dict[Any, int] = {}
    for i, (x, names) in enumerate(zip(operands, terms)):
        own: dict[Any, int] = {}
        for name, n in zip(names, x.shape):
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
