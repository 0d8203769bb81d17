"""Numbers that stand in several places: expand, repeat, tile, meshgrid; and their sums, sum_to_size."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index, reduce
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import one_dim, whole_number, whole_shape
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import clone, flatten, ravel, reshape


@public(within="Tensor")
def expand(input: Data, *sizes: Any, size: Any = ()) -> Data:
    """Repeated along dimensions of size 1, and new ones in front, without copying; -1 keeps a size."""
    return _expanded("expand", input, sizes or (size,))


@public()
def broadcast_to(input: Data, size: Any) -> Data:
    """Repeated along dimensions of size 1, and new ones in front, without copying: `expand`."""
    return _expanded("broadcast_to", input, (size,))


@public(within="Tensor")
def expand_as(input: Data, other: Data) -> Data:
    """Repeated to the shape of `other`, without copying."""
    return _expanded("expand_as", input, other.shape)


def _expanded(call: str, x: Data, sizes: Any) -> Data:
    sizes = whole_shape(sizes, call)
    extra = len(sizes) - x.ndim
    full = tuple(x.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(sizes))
    return ops.expand(x, shape=full)


@public(method=False)
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape to which tensors of these shapes broadcast; a number n stands for (n,)."""
    sizes = [whole_shape((shape,), "broadcast_shapes") for shape in shapes]
    if any(n < 0 for shape in sizes for n in shape):
        raise ValueError(f"broadcast_shapes needs sizes of 0 or more, got {', '.join(map(str, sizes))}")
    try:
        return np.broadcast_shapes(*sizes)
    except ValueError:
        raise ValueError(
            f"broadcast_shapes needs sizes that are equal or 1, counted from the last, got "
            f"{', '.join(map(str, sizes))}"
        ) from None


@public(method=False)
def broadcast_tensors(*tensors: Any) -> tuple[Data, ...]:
    """The tensors, each expanded to the shape that they have together."""
    shape = broadcast_shapes(*(x.shape for x in tensors))
    return tuple(ops.expand(x, shape=shape) for x in tensors)


@public(within="Tensor")
def sum_to_size(input: Data, *sizes: Any, size: Any = ()) -> Data:
    """The sums that bring the tensor to a shape which can be expanded to its own."""
    sizes = whole_shape(sizes or (size,), "sum_to_size")
    extra = input.ndim - len(sizes)
    if extra < 0 or any(n not in (1, m) for n, m in zip(sizes, input.shape[extra:])):
        raise ValueError(f"sum_to_size needs a shape that can be expanded to {input.shape}, got {sizes}")
    if sizes == input.shape and sizes:
        return input
    dims = (i for i, n in enumerate(input.shape) if i < extra or n != sizes[i - extra])
    return reshape(reduce.sum(input, dims=tuple(dims), keepdim=True), sizes)


@public(within="Tensor")
def repeat(input: Data, *sizes: Any, repeats: Any = ()) -> Data:
    """Copies of the tensor side by side, so many along each dimension; more than it has are in front."""
    return _repeated("repeat", input, whole_shape(sizes or (repeats,), "repeat"))


@public()
def tile(input: Data, *sizes: Any, dims: Any = ()) -> Data:
    """Copies of the tensor side by side, so many along each dimension; if too few are given, along the last ones."""
    counts = whole_shape(sizes or (dims,), "tile")
    return _repeated("tile", input, (1,) * (input.ndim - len(counts)) + counts)


def _repeated(call: str, x: Data, counts: tuple[int, ...]) -> Data:
    if len(counts) < x.ndim or any(n < 0 for n in counts):
        raise ValueError(f"{call} needs {x.ndim} or more counts of 0 or more, got {counts}")
    sizes = (1,) * (len(counts) - x.ndim) + x.shape
    apart = ops.reshape(x, shape=tuple(size for n in sizes for size in (1, n)))
    full = ops.expand(apart, shape=tuple(size for pair in zip(counts, sizes) for size in pair))
    result = ops.reshape(full, shape=tuple(count * n for count, n in zip(counts, sizes)))
    return clone(result) if set(counts) <= {1} else result


