"""The forms in which sequences come to a recurrent layer, each brought to (steps, batch, numbers), and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.nn.utils.rnn import PackedSequence, pad_packed_sequence
from tinygrad_edu.tensor.functions.reshaping import flip
from tinygrad_edu.tensor.tensor import Tensor


class Batch:
    """Sequences as `steps` (T, B, I), and the way back to the form in which they came.

    Packed sequences are padded, sorted as they are; what is computed on the padding is never looked at.
    """

    def __init__(self, call: str, given: Any, data: Tensor, batch_first: bool) -> None:
        self.given, self.batch_first = given, batch_first
        self.lengths: np.ndarray | None = None
        if isinstance(given, PackedSequence):
            self.steps, lengths = pad_packed_sequence(given._replace(data=data, unsorted_indices=None))
            self.lengths = lengths.raw
        elif data.ndim == 2:
            self.steps = data.unsqueeze(1)
        else:
            self.steps = data.transpose(0, 1) if batch_first else data
        self.is_single = self.lengths is None and data.ndim == 2
        if not len(self.steps):
            raise ValueError(f"{call} needs sequences of at least 1 step, but x has shape {data.shape}")

    def reversed(self, x: Tensor) -> Tensor:
        """The steps of each sequence from its last to its first; its padding stays at the end."""
        if self.lengths is None:
            return flip(x, 0)
        times = np.arange(len(x))[:, None]
        return x[
            np.where(times < self.lengths, self.lengths - 1 - times, times), np.arange(len(self.lengths))
        ]

    def last(self, states: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The states after the last step of each sequence, from those after all steps."""
        if self.lengths is None:
            return tuple(x[-1] for x in states)
        return tuple(x[self.lengths - 1, np.arange(len(self.lengths))] for x in states)

    def restored(self, output: Tensor) -> Any:
        """The output of all steps in the form of the input."""
        if self.lengths is not None:
            places = np.nonzero(np.arange(len(output))[:, None] < self.lengths)
            return self.given._replace(data=output[places])
        if self.is_single:
            return output.squeeze(1)
        return output.transpose(0, 1) if self.batch_first else output

    # States: (layers and directions, batch, numbers); in the order of the packed sequences while a layer works.

    def state_shape(self, count: int, size: int) -> tuple[int, ...]:
        """The shape of a state that fits."""
        return (count, size) if self.is_single else (count, self.steps.shape[1], size)

    def sorted_state(self, state: Tensor) -> Tensor:
        """A state as it was given, in the order in which the layer works."""
        if self.is_single:
            return state.unsqueeze(1)
        return self._in_order(state, "sorted_indices")

    def restored_state(self, state: Tensor) -> Tensor:
        """A state in the form and order of the input."""
        return state.squeeze(1) if self.is_single else self._in_order(state, "unsorted_indices")

    def _in_order(self, state: Tensor, name: str) -> Tensor:
        order = None if self.lengths is None else getattr(self.given, name)
        return state if order is None else state[:, order.raw]
