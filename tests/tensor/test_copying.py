from __future__ import annotations

import copy
import pickle

import pytest

from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.module import Parameter
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import tensor


def leaf(data):
    return tensor(data, requires_grad=True, name="w")


def by_pickle(x):
    return pickle.loads(pickle.dumps(x))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, by_pickle])
def test_a_copy_has_memory_of_its_own_and_all_else_in_common(copied):
    w = leaf([1.0, 2.0])

    again = copied(w)
    again.data[0] = 5

    assert (again.tolist(), w.tolist()) == ([5, 2], [1, 2])
    assert (again.requires_grad, again.name, again.dtype) == (True, "w", w.dtype)


def test_a_deep_copy_has_the_gradient_in_memory_of_its_own():
    w = leaf([1.0, 2.0])
    (w * w).sum().backward()

    again = copy.deepcopy(w)
    again.grad.zero_()

    assert (again.grad.tolist(), w.grad.tolist()) == ([0, 0], [2, 4])


def test_a_deep_copy_of_a_model_trains_by_itself():
    model = Linear(2, 1)
    model(tensor([[1.0, 2.0]])).sum().backward()

    again = copy.deepcopy(model)
    again(tensor([[3.0, 4.0]])).sum().backward()

    assert isinstance(again.weight, Parameter)
    assert (again.weight.grad.tolist(), model.weight.grad.tolist()) == ([[3, 4]], [[1, 2]])


def test_one_leaf_in_two_places_is_copied_once():
    w = leaf([1.0])

    first, second = copy.deepcopy([w, w])

    assert first is second


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, by_pickle])
def test_a_result_is_refused(copied):
    with pytest.raises(RuntimeError, match=r"need a leaf, but this tensor was computed; use x\.detach\(\)"):
        copied(leaf([1.0]) * 2)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@pytest.mark.parametrize("make", [lambda: tensor([1.0], requires_grad=True), lambda: Value(1.0)])
def test_attributes_that_were_set_are_copied(make, copied):
    x = make()
    x.role = ["weight"]

    assert copied(x).role == ["weight"]
