"""A generator inside the loss of a critic; the gradient passes through both networks."""

from __future__ import annotations

import tinygrad_edu as torch
from tinygrad_edu import draw, nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
critic = nn.Linear(3, 1)
noise = torch.randn(4, 2)
score = critic(generator(noise))
loss = nn.functional.binary_cross_entropy_with_logits(score, torch.ones(4, 1))
loss.backward()
draw(loss).save("gan.svg")
