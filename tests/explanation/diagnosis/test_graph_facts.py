from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts, StudentNames
from tinygrad_edu.nn.functional import linear

rng = np.random.default_rng(0)


def data(*shape):
    return tensor(rng.normal(size=shape))


def learned(*shape):
    return tensor(rng.normal(size=shape), requires_grad=True)


OUTPUTS = {
    "rows": (lambda: data(5, 3) @ learned(3, 2), 5, 2),
    "columns": (lambda: learned(2, 3) @ data(3, 5), 5, 2),
    "columns, weights transposed": (lambda: learned(3, 2).T @ data(3, 5), 5, 2),
    "columns, two layers": (lambda: learned(2, 4) @ (learned(4, 3) @ data(3, 5)).tanh(), 5, 2),
    "a module": (lambda: linear(data(5, 3), learned(2, 3)), 5, 2),
    "sequences": (lambda: data(4, 5, 3) @ learned(3, 2), 20, 2),
    "a vector of weights": (lambda: data(5, 3) @ learned(3) + learned(), 5, 1),
    "outputs squeezed": (lambda: (data(5, 3) @ learned(3, 1)).squeeze(1), 5, 1),
    "one example at the left": (lambda: data(3) @ learned(3, 2), 1, 2),
    "one example at the right": (lambda: learned(2, 3) @ data(3), 1, 2),
    "a line through points": (lambda: learned() * data(5) + learned(), 5, 1),
    "a gate": (lambda: learned(5) * data(5), 1, 5),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_examples_and_outputs_are_counted_whichever_way_they_lie(name):
    network, n, k = OUTPUTS[name]
    p = network()

    facts = GraphFacts(Tape((p - data(*p.shape)).square().mean()), StudentNames())

    assert (facts.count, facts.classes) == (n, k)


# Names.


def test_what_has_no_name_is_told_by_what_it_was_made_of():
    X, W = tensor([[1.0]], name="X"), tensor([[2.0]], requires_grad=True, name="W")
    product = X @ W

    assert StudentNames().node(product).startswith("X @ W (line ")
    assert StudentNames().node(product.exp()).startswith("exp(X @ W) (line ")


def test_it_is_told_by_a_formula_only_if_all_in_it_has_names():
    V, named = tensor([[2.0]], requires_grad=True, name="V"), {"a b": tensor([[1.0]])}

    assert StudentNames().node(V**2).startswith("V² (line ")
    assert StudentNames().node(V.log_softmax(-1)).startswith("log_softmax(V) (line ")
    assert StudentNames(named).node(named["a b"] @ V).startswith("matmul (line ")


def test_a_tensor_under_the_name_of_its_gradient_is_told_by_the_name_of_its_value():
    w, data = tensor([[2.0]], requires_grad=True), tensor([[1.0]])
    names = StudentNames({"dW2": w, "data": data})

    assert (names.letter(w, "W"), names.gradient(w), names.letter(data, "x")) == ("W2", "dW2", "data")


def test_a_short_formula_of_names_stands_for_a_tensor_without_a_name():
    X, W = tensor([[1.0]], name="X"), tensor([[2.0]], requires_grad=True, name="W")

    assert StudentNames().letter(X @ W, "z") == "(X @ W)"
    assert StudentNames().gradient((X @ W).tanh()) == "d(tanh(X @ W))"
    assert StudentNames().letter(tensor([[1.0]]) @ W, "z") == "z"
