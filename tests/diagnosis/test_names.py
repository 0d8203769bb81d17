from __future__ import annotations

from tinygrad_edu import tensor
from tinygrad_edu.diagnosis.names import Names


def test_what_has_no_name_is_told_by_what_it_was_made_of():
    X, W = tensor([[1.0]], name="X"), tensor([[2.0]], requires_grad=True, name="W")
    product = X @ W

    assert Names().node(product).startswith("matmul of X and W (line ")
    assert Names().node(product.exp()).startswith("exp (line ")
