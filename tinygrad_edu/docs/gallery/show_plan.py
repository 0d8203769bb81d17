"""A captured step: the program in NumPy that replays it."""

from __future__ import annotations

from tinygrad_edu import capture, manual_seed, nn, ones

manual_seed(0)
layer = nn.Linear(2, 1)


@capture
def step(x):
    return (layer(x) ** 2).mean()


for _ in range(3):
    step(ones(4, 2))
print(step.source())
