"""`vmap`: a function of one example, for many: computed one by one, and stacked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

from tinygrad_edu.ops import shape
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.structures import leaves, rebuilt
from tinygrad_edu.tensor.tensor import Tensor

Func = Callable[..., Any]


def vmap(
    func: Func,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",  # noqa: ARG001 - each example draws its own numbers
    *,
    chunk_size: int | None = None,  # noqa: ARG001 - examples are computed one by one
) -> Func:
    """The function that maps `func` over a dimension of its arguments and stacks the results.

    `in_dims` says for each argument over which dimension, None for one that is the same for all. Examples are computed
    one after the other.
    """

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        flat = list(leaves(args))
        dims = list(_spread(in_dims, args))
        sizes = {x.shape[dim] for x, dim in zip(flat, dims, strict=True) if dim is not None}
        if len(sizes) != 1:
            raise ValueError(
                f"vmap needs one size of all mapped dimensions, got {sorted(sizes) or 'none mapped'}"
            )
        return _stacked(
            [func(*_example(args, flat, dims, i), **options) for i in range(sizes.pop())], out_dims
        )

    return call


def _spread(dims: Any, args: Any) -> Iterable[Any]:
    """One of `dims` for each Tensor in the arguments."""
    if isinstance(args, Tensor):
        yield dims
    elif isinstance(args, dict):
        for key in args:
            yield from _spread(dims[key] if isinstance(dims, dict) else dims, args[key])
    elif isinstance(args, tuple | list):
        for i, part in enumerate(args):
            yield from _spread(dims[i] if isinstance(dims, tuple | list) else dims, part)


def _example(args: Any, flat: list[Tensor], dims: list[Any], i: int) -> Any:
    return rebuilt(args, (x if dim is None else _row(x, dim, i) for x, dim in zip(flat, dims, strict=True)))


def _row(x: Tensor, dim: int, i: int) -> Tensor:
    return x[along(dim % x.ndim, i)]


def _stacked(results: list[Any], out_dims: Any) -> Any:
    """The results of the examples, each part stacked along its dimension."""
    columns = zip(*(leaves(result) for result in results))
    dims = _spread(out_dims, results[0])
    return rebuilt(results[0], (_stack(column, dim) for column, dim in zip(columns, dims)))


def _stack(parts: tuple[Tensor, ...], dim: int) -> Tensor:
    first = parts[0].shape
    where = dim % (len(first) + 1)
    rows = [part.reshape(*first[:where], 1, *first[where:]) for part in parts]
    return shape.cat(*rows, dim=where)
