"""Parts of a tensor along a dimension, in the same memory: split, chunk, unbind, narrow, select."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import ANY, one_dim, whole_number
from tinygrad_edu.tensor.functions.public import public

Parts = tuple[Data, ...]


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
    return _part(input, dim, builtins.slice(start, start + length))


@public(within="Tensor")
def slice(input: Data, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Data:
    """Every `step`-th part along `dim` from `start` on, before `end`."""
    return index.take(input, index=stretch("slice", input, dim, builtins.slice(start, end, step)))


def stretch(call: str, x: Data, dim: int, part: builtins.slice) -> tuple[Any, ...]:
    """The index of a slice along `dim`."""
    whole_number(call, "step", part.step, least=1)
    return along(dim_of(call, dim, x), part)


def dim_of(call: str, dim: int, x: Data) -> int:
    """`dim` of a tensor that has one, counted from the front."""
    if not x.ndim:
        raise IndexError(f"{call} needs a tensor with dimensions, got a single number")
    return one_dim(call, dim, x.ndim)


def place_in(call: str, place: Any, size: int, *, end: bool = False) -> int:
    """A place in a dimension, counted from the front; with `end` it may stand behind the last one."""
    place = whole_number(call, "a place", place, least=-size)
    if place > size - 1 + end:
        raise IndexError(f"{call} needs a place from {-size} to {size - 1 + end}, got {place}")
    return place + size if place < 0 else place


def _part(x: Data, dim: int, part: Any) -> Data:
    return index.take(x, index=along(dim, part))


@public()
def unbind(input: Data, dim: int = 0) -> Parts:
    """The parts along `dim`, each without this dimension."""
    dim = dim_of("unbind", dim, input)
    return tuple(_part(input, dim, i) for i in range(input.shape[dim]))


@public("unsafe_split")
def split(input: Data, split_size: Any, dim: int = 0) -> Parts:
    """Parts of `split_size` along `dim`, the last one perhaps smaller; or of the sizes in a list."""
    if isinstance(split_size, list | tuple):
        return split_with_sizes(input, split_size, dim)
    dim = dim_of("split", dim, input)
    size, each = input.shape[dim], whole_number("split", "split_size", split_size)
    if size and not each:
        raise ValueError(f"split needs parts of 1 or more, as dim {dim} has {size}, got {each}")
    return _between(input, dim, [*range(0, size, each or 1), size] if size else [0, 0])


@public("unsafe_split_with_sizes")
def split_with_sizes(input: Data, split_sizes: Sequence[int], dim: int = 0) -> Parts:
    """Parts of these sizes along `dim`, which must add up to its size."""
    dim = dim_of("split", dim, input)
    sizes = [whole_number("split", "sizes", n) for n in split_sizes]
    if sum(sizes) != input.shape[dim]:
        raise ValueError(
            f"split needs sizes that add up to {input.shape[dim]}, the size of dim {dim}, got {sizes}"
        )
    return _between(input, dim, itertools.accumulate(sizes, initial=0))


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
        places = [whole_number("tensor_split", "places", n, least=ANY) for n in given]
        ends = [builtins.slice(place).indices(size)[1] for place in places]
        return _between(input, dim, [0, *ends, size])
    count = whole_number("tensor_split", "sections", given, least=1)
    sizes = [size // count + (i < size % count) for i in range(count)]
    return _between(input, dim, itertools.accumulate(sizes, initial=0))


def _between(x: Data, dim: int, bounds: Iterable[int]) -> Parts:
    return tuple(_part(x, dim, builtins.slice(*pair)) for pair in itertools.pairwise(bounds))


@public()
def hsplit(input: Data, indices_or_sections: Any) -> Parts:
    """Parts along dimension 1, of a vector along its only one; see `tensor_split`."""
    return _split_evenly("hsplit", input, indices_or_sections, 1 if input.ndim > 1 else 0, 1)


@public()
def vsplit(input: Data, indices_or_sections: Any) -> Parts:
    """Parts along dimension 0; see `tensor_split`."""
    return _split_evenly("vsplit", input, indices_or_sections, 0, 2)


@public()
def dsplit(input: Data, indices_or_sections: Any) -> Parts:
    """Parts along dimension 2; see `tensor_split`."""
    return _split_evenly("dsplit", input, indices_or_sections, 2, 3)


def _split_evenly(call: str, x: Data, parts: Any, dim: int, dims: int) -> Parts:
    """`tensor_split` of a tensor with at least `dims` dimensions, in equal parts if a number is given."""
    if x.ndim < dims:
        raise ValueError(f"{call} needs {dims} or more dimensions, got shape {x.shape}")
    if isinstance(parts, int) and (parts < 1 or x.shape[dim] % parts):
        raise ValueError(
            f"{call} needs a number of equal parts of {x.shape[dim]}, the size of dim {dim}, got {parts}"
        )
    return tensor_split(x, parts, dim)
