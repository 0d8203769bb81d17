"""Cumulative sums, products, extreme numbers and logsumexp: the results of the first k numbers along a dimension."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import ordering, scan
from tinygrad_edu.tensor.arguments import in_float32, numpy_names, only_floats
from tinygrad_edu.tensor.functions.extreme_values import picked
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reducing import cast, of_one, widened
from tinygrad_edu.tensor.pair import ValuesAndIndices


@public(in_place=True)
@numpy_names
@in_float32
def cumsum(input: Data, dim: int, *, dtype: Any = None) -> Data:
    """The sums of the first numbers along `dim`; of whole numbers and booleans as int64."""
    return cast(of_one("cumsum", scan.cumsum, widened(input, dtype), dim), dtype)


@public(in_place=True)
@numpy_names
@in_float32
def cumprod(input: Data, dim: int, *, dtype: Any = None) -> Data:
    """The products of the first numbers along `dim`; of whole numbers and booleans as int64."""
    return cast(of_one("cumprod", scan.cumprod, widened(input, dtype), dim), dtype)


@public()
@in_float32
def logcumsumexp(input: Data, dim: int) -> Data:
    """log(exp(x[0]) + ... + exp(x[k])) along `dim`, without overflow."""
    only_floats("logcumsumexp", input)
    return of_one("logcumsumexp", scan.logcumsumexp, input, dim)


@public()
def cummax(input: Data, dim: int) -> ValuesAndIndices[Any]:
    """(values, indices) of the greatest among the first numbers along `dim`, the last of equals; a nan stays."""
    return picked("cummax", ordering.running_place, input, dim, True, least=False)


@public()
def cummin(input: Data, dim: int) -> ValuesAndIndices[Any]:
    """(values, indices) of the smallest among the first numbers along `dim`, the last of equals; a nan stays."""
    return picked("cummin", ordering.running_place, input, dim, True, least=True)
