"""Attention: the weights are a softmax of scaled products of queries and keys."""

from __future__ import annotations

from tinygrad_edu import draw, manual_seed, randn

manual_seed(0)
q, k, v = (randn(3, 4, requires_grad=True) for _ in range(3))
weights = (q @ k.T / 2).softmax(-1)
result = (weights @ v).sum()
result.backward()
draw(result).save("attention.svg")
