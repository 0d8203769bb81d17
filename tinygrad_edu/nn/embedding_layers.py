"""Tables of vectors, one for each number of a word, class or item, as layers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.nn import functional
from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.starting_values import floats, parameter, whole
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """A weight of (num_embeddings, embedding_dim), which starts from N(0, 1), and zeros in the row `padding_idx`."""

    def _build(
        self,
        sizes: tuple[int, int],
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        weight: Any,
        kind: Any,
    ) -> None:
        call, (rows, _) = type(self).__name__, sizes
        whole(call, num_embeddings=rows, embedding_dim=sizes[1])
        if padding_idx is not None and not -rows <= padding_idx < rows:
            raise ValueError(f"{call} needs padding_idx from {-rows} to {rows - 1}, got {padding_idx}")
        if weight is not None and tuple(weight.shape) != sizes:
            raise ValueError(f"{call} needs _weight of shape {sizes}, got {tuple(weight.shape)}")
        self.num_embeddings, self.embedding_dim = sizes
        self.padding_idx = None if padding_idx is None else padding_idx % rows
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.weight = parameter(sizes, kind) if weight is None else Parameter(weight)
        if weight is None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the rows anew."""
        with no_grad():
            self.weight.normal_()
            if self.padding_idx is not None:
                self.weight[self.padding_idx] = 0

    def _shown(self, sparse: bool, **more: Any) -> str:
        """The sizes, and the arguments that differ from the defaults."""
        usual = {"max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        given = {name: getattr(self, name) for name, value in usual.items() if getattr(self, name) != value}
        padding = {} if self.padding_idx is None else {"padding_idx": self.padding_idx}
        options = {**padding, **given, **more} if not more else {**given, **more, **padding}
        if sparse:
            options["sparse"] = True
        sizes = f"{self.num_embeddings}, {self.embedding_dim}"
        return ", ".join([sizes, *(f"{name}={value!r}" for name, value in options.items())])


class Embedding(_Table):
    """The row of `weight` for each whole number: see `functional.embedding`.

    The row `padding_idx` starts from zeros and gets no gradient; rows longer than `max_norm` are made shorter, in
    `weight` itself. `sparse` changes nothing here.
    Shapes: (...) of whole numbers; `weight` (num_embeddings, embedding_dim); result (..., embedding_dim).
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.sparse = sparse
        kind, sizes = floats("Embedding", device, dtype), (num_embeddings, embedding_dim)
        self._build(sizes, padding_idx, max_norm, norm_type, scale_grad_by_freq, _weight, kind)
        self.weight.requires_grad_(not _freeze)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """The layer with `embeddings`, a matrix, as its weight, which stays as it is unless `freeze` is False."""
        rows, columns = _matrix("Embedding", embeddings)
        options: Any = (padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, embeddings, freeze)
        return cls(rows, columns, *options)

    def forward(self, input: Tensor | np.ndarray) -> Tensor:  # noqa: A002 - PyTorch's name
        """The rows."""
        options = (self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse)
        return functional.embedding(traced(input), self.weight, *options)

    def extra_repr(self) -> str:
        """The arguments that differ from the defaults."""
        return self._shown(self.sparse)


class EmbeddingBag(_Table):
    """The sum, mean or max (`mode`) of the rows of `weight` that each bag of whole numbers names.

    See `functional.embedding_bag`.

    Shapes: (bags, n), or (n,) and offsets (bags,); `weight` (num_embeddings, embedding_dim); result
    (bags, embedding_dim).
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if mode not in ("sum", "mean", "max"):
            raise ValueError(f"EmbeddingBag needs mode 'sum', 'mean' or 'max', got {mode!r}")
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset
        kind, sizes = floats("EmbeddingBag", device, dtype), (num_embeddings, embedding_dim)
        self._build(sizes, padding_idx, max_norm, norm_type, scale_grad_by_freq, _weight, kind)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Any,
        freeze: bool = True,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> Self:
        """The layer with `embeddings`, a matrix, as its weight, which stays as it is unless `freeze` is False."""
        rows, columns = _matrix("EmbeddingBag", embeddings)
        bags: Any = (mode, sparse, embeddings, include_last_offset, padding_idx)
        made = cls(rows, columns, max_norm, norm_type, scale_grad_by_freq, *bags)
        made.weight.requires_grad_(not freeze)
        return made

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Tensor:  # noqa: A002
        """The combined rows of each bag."""
        return functional.embedding_bag(
            traced(input),
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """The arguments that differ from the defaults."""
        return self._shown(self.sparse, mode=self.mode)


def _matrix(call: str, embeddings: Any) -> tuple[int, int]:
    if np.ndim(embeddings) != 2:
        raise ValueError(f"{call} needs embeddings as a matrix, got shape {np.shape(embeddings)}")
    rows, columns = embeddings.shape
    return rows, columns
