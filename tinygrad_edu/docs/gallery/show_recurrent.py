"""A recurrent network: the same weights at every step, and the steps folded into one card."""

from __future__ import annotations

from tinygrad_edu import draw, manual_seed, nn, randn, zeros

manual_seed(0)
cell = nn.RNNCell(2, 3)
h = zeros(1, 3)
for x in randn(20, 1, 2):
    h = cell(x, h)
loss = (h**2).mean()
loss.backward()
draw(loss, model=cell).save("recurrent.svg")
