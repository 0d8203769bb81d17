"""Einstein summation: sums of products over named indices, composed of transposes, products of matrices and sums.

A tensor and the name of each of its dimensions is a `Named`. A dimension of size 1 repeats itself for whatever it is
multiplied with, so it is left out here and comes back, if it is asked for, in the result.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.ops import contractions
from tinygrad_edu.tensor.functions.equations import parsed
from tinygrad_edu.tensor.functions.public import public

Data = Any
Names = tuple[Any, ...]
Named = tuple[Data, Names]


@public(method=False)
def einsum(*args: Any) -> Data:
    """The sum of products over all indices that the result has not: `einsum("ij,jk->ik", x, y)` is `x @ y`.

    Without `->` the result has the indices that occur once, in the order of the alphabet; `...` stands for any further
    dimensions, which broadcast; an index twice on one operand takes its diagonal. The same in numbers:
    `einsum(x, [0, 1], y, [1, 2], [0, 2])`. Raises `ValueError` for an equation that does not fit its operands.
    """
    operands, terms, result = parsed(*args)
    return contracted(list(zip(operands, terms)), result)


def contracted(operands: list[Named], result: Names) -> Data:
    """The products of all operands, summed over the names that the result has not."""
    left = _diagonal(*operands[0])
    for i, operand in enumerate(operands[1:], 2):
        later = {*result, *(name for _, names in operands[i:] for name in names)}
        left = _pair(_without_ones(*left), _without_ones(*_diagonal(*operand)), later)
    x, names = _summed(*left, set(result))
    return _arranged(x, names, result)


def _diagonal(x: Data, names: Names) -> Named:
    """The diagonal over all dimensions of one name, so that each name is there once."""
    for name in dict.fromkeys(names):
        while names.count(name) > 1:
            first, second = [i for i, other in enumerate(names) if other == name][:2]
            order = [i for i in range(x.ndim) if i not in (first, second)]
            places = np.arange(x.shape[first])
            x = x.permute(first, second, *order)[places, places]
            names = (name, *(names[i] for i in order))
    return x, names


def _without_ones(x: Data, names: Names) -> Named:
    kept = [i for i, n in enumerate(x.shape) if n != 1]
    if len(kept) == x.ndim:
        return x, names
    return x.reshape([x.shape[i] for i in kept]), tuple(names[i] for i in kept)


def _summed(x: Data, names: Names, kept: set[Any]) -> Named:
    """The sum over all names but the kept ones."""
    dims = tuple(i for i, name in enumerate(names) if name not in kept)
    return (x.sum(dims) if dims else x), tuple(name for name in names if name in kept)


def _pair(left: Named, right: Named, later: set[Any]) -> Named:
    """The product of two operands, summed over what nobody needs later: stacks of matrices multiplied."""
    x, of_x = _summed(*left, later | set(right[1]))
    y, of_y = _summed(*right, later | set(left[1]))
    shared = [name for name in of_x if name in of_y]
    stack = tuple(name for name in shared if name in later)
    over = tuple(name for name in shared if name not in later)
    rows = tuple(name for name in of_x if name not in of_y)
    columns = tuple(name for name in of_y if name not in of_x)
    a = _grouped(x, of_x, stack, rows, over)
    b = _grouped(y, of_y, stack, over, columns)
    size = dict(zip(of_x + of_y, x.shape + y.shape))
    names = stack + rows + columns
    product = contractions.matmul(a, b) if over else a * b
    return _reshaped(product, [size[name] for name in names]), names


def _grouped(x: Data, names: Names, stack: Names, *groups: Names) -> Data:
    """The dimensions of `stack`, and one for each group of names."""
    size = dict(zip(names, x.shape))
    sizes = [size[name] for name in stack] + [math.prod(size[name] for name in group) for group in groups]
    return _reshaped(_arranged(x, names, sum(groups, stack)), sizes)


def _reshaped(x: Data, sizes: list[int]) -> Data:
    return x if list(x.shape) == sizes else x.reshape(sizes)


def _arranged(x: Data, names: Names, wanted: Names) -> Data:
    """The dimensions in the wanted order, with size 1 for a name that is not there."""
    order = [names.index(name) for name in wanted if name in names]
    x = x.permute(order) if order != sorted(order) else x
    if len(order) == len(wanted):
        return x
    sizes = iter(x.shape)
    return x.reshape([next(sizes) if name in names else 1 for name in wanted])
