"""Sequences of different lengths in one batch, as `torch.nn.utils.rnn`: padded to one length, or packed without gaps.

A packed sequence lists the first steps of all sequences, then their second steps, and so on, the longest sequence
first: step t has as many rows as there are sequences longer than t.
"""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any, NamedTuple, Self

import numpy as np

from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.functions.padding import pad
from tinygrad_edu.tensor.tensor import Tensor, tensor

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Fields(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Fields):
    """The steps of several sequences: `data` (steps in all, ...), and how many of them belong to each time.

    `sorted_indices` are the places in the batch of the sequences, the longest first, and `unsorted_indices` the
    inverse; both are None if the batch was sorted. Made by `pack_padded_sequence` and `pack_sequence`.
    """

    def __new__(
        cls,
        data: Tensor,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        if batch_sizes is None:
            raise TypeError("PackedSequence needs data and batch_sizes; use pack_padded_sequence(x, lengths)")
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **options: Any) -> Self:
        """The same sequence with its data in another dtype."""
        return self._replace(data=self.data.to(*args, **options))

    def cpu(self) -> Self:
        """The sequence itself: all data are on the CPU."""
        return self

    def double(self) -> Self:
        """The same sequence in float64."""
        return self.to(np.float64)

    def float(self) -> Self:
        """The same sequence in float32."""
        return self.to(np.float32)

    def half(self) -> Self:
        """The same sequence in float16."""
        return self.to(np.float16)

    def long(self) -> Self:
        """The same sequence in int64."""
        return self.to(np.int64)

    def int(self) -> Self:
        """The same sequence in int32."""
        return self.to(np.int32)

    @property
    def is_cuda(self) -> bool:
        """False: all data are on the CPU."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another one; None for None."""
    return None if permutation is None else permutation.argsort()


# Packed.


def pack_padded_sequence(
    input: Tensor,  # noqa: A002 - PyTorch's name
    lengths: Tensor | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """The first `lengths[b]` steps of each sequence b in a padded batch, packed.

    Shapes: `input` (T, B, ...), or (B, T, ...) with `batch_first`.
    Raises `ValueError` for lengths that are not from 1 to T, and, with `enforce_sorted`, not the longest first.
    """
    call = "pack_padded_sequence"
    if input.ndim < 2:
        raise ValueError(f"{call} needs input (T, B, ...) or (B, T, ...), got shape {input.shape}")
    steps, batch = input.shape[1::-1] if batch_first else input.shape[:2]
    counts = _lengths(call, lengths)
    if len(counts) != batch:
        raise ValueError(f"{call} needs one length for each of {batch} sequences, got {len(counts)} lengths")
    if not 1 <= counts.min() <= counts.max() <= steps:
        raise ValueError(f"{call} needs lengths from 1 to {steps}, got {short(counts.tolist())}")
    if enforce_sorted and (np.diff(counts) > 0).any():
        raise ValueError(
            f"{call} needs the longest sequence first, got lengths {short(counts.tolist())}; "
            "pass enforce_sorted=False to have them sorted"
        )
    order = np.arange(batch) if enforce_sorted else np.argsort(-counts, kind="stable")
    times, rows = _places(counts[order])
    columns = order[rows]
    data = input[(columns, times) if batch_first else (times, columns)]
    sizes = tensor(np.bincount(times))
    return PackedSequence(data, sizes, None if enforce_sorted else tensor(order))


def _lengths(call: str, lengths: Tensor | Sequence[int]) -> np.ndarray:
    counts = np.asarray(lengths.tolist() if isinstance(lengths, Tensor) else lengths)
    if counts.ndim != 1 or not counts.size or counts.dtype.kind not in "iu":
        raise ValueError(f"{call} needs lengths as a list of whole numbers, got {short(lengths)}")
    return counts


def _places(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The time, and the row in the sorted batch, of each step of a packed sequence."""
    times, rows = np.nonzero(np.arange(counts[0])[:, None] < counts)
    return times, rows


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """`(padded, lengths)`: the batch with all sequences padded to the longest, or to `total_length`.

    Shapes: (T, B, ...), or (B, T, ...) with `batch_first`; the lengths are (B,).
    """
    counts, order = _sorted_lengths(sequence), sequence.unsorted_indices
    length = counts[0] if total_length is None else total_length
    if length < counts[0]:
        raise ValueError(
            f"pad_packed_sequence needs total_length of at least {counts[0]}, the longest sequence, got {length}"
        )
    times, rows = _places(counts)
    places = np.full((length, len(counts)), len(times))  # the last row holds the padding
    places[times, rows] = np.arange(len(times))
    if order is not None:
        places, counts = places[:, order.numpy()], counts[order.numpy()]
    data = sequence.data
    padding = np.full((1, *data.shape[1:]), padding_value, data.dtype)
    return shape.cat(data, padding, dim=0)[places.T if batch_first else places], tensor(counts)


def _sorted_lengths(sequence: Any) -> np.ndarray:
    """The lengths of the packed sequences, the longest first."""
    if not isinstance(sequence, PackedSequence):
        raise TypeError(
            f"a PackedSequence is needed, got {type(sequence).__name__}; use pack_padded_sequence"
        )
    sizes = np.asarray(sequence.batch_sizes.tolist())
    return (np.arange(sizes[0])[:, None] < sizes).sum(axis=1)


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences of shapes (T_b, ...), packed; the longest first, unless `enforce_sorted` is False."""
    lengths = [len(sequence) for sequence in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a packed one, in the order of the batch."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences))


# Padded.


def pad_sequence(
    sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences of shapes (T_b, ...) as one tensor (T, B, ...), or (B, T, ...): all as long as the longest."""
    call, each = "pad_sequence", list(sequences)
    if not each or not all(isinstance(x, Tensor) and x.ndim for x in each):
        raise ValueError(f"{call} needs a list of Tensors with at least 1 dimension, got {short(sequences)}")
    if padding_side not in ("left", "right"):
        raise ValueError(f"{call} needs padding_side 'left' or 'right', got {padding_side!r}")
    if len({x.shape[1:] for x in each}) > 1:
        shapes = ", ".join(str(x.shape) for x in each)
        raise ValueError(f"{call} needs sequences that differ in their first size only, got {shapes}")
    longest = max(len(x) for x in each)
    return stack([_padded(x, longest, padding_value, padding_side) for x in each], 0 if batch_first else 1)


def _padded(x: Tensor, length: int, value: float, side: str) -> Tensor:
    missing = length - len(x)
    ends = (missing, 0) if side == "left" else (0, missing)
    return pad(x, (*[0, 0] * (x.ndim - 1), *ends), value=value) if missing else x


def unpad_sequence(padded_sequences: Tensor, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """The sequences of a padded batch, each with its own length."""
    by_example = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    counts = _lengths("unpad_sequence", lengths)
    if len(counts) != len(by_example):
        raise ValueError(
            f"unpad_sequence needs one length for each of {len(by_example)} sequences, got {len(counts)} lengths"
        )
    return [x[:count] for x, count in zip(by_example, counts.tolist(), strict=True)]
