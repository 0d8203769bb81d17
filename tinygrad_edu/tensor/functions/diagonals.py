"""Diagonals of matrices and of stacks of them: diagonal, diag, diag_embed."""

from __future__ import annotations

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index, views
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.replacing import replaced
from tinygrad_edu.tensor.functions.reshaping import clone, flatten
from tinygrad_edu.tensor.functions.triangles import diagonal_line


@public()
def diagonal(input: Data, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Data:
    """The numbers `x[i, i + offset]` of the dimensions `dim1` and `dim2`, along a new last dimension."""
    return views.diagonal(input, **diagonal_line("diagonal", offset, dim1, dim2, input.ndim))


@public()
def diag_embed(input: Data, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Data:
    """Matrices in the dimensions `dim1` and `dim2` of the result, with the last dimension on their diagonals."""
    if not input.ndim:
        raise ValueError("diag_embed needs a tensor with dimensions, got a single number")
    line = diagonal_line("diag_embed", offset, dim1, dim2, input.ndim + 1)
    side = input.shape[-1] + abs(line["offset"])
    shape = list(input.shape[:-1])
    for dim in sorted((line["dim1"], line["dim2"])):
        shape.insert(dim, side)
    place = views.index_of(views.diagonal, tuple(shape), **line)
    return index.scatter(input, index=place, shape=tuple(shape))


@public()
def diag(input: Data, diagonal: int = 0) -> Data:
    """A matrix with a vector on its diagonal; or the diagonal of a matrix, in memory of its own."""
    if input.ndim not in (1, 2):
        raise ValueError(
            f"diag needs a vector or a matrix, got shape {input.shape}; use diagonal or diag_embed"
        )
    return diag_embed(input, diagonal) if input.ndim == 1 else clone(_diagonal(input, diagonal))


_diagonal = diagonal  # the parameter of `diag` and `tril` has this name


@public()
def diagflat(input: Data, offset: int = 0) -> Data:
    """A matrix with all numbers of the tensor on its diagonal."""
    return diag_embed(flatten(input), offset)


@public()
def diagonal_scatter(input: Data, src: Data, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Data:
    """A copy with the numbers of `src` in the place of a diagonal."""
    line = diagonal_line("diagonal_scatter", offset, dim1, dim2, input.ndim)
    return replaced("diagonal_scatter", input, src, views.index_of(views.diagonal, input.shape, **line))
