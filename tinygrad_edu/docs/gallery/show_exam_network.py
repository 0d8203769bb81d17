"""The network of an exam: a sigmoid layer, softmax and cross-entropy."""

from __future__ import annotations

from tinygrad_edu import draw, manual_seed, randn, tensor
from tinygrad_edu.nn.functional import cross_entropy

manual_seed(0)
X = randn(4, 3)
W1 = randn(3, 2, requires_grad=True)
W2 = randn(2, 3, requires_grad=True)
H1 = (X @ W1).sigmoid()
loss = cross_entropy(H1 @ W2, tensor([0, 1, 2, 1]))
loss.backward()
draw(loss).save("exam_network.svg")
