"""The training step of a classifier, the same text for tinygrad_edu and for PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def training_step(
    library: Any, network: Any, weights: Sequence[np.ndarray], lr: float
) -> Callable[[Any, Any], Any]:
    """`step(x, y)` of a network that starts from `weights`: cross-entropy, backward, SGD; returns the loss."""
    for parameter, values in zip(network.parameters(), weights, strict=True):
        parameter.data = library.tensor(values)
    loss_function = library.nn.CrossEntropyLoss()
    optimizer = library.optim.SGD(network.parameters(), lr=lr)

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step
