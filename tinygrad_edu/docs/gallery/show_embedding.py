"""An embedding: a row that is taken twice receives both gradients."""

from __future__ import annotations

from tinygrad_edu import draw, manual_seed, nn, tensor

manual_seed(0)
table = nn.Embedding(4, 2)
loss = (table(tensor([1, 3, 1])) ** 2).sum()
loss.backward()
draw(loss, model=table).save("embedding.svg")
print(table.weight.grad)
