"""Several tensors as one: cat, stack; and one as several, in the same memory: split, chunk, unbind, select."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.ops import index as places
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import ANY, one_dim, whole_number
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import dim_of, unsqueeze

Parts = tuple[Data, ...]
MAX_JOINED = 256  # by one operation


@public("concat", "concatenate", method=False)
def cat(tensors: Sequence[Any], dim: int = 0) -> Data:
    """The tensors one after the other along `dim`; their other sizes must be equal."""
    parts = _several("cat", tensors)
    if any(part.ndim != 1 for part in parts):  # PyTorch takes an empty vector beside anything
        parts = [part for part in parts if part.shape != (0,)]
    return _joined(parts, one_dim("cat", dim, parts[0].ndim))


@public(method=False)
def stack(tensors: Sequence[Any], dim: int = 0) -> Data:
    """The tensors, all of one shape, side by side along a new dimension `dim`."""
    parts = _several("stack", tensors)
    if len({part.shape for part in parts}) > 1:
        raise ValueError(f"stack needs tensors of one shape, got {', '.join(str(x.shape) for x in parts)}")
    where = one_dim("stack", dim, parts[0].ndim + 1)
    return _joined([unsqueeze(part, where) for part in parts], where)


def _joined(parts: list[Data], dim: int) -> Data:
    """The parts one after the other; many go group by group, as each rule of `cat` looks at all of its inputs."""
    while len(parts) > MAX_JOINED:
        groups = [parts[i : i + MAX_JOINED] for i in range(0, len(parts), MAX_JOINED)]
        parts = [ops.cat(*group, dim=dim) for group in groups]
    return ops.cat(*parts, dim=dim)


def _several(call: str, tensors: Sequence[Any]) -> list[Any]:
    parts = list(tensors)
    if not any(isinstance(part, Tracer) for part in parts):
        raise TypeError(f"{call} needs a list with at least one Tensor, got {short(parts)}")
    if not all(isinstance(part, Tracer | np.ndarray | list | tuple) for part in parts):
        raise TypeError(f"{call} needs Tensors and arrays, got {short(parts)}; write a number x as tensor(x)")
    return [np.asarray(part) if isinstance(part, list | tuple) else part for part in parts]


@public(method=False)
def atleast_1d(*tensors: Any) -> Any:
    """A tensor, or each of several, with at least one dimension."""
    return _at_least(1, tensors)


@public(method=False)
def atleast_2d(*tensors: Any) -> Any:
    """A tensor, or each of several, with at least two dimensions: a vector becomes a row."""
    return _at_least(2, tensors)


@public(method=False)
def atleast_3d(*tensors: Any) -> Any:
    """A tensor, or each of several, with at least three dimensions: a matrix becomes one of numbers in rows of one."""
    return _at_least(3, tensors)


def _at_least(ndim: int, tensors: Sequence[Any]) -> Any:
    several = tensors[0] if isinstance(tensors[0], list | tuple) else tensors
    found = tuple(_wider(x, ndim) for x in several)
    return found if several is tensors[0] or len(tensors) > 1 else found[0]


def _wider(x: Data, ndim: int) -> Data:
    shape = (1,) * (min(ndim, 2) - x.ndim) + x.shape
    return x if x.ndim >= ndim else ops.reshape(x, shape=shape + (1,) * (ndim - len(shape)))


@public(method=False)
def hstack(tensors: Sequence[Any]) -> Data:
    """The tensors side by side: vectors one after the other, others along dimension 1."""
    parts = atleast_1d(_several("hstack", tensors))
    return cat(parts, dim=min(parts[0].ndim - 1, 1))


@public("row_stack", method=False)
def vstack(tensors: Sequence[Any]) -> Data:
    """The tensors on top of each other, along dimension 0; a vector is a row."""
    return cat(atleast_2d(_several("vstack", tensors)))


@public(method=False)
def dstack(tensors: Sequence[Any]) -> Data:
    """The tensors behind each other, along dimension 2; a matrix is one of rows of one."""
    return cat(atleast_3d(_several("dstack", tensors)), dim=2)


@public(method=False)
def column_stack(tensors: Sequence[Any]) -> Data:
    """The tensors side by side; a vector is a column."""
    parts = _several("column_stack", tensors)
    return cat([x if x.ndim > 1 else ops.reshape(x, shape=(-1, 1)) for x in parts], dim=1)


# One as several. A part along a dimension is a view.


@public()
def select(input: Data, dim: int, index: int) -> Data:
    """The part at the place `index` of `dim`, without this dimension."""
    dim = dim_of("select", dim, input)
    return _part(input, dim, place_in("select", index, input.shape[dim]))


@public()
def narrow(input: Data, dim: int, start: Any, length: int) -> Data:
    """The `length` parts along `dim` from `start` on."""
    dim = dim_of("narrow", dim, input)
    size, length = input.shape[dim], whole_number("narrow", "length", length)
    start = place_in("narrow", start, size, end=True)
    if start + length > size:
        raise ValueError(
            f"narrow needs start + length up to {size}, the size of dim {dim}, got {start} + {length}"
        )
    return _part(input, dim, slice(start, start + length))


def place_in(call: str, place: Any, size: int, *, end: bool = False) -> int:
    """A place in a dimension, counted from the front; with `end` it may stand behind the last one."""
    place = whole_number(call, "a place", place, least=-size)
    if place > size - 1 + end:
        raise IndexError(f"{call} needs a place from {-size} to {size - 1 + end}, got {place}")
    return place + size if place < 0 else place


def _part(x: Data, dim: int, part: Any) -> Data:
    return places.take(x, index=along(dim, part))


def _between(x: Data, dim: int, bounds: Iterable[int]) -> Parts:
    return tuple(_part(x, dim, slice(*pair)) for pair in itertools.pairwise(bounds))


@public()
def unbind(input: Data, dim: int = 0) -> Parts:
    """The parts along `dim`, each without this dimension."""
    dim = dim_of("unbind", dim, input)
    return tuple(_part(input, dim, i) for i in range(input.shape[dim]))


@public("unsafe_split")
def split(input: Data, split_size: Any, dim: int = 0) -> Parts:
    """Parts of `split_size` along `dim`, the last one perhaps smaller; or of the sizes in a list."""
    dim = dim_of("split", dim, input)
    size = input.shape[dim]
    if isinstance(split_size, list | tuple):
        sizes = [whole_number("split", "sizes", n) for n in split_size]
        if sum(sizes) != size:
            raise ValueError(f"split needs sizes that add up to {size}, the size of dim {dim}, got {sizes}")
        return _between(input, dim, itertools.accumulate(sizes, initial=0))
    each = whole_number("split", "split_size", split_size, least=min(size, 1))
    return _between(input, dim, [*range(0, size, each), size] if size else [0, 0])


@public("unsafe_split_with_sizes")
def split_with_sizes(input: Data, split_sizes: Any, dim: int = 0) -> Parts:
    """Parts of the given sizes along `dim`."""
    return split(input, list(split_sizes), dim)


@public("unsafe_chunk")
def chunk(input: Data, chunks: int, dim: int = 0) -> Parts:
    """At most `chunks` parts of one size along `dim`, the last one perhaps smaller."""
    dim, chunks = dim_of("chunk", dim, input), whole_number("chunk", "chunks", chunks, least=1)
    size = input.shape[dim]
    return split(input, -(-size // chunks), dim) if size else _between(input, dim, [0] * (chunks + 1))


@public()
def tensor_split(input: Data, indices_or_sections: Any, dim: int = 0) -> Parts:
    """So many parts along `dim`, the first ones perhaps larger by 1; or what lies between the places in a list."""
    dim = dim_of("tensor_split", dim, input)
    given = indices_or_sections.tolist() if hasattr(indices_or_sections, "tolist") else indices_or_sections
    size = input.shape[dim]
    if isinstance(given, list | tuple):
        ends = [whole_number("tensor_split", "places", n, least=ANY) for n in given]
        return _between(input, dim, [0, *(slice(end).indices(size)[1] for end in ends), size])
    count = whole_number("tensor_split", "sections", given, least=1)
    return _between(input, dim, [i * (size // count) + min(i, size % count) for i in range(count + 1)])
