from __future__ import annotations

from tinygrad_edu import tensor
from tinygrad_edu.explanation.diagnosis.graph_facts import StudentNames


def test_what_has_no_name_is_told_by_what_it_was_made_of():
    X, W = tensor([[1.0]], name="X"), tensor([[2.0]], requires_grad=True, name="W")
    product = X @ W

    assert StudentNames().node(product).startswith("X @ W (line ")
    assert StudentNames().node(product.exp()).startswith("exp (line ")


def test_it_is_told_by_a_formula_only_if_all_in_it_has_names():
    V, named = tensor([[2.0]], requires_grad=True, name="V"), {"a b": tensor([[1.0]])}

    assert StudentNames().node(V**2).startswith("V² (line ")
    assert StudentNames().node(V.log_softmax(-1)).startswith("log_softmax(V) (line ")
    assert StudentNames(named).node(named["a b"] @ V).startswith("matmul (line ")
