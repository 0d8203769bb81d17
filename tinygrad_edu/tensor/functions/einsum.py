"""Einstein summation: sums of products over named dimensions, composed of transposes, products of matrices and sums.

NumPy reads the equation and gives each dimension a letter. A dimension of size 1 repeats itself for whatever it is
multiplied with.
"""

from __future__ import annotations

import functools
import math
import string
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import contractions
from tinygrad_edu.tensor.functions.diagonals import diagonal
from tinygrad_edu.tensor.functions.public import public

Data = Any
Named = tuple[Data, str]  # a tensor, and a letter for each of its dimensions
_LETTERS = string.ascii_uppercase + string.ascii_lowercase


@public(method=False)
def einsum(*args: Any) -> Data:
    """The sum of products over all indices that the result has not: `einsum("ij,jk->ik", x, y)` is `x @ y`.

    Without `->` the result has the indices that occur once, in the order of the alphabet; `...` stands for any further
    dimensions, which broadcast; an index twice on one operand takes its diagonal. The same in numbers:
    `einsum(x, [0, 1], y, [1, 2], [0, 2])`. Raises `ValueError` for an equation that does not fit its operands.
    """
    equation, operands = _separated(args)
    if not operands or not all(isinstance(x, Tracer) for x in operands):
        raise TypeError(f"einsum needs one Tensor or more, got {short(operands)}")
    *terms, result = _spelled(equation, tuple(tuple(x.shape) for x in operands))
    size = {name: n for x, term in zip(operands, terms) for name, n in zip(term, x.shape) if n != 1}
    x, names = _diagonal(operands[0], terms[0])
    for i in range(1, len(operands)):
        y, of_y = _diagonal(operands[i], terms[i])
        x, names = _product(x, names, y, of_y, size, later=result + "".join(terms[i + 1 :]))
    return _arranged(*_summed(x, names, result), result)


def _separated(args: tuple[Any, ...]) -> tuple[str, Sequence[Any]]:
    """The equation and the operands, from text and operands, or from operands and lists of numbers in turn."""
    if args and isinstance(args[0], str):
        several = len(args) == 2 and isinstance(args[1], list | tuple)
        return args[0], args[1] if several else args[1:]
    pairs = len(args) // 2
    lists = [*args[1 : 2 * pairs : 2], *args[2 * pairs :]]
    if not lists or not all(isinstance(numbers, list | tuple) for numbers in lists):
        raise TypeError(
            f"einsum needs an equation, or operands and lists of numbers in turn, got {short(args)}"
        )
    terms = ["".join(map(_letter, numbers)) for numbers in lists]
    return ",".join(terms[:pairs]) + "".join(f"->{term}" for term in terms[pairs:]), args[: 2 * pairs : 2]


def _letter(number: Any) -> str:
    if number is not ... and not (isinstance(number, int) and 0 <= number < 52):
        raise ValueError(f"einsum needs numbers from 0 to 51 in its lists, got {number!r}")
    return "..." if number is ... else _LETTERS[number]


@functools.lru_cache(maxsize=256)
def _spelled(equation: str, shapes: tuple[tuple[int, ...], ...]) -> list[str]:
    """The terms of an equation and its result, with a letter for each dimension, also for those of `...`."""
    try:
        report = np.einsum_path(equation, *(np.broadcast_to(0, shape) for shape in shapes), optimize=False)[1]
    except (ValueError, IndexError) as error:
        raise ValueError(f"einsum cannot take {equation!r} for shapes {shapes}; {error}") from None
    spelled = report.partition("Complete contraction:")[2].split()[0]
    return spelled.replace("->", ",").split(",")


def _diagonal(x: Data, names: str) -> Named:
    """The diagonal over letters that are there twice."""
    while repeated := next((name for name in names if names.count(name) > 1), None):
        first, second = names.index(repeated), names.rindex(repeated)
        if x.shape[first] != x.shape[second]:
            raise ValueError(f"einsum needs one size for {repeated!r} on one operand, got shape {x.shape}")
        x = diagonal(x, 0, first, second)
        names = names[:first] + names[first + 1 : second] + names[second + 1 :] + repeated
    return x, names


def _summed(x: Data, names: str, kept: str) -> Named:
    """The sum over all names but the kept ones."""
    dims = tuple(i for i, name in enumerate(names) if name not in kept)
    return (x.sum(dims) if dims else x), "".join(name for name in names if name in kept)


def _without(names: str, others: str) -> str:
    return "".join(name for name in names if name not in others)


def _product(x: Data, of_x: str, y: Data, of_y: str, size: dict[str, int], later: str) -> Named:
    """The product of two operands, summed over what nobody needs later: stacks of matrices multiplied."""
    x, of_x = _summed(x, of_x, later + of_y)
    y, of_y = _summed(y, of_y, later + of_x)
    rows, columns = _without(of_x, of_y), _without(of_y, of_x)
    shared = _without(of_x, rows)
    over = _without(shared, later)
    stack = _without(shared, over)
    left = _grouped(x, of_x, size, *stack, rows, over)
    right = _grouped(y, of_y, size, *stack, over, columns)
    product = contractions.matmul(left, right) if over else left * right
    names = stack + rows + columns
    return _reshaped(product, [size.get(name, 1) for name in names]), names


def _grouped(x: Data, names: str, size: dict[str, int], *groups: str) -> Data:
    """The dimensions in their whole sizes, those of each group as one."""
    x = _arranged(x, names, "".join(groups))
    whole = [size.get(name, 1) for name in "".join(groups)]
    x = x if list(x.shape) == whole else x.expand(whole)
    return _reshaped(x, [math.prod(size.get(name, 1) for name in group) for group in groups])


def _arranged(x: Data, names: str, wanted: str) -> Data:
    return x if names == wanted else x.permute([names.index(name) for name in wanted])


def _reshaped(x: Data, sizes: list[int]) -> Data:
    return x if list(x.shape) == sizes else x.reshape(sizes)
