"""Numbers that stand in several places: expand, repeat, unfold, meshgrid; and their sums, sum_to_size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.index import along
from tinygrad_edu.ops.windows import windows
from tinygrad_edu.tensor.arguments import one_dim, whole_number, whole_shape
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import clone, flatten, movedim, ravel


@public("broadcast_to", within="Tensor")
def expand(input: Data, *sizes: Any, size: Any = ()) -> Data:
    """Repeated along dimensions of size 1, and new ones in front, without copying; -1 keeps a size."""
    sizes = whole_shape(sizes or (size,), "expand")
    extra = len(sizes) - input.ndim
    full = tuple(input.shape[i - extra] if n == -1 and i >= extra else n for i, n in enumerate(sizes))
    return ops.expand(input, shape=full)


@public(within="Tensor")
def expand_as(input: Data, other: Data) -> Data:
    """Repeated to the shape of `other`, without copying."""
    return expand(input, other.shape)


@public(method=False)
def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape to which tensors of these shapes broadcast; a number n stands for (n,)."""
    sizes = [whole_shape((shape,), "broadcast_shapes") for shape in shapes]
    try:
        return np.broadcast_shapes(*sizes)
    except ValueError:
        raise ValueError(
            "broadcast_shapes needs sizes of 0 or more that are equal or 1, counted from the last, got "
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
    pairs = zip(sizes[::-1], input.shape[::-1])
    if len(sizes) > input.ndim or any(n not in (1, m) for n, m in pairs):
        raise ValueError(f"sum_to_size needs a shape that can be expanded to {input.shape}, got {sizes}")
    return input if sizes == input.shape != () else sum_to(input, np.broadcast_to(0, sizes))


@public(within="Tensor")
def repeat(input: Data, *sizes: Any, repeats: Any = ()) -> Data:
    """Copies of the tensor side by side, so many along each dimension; more than it has are in front."""
    counts = whole_shape(sizes or (repeats,), "repeat")
    if len(counts) < input.ndim or min(counts, default=0) < 0:
        raise ValueError(f"repeat needs {input.ndim} or more counts of 0 or more, got {counts}")
    whole = (1,) * (len(counts) - input.ndim) + input.shape
    apart = ops.reshape(input, shape=tuple(m for n in whole for m in (1, n)))
    full = ops.expand(apart, shape=tuple(m for pair in zip(counts, whole) for m in pair))
    result = ops.reshape(full, shape=tuple(count * n for count, n in zip(counts, whole)))
    return clone(result) if set(counts) <= {1} else result


@public()
def tile(input: Data, *sizes: Any, dims: Any = ()) -> Data:
    """Copies of the tensor side by side, so many along each dimension; if too few are given, along the last ones."""
    counts = whole_shape(sizes or (dims,), "tile")
    return repeat(input, (1,) * (input.ndim - len(counts)) + counts)


@public()
def repeat_interleave(
    input: Data, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Data:
    """Each number, or each part along `dim`, so many times in a row; `repeats` may be a count for each.

    With one tensor of counts: its places, each as often as its count says.
    """
    if repeats is None:
        input, repeats, dim = input * 0 + np.arange(len(input)), input, 0
    x = flatten(input) if dim is None or not input.ndim else input
    dim = one_dim("repeat_interleave", dim or 0, input.ndim)
    size = x.shape[dim]
    counts = repeats.numpy(force=True) if hasattr(repeats, "raw") else np.asarray(repeats)
    if counts.dtype.kind not in "iu" or counts.shape not in ((), (1,), (size,)) or (counts < 0).any():
        raise ValueError(
            f"repeat_interleave needs repeats as a whole number of 0 or more, or {size} of them in a row, got {repeats}"
        )
    places = np.repeat(np.arange(size), counts)
    if output_size not in (None, len(places)):
        raise ValueError(f"repeat_interleave makes {len(places)} parts, not output_size={output_size}")
    return index.take(x, index=along(dim, places))


@public(within="Tensor")
def unfold(input: Data, dimension: int, size: int, step: int) -> Data:
    """The windows of `size` numbers along a dimension, one at every `step`; their numbers in a new last dimension."""
    x = input if input.ndim else ops.reshape(input, shape=(1,))
    dim, size = one_dim("unfold", dimension, input.ndim), whole_number("unfold", "size", size)
    step = whole_number("unfold", "step", step, least=1)
    if size > x.shape[dim]:
        raise ValueError(f"unfold needs a size up to {x.shape[dim]}, the size of dim {dim}, got {size}")
    seen = windows(movedim(x, dim, -1), size=(size,), stride=(step,), dilation=(1,))
    return movedim(seen, -1, dim) if input.ndim else seen[..., 0]


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
    dims = list(range(len(vectors)))
    along_dims = [*dims[1::-1], *dims[2:]] if indexing == "xy" else dims
    shapes = (tuple(-1 if i == dim else 1 for i in dims) for dim in along_dims)
    return broadcast_tensors(*(ops.reshape(x, shape=shape) for x, shape in zip(vectors, shapes)))


@public(method=False)
def cartesian_prod(*tensors: Any) -> Data:
    """All combinations of a number of each vector, one a row; of one vector itself."""
    if not tensors or any(x.ndim != 1 for x in tensors):
        raise ValueError(
            f"cartesian_prod needs vectors, got shapes {', '.join(str(x.shape) for x in tensors)}"
        )
    return tensors[0] if len(tensors) == 1 else stack([ravel(x) for x in meshgrid(*tensors)], dim=1)


@public(method=False)
def unravel_index(indices: Data, shape: Any) -> tuple[Data, ...]:
    """The places of numbers that are counted row by row in a tensor of `shape`: one tensor for each dimension."""
    if indices.dtype.kind not in "iu":
        raise TypeError(f"unravel_index needs whole numbers, got {indices.dtype}; use x.long()")
    sizes = [whole_number("unravel_index", "shape", n) for n in whole_shape((shape,), "unravel_index")]
    steps = [math.prod(sizes[i:]) for i in range(1, len(sizes) + 1)]
    return tuple(indices.long() // max(step, 1) % max(size, 1) for step, size in zip(steps, sizes))
