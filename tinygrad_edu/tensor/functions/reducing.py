"""Functions that make many numbers into one, sums, products, any and all; and the differences of neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Operation
from tinygrad_edu.hints.warnings import NotFiniteWarning, warn
from tinygrad_edu.ops import elementwise, reduce, scan, softmax
from tinygrad_edu.ops.scan import FRONT, REST, part
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.tensor.arguments import (
    Dim,
    all_dims,
    in_float32,
    numpy_names,
    one_dim,
    only_floats,
    whole_number,
)
from tinygrad_edu.tensor.functions.public import public


def cast(input: Data, dtype: Any) -> Data:
    """`input`, in `dtype` if one is given."""
    return input if dtype is None else input.to(dtype)


def widened(input: Data, dtype: Any) -> Data:
    """`input` in `dtype`; if none is given, whole numbers and booleans as int64."""
    whole = dtype is None and getattr(input, "dtype", np.dtype(float)).kind != "f"
    return cast(input, np.int64 if whole else dtype)


def of_one(call: str, operation: Callable[..., Data], input: Data, dim: Any, **settings: Any) -> Data:
    """The result of an operation along `dim`; a single number counts as a row of one."""
    dim = one_dim(call, dim, input.ndim)
    if input.ndim == 0:
        return operation(input.reshape(1), dim=dim, **settings).reshape(())
    return operation(input, dim=dim, **settings)


@public()
@numpy_names
def sum(input: Data, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The sum, of all or over `dim`; of whole numbers and booleans as int64."""
    dims = all_dims("sum", dim, input.ndim)
    return cast(reduce.sum(cast(input, dtype), dims=dims, keepdim=keepdim), dtype)


@public()
@numpy_names
def mean(input: Data, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The average, of all or over `dim`; nan for no numbers."""
    input = cast(input, dtype)
    only_floats("mean", input)
    result = reduce.mean(input, dims=all_dims("mean", dim, input.ndim), keepdim=keepdim)
    if 0 in input.shape and 0 not in result.shape:
        warn(NotFiniteWarning, f"the mean of no numbers is nan: the tensor has shape {input.shape}")
    return result


@public()
def nansum(input: Data, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The sum of all numbers that are not nan, of all or over `dim`."""
    numbers = elementwise.where(elementwise.not_equal(input, input), 0, input)
    return sum(numbers, dim, keepdim, dtype=dtype)


@public()
def nanmean(input: Data, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The average of all numbers that are not nan, of all or over `dim`; nan if there is none."""
    only_floats("nanmean", input)
    return nansum(input, dim, keepdim, dtype=dtype) / sum(elementwise.equal(input, input), dim, keepdim)


@public()
@numpy_names
@in_float32
def prod(input: Data, dim: int | None = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The product, of all or along `dim`; of whole numbers and booleans as int64."""
    numbers = widened(input, dtype)
    if dim is not None:
        return cast(of_one("prod", scan.prod, numbers, dim, keepdim=keepdim), dtype)
    product = scan.prod(numbers.reshape(-1), dim=0, keepdim=False)
    return cast(product, dtype).reshape((1,) * input.ndim if keepdim else ())


@public("special.logsumexp")
@numpy_names
@in_float32
def logsumexp(input: Data, dim: Dim, keepdim: bool = False) -> Data:
    """log(sum(exp(x))) over `dim`, without overflow."""
    return softmax.logsumexp(input, dims=all_dims("logsumexp", dim, input.ndim), keepdim=keepdim)


@public()
@numpy_names
def any(input: Data, dim: Dim = None, keepdim: bool = False) -> Data:
    """True if one of the numbers is not 0, of all or over `dim`."""
    return _tested(reduce.any, input, dim, keepdim)


@public()
@numpy_names
def all(input: Data, dim: Dim = None, keepdim: bool = False) -> Data:
    """True if none of the numbers is 0, of all or over `dim`."""
    return _tested(reduce.all, input, dim, keepdim)


def _tested(test: Operation, input: Data, dim: Dim, keepdim: bool) -> Data:
    """The result of `any` or `all`: a boolean, but for uint8 its own dtype, which once stood for booleans."""
    dims = () if dim == () else all_dims(test.name, dim, input.ndim)
    result = test(input, dims=dims, keepdim=keepdim)
    return result.to(np.uint8) if getattr(input, "dtype", None) == np.uint8 else result


@public()
def count_nonzero(input: Data, dim: Dim = None) -> Data:
    """How many numbers are not 0, of all or over `dim`."""
    return sum(elementwise.not_equal(input, 0), dim)


@public()
def diff(input: Data, n: int = 1, dim: int = -1, prepend: Data = None, append: Data = None) -> Data:
    """`x[k + 1] - x[k]` along `dim`, `n` times over; of booleans whether they differ.

    `prepend` and `append` are joined to the input before.
    """
    if input.ndim == 0:
        raise ValueError("diff needs at least one dimension, got a single number")
    dim, times = one_dim("diff", dim, input.ndim), whole_number("diff", "n", n)
    if times == 0:
        return input.clone()
    joined = [x for x in (prepend, input, append) if x is not None]
    result = cat(*joined, dim=dim) if len(joined) > 1 else input
    for _ in range(min(times, result.shape[dim])):
        left, right = part(result, dim, FRONT), part(result, dim, REST)
        result = left != right if result.dtype == bool else right - left
    return result
