"""The layer that zeroes numbers at random while training."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.nn.argument_checks import probability
from tinygrad_edu.nn.functional.dropouts import dropout
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.tensor import Tensor


class Dropout(Module):
    """Each number zeroed with probability `p` and the others divided by 1 - p; after `eval()` nothing is changed.

    Drawn from `generator`, or from the default one, behind `manual_seed`.
    Raises `ValueError` if `p` is not in [0, 1].
    """

    def __init__(self, p: float = 0.5, *, generator: np.random.Generator | None = None) -> None:
        super().__init__()
        probability("Dropout", p)
        draws.chosen_generator("Dropout", generator)
        self.p = p
        self.generator = generator

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - PyTorch's name
        """`x` with gaps, or as it is."""
        return dropout(input, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        """The argument."""
        return f"p={self.p}"
