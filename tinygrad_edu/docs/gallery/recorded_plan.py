"""What a plan replays of a captured step."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import capture, draw

w = torch.tensor([1.0, -1.0], requires_grad=True)


@capture
def step(x):  # noqa: D103 - one of a learner's scripts
    w.grad = None
    loss = ((x * w) ** 2).sum()
    loss.backward()
    return loss


for _ in range(3):
    step(torch.tensor([1.0, 2.0]))
draw(step).save("plan.svg")
