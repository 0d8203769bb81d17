"""A derivation: formulas from the rules, numbers from this run."""

from __future__ import annotations

from tinygrad_edu import explain, tensor

X = tensor([[1.0, 2.0], [0.5, -1.0]], name="X")
W = tensor([[0.3], [-0.2]], requires_grad=True, name="W")
loss = ((X @ W).sigmoid() ** 2).mean()
explain(loss, W).save("derivation.html")
print("\n".join(explain(loss, W).formulas))
