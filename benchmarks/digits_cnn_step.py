"""One training step of a convolutional network for the 8x8 digits, and one of a small version, in float32.

Conv 3x3 of 16 channels, ReLU, conv 3x3 of 32 channels, ReLU, maximum of 2x2, a linear layer of 64, ReLU, and one of 10;
batches of 64. The small one has 4 and 8 channels, 16 features, and batches of 8. SGD. One thread each.

    python benchmarks/digits_cnn_step.py
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from harness import main, model_question


class Size(NamedTuple):
    """Channels of the two convolutions, features of the linear layer, examples in a batch."""

    first: int
    second: int
    features: int
    batch: int


SIZES = {"16, 32 channels, batch 64": Size(16, 32, 64, 64), "4, 8 channels, batch 8": Size(4, 8, 16, 8)}


def model(library: Any, size: Size) -> Any:
    nn = library.nn
    return nn.Sequential(
        nn.Conv2d(1, size.first, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(size.first, size.second, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(size.second * 16, size.features),
        nn.ReLU(),
        nn.Linear(size.features, 10),
    )


def batch(size: Size) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    return rng.random((size.batch, 1, 8, 8), dtype=np.float32), rng.integers(0, 10, size.batch)


def loss_of(library: Any, net: Any, x: Any, y: Any) -> Any:
    return library.nn.functional.cross_entropy(net(x), y)


QUESTION = model_question(
    "Training step of a convolutional network for digits",
    SIZES,
    model,
    batch,
    loss_of,
    bars=dict(zip(SIZES, [(2.0, 1.2), (1.0, 1.0)])),
)

if __name__ == "__main__":
    main(QUESTION)
