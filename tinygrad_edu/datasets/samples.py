"""Samples: inputs and targets as two Tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import get_default_dtype
from tinygrad_edu.tensor.tensor import Tensor, around
from tinygrad_edu.utils.data import TensorDataset


class Samples(TensorDataset):
    """A TensorDataset of `inputs` and `targets`: sample i is `(inputs[i], targets[i])`.

    `classes` are the names of the class numbers among the targets; empty where these are no class numbers.
    """

    def __init__(self, inputs: Tensor, targets: Tensor, classes: Sequence[str] = ()) -> None:
        super().__init__(inputs, targets)
        self.inputs, self.targets, self.classes = inputs, targets, tuple(classes)

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Copies of inputs and targets as arrays: `X, y = moons().arrays()`."""
        return np.array(self.inputs.raw), np.array(self.targets.raw)

    def __repr__(self) -> str:
        sizes = f"{len(self)} samples, inputs {tuple(self.inputs.shape)}, targets {tuple(self.targets.shape)}"
        return f"{type(self).__name__}({sizes})"


def samples_of(X: Any, y: Any, classes: Sequence[Any] = ()) -> Samples:
    """Samples of two arrays; floats become the default dtype."""
    arrays = [np.array(x) for x in (X, y)]
    inputs, targets = [x.astype(get_default_dtype()) if x.dtype.kind == "f" else x for x in arrays]
    return Samples(around(inputs), around(targets), [str(name) for name in classes])