@public()
def repeat_interleave(
    input: Data, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Data:
    """Each number, or each part along `dim`, so many times in a row; `repeats` may be a count for each.

    With one tensor of counts: its places, each as often as its count says.
    """
    if repeats is None:
        return repeat_interleave(input * 0 + np.arange(len(input)), input, 0, output_size=output_size)
    x = flatten(input) if dim is None or not input.ndim else input
    dim = one_dim("repeat_interleave", dim or 0, input.ndim)
    counts = _counts(repeats, x.shape[dim])
    if output_size is not None and output_size != counts.sum():
        raise ValueError(f"repeat_interleave makes {counts.sum()} parts, not output_size={output_size}")
    return index.take(x, index=along(dim, np.repeat(np.arange(x.shape[dim]), counts)))


def _counts(repeats: Any, size: int) -> np.ndarray:
    counts = repeats.numpy(force=True) if hasattr(repeats, "raw") else np.asarray(repeats)
    if counts.dtype.kind not in "iu" or counts.ndim > 1 or counts.size not in (1, size) or (counts < 0).any():
        raise ValueError(
            f"repeat_interleave needs repeats as a whole number of 0 or more, or {size} of them in a row, got {repeats}"
        )
    return np.broadcast_to(counts, size)


# Combinations of the numbers of vectors.


@public(method=False)
def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Data, ...]:
    """For vectors x, y, ...: the tensors of all x[i], all y[j], ... at the place [i, j, ...].

    With `indexing="xy"` at [j, i, ...], as pictures have it.
    """
    vectors = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], list | tuple) else tensors
    if not vectors or any(x.ndim > 1 for x in vectors):
        raise ValueError(f"meshgrid needs vectors, got shapes {', '.join(str(x.shape) for x in vectors)}")
    if indexing not in ("ij", "xy"):
        raise ValueError(f'meshgrid needs indexing "ij" or "xy", got {indexing!r}')
    order = list(range(len(vectors)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    sizes = [1] * len(vectors)
    apart = []
    for place, x in zip(order, vectors):
        apart.append(ops.reshape(x, shape=(*sizes[:place], -1, *sizes[place + 1 :])))
    return broadcast_tensors(*apart)


@public(method=False)
def cartesian_prod(*tensors: Any) -> Data:
    """All combinations of a number of each vector, one a row; of one vector itself."""
    if not tensors or any(x.ndim != 1 for x in tensors):
        raise ValueError(
            f"cartesian_prod needs vectors, got shapes {', '.join(str(x.shape) for x in tensors)}"
        )
    return tensors[0] if len(tensors) == 1 else stack([ravel(x) for x in meshgrid(*tensors)], dim=1)


@public()
def combinations(input: Data, r: int = 2, with_replacement: bool = False) -> Data:
    """The choices of `r` numbers of a vector in their order, one a row; with replacement, of one several times."""
    if input.ndim != 1:
        raise ValueError(f"combinations needs a vector, got shape {input.shape}")
    r = whole_number("combinations", "r", r)
    chosen = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(chosen(range(len(input)), r)) if r else []
    return index.take(input, index=np.array(rows, int).reshape(-1, r) if r else np.zeros(0, int))


@public(method=False)
def unravel_index(indices: Data, shape: Any) -> tuple[Data, ...]:
    """The places of numbers that are counted row by row in a tensor of `shape`: one tensor for each dimension."""
    if indices.dtype.kind not in "iu":
        raise TypeError(f"unravel_index needs whole numbers, got {indices.dtype}; use x.long()")
    sizes = [whole_number("unravel_index", "shape", n) for n in whole_shape((shape,), "unravel_index")]
    steps = [math.prod(sizes[i:]) for i in range(1, len(sizes) + 1)]
    return tuple(indices.long() // max(step, 1) % max(size, 1) for step, size in zip(steps, sizes))
