from __future__ import annotations

import operator

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.pair import ValuesAndIndices
from tinygrad_edu.tensor.tensor import Tensor, tensor

PAIR = tensor([[1.0, 5.0], [7.0, 0.0]]).max(1, keepdim=True)
BINARY = ["add", "sub", "mul", "truediv", "pow", "matmul", "gt", "ge", "lt", "le"]
USES = {
    **{
        f"tensor {name} pair": lambda name=name: getattr(operator, name)(tensor([1.0]), PAIR)
        for name in BINARY
    },
    **{
        f"pair {name} tensor": lambda name=name: getattr(operator, name)(PAIR, tensor([1.0]))
        for name in BINARY
    },
    **{f"array {name} pair": lambda name=name: getattr(operator, name)(np.ones(2), PAIR) for name in BINARY},
    **{f"pair {name} number": lambda name=name: getattr(operator, name)(PAIR, 2.0) for name in BINARY},
    "negative": lambda: -PAIR,
    "abs": lambda: abs(PAIR),
    "float": lambda: float(PAIR),
    "tensor": lambda: tensor(PAIR),
    "Tensor": lambda: Tensor(PAIR),
    "np.array": lambda: np.asarray(PAIR),
    "np.exp": lambda: np.exp(PAIR),
    "a layer": lambda: Linear(2, 1)(PAIR),
    "a function of one tensor": lambda: tinygrad_edu.sum(PAIR),
    "an operation": lambda: elementwise.exp(PAIR),
    "an operation beside a tensor": lambda: elementwise.maximum(tensor([1.0]), PAIR),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_pair_is_taken_for_no_array(use):
    with pytest.raises(
        TypeError, match=r"a pair \(values, indices\).* is no Tensor; write \.values, as in x\.max\(dim"
    ):
        use()


def test_the_softmax_of_a_numpy_user_is_an_error_and_no_array_of_another_shape():
    z = tensor(np.ones((2, 4)))

    with pytest.raises(TypeError, match=r"x\.amax\(dim\) for the values alone, or np\.max\(x, axis=1\)"):
        z - z.max(1, keepdims=True)

    assert (z - z.max(1, keepdims=True).values).shape == (2, 4)
    assert (z - np.max(z, axis=1, keepdims=True)).shape == (2, 4)


@pytest.mark.parametrize("options", [{"dim": 1}, {"axis": 1}, {"dim": -1}, {"axis": -1}])
@pytest.mark.parametrize("name", ["max", "min"])
def test_dim_and_axis_return_the_same(name, options):
    x = tensor([[3.0, 5.0], [7.0, 0.0]])

    found = getattr(x, name)(**options)

    assert isinstance(found, ValuesAndIndices)
    assert found.values.tolist() == getattr(np, name)(x.raw, 1).tolist()
    assert found.indices.tolist() == getattr(np, f"arg{name}")(x.raw, 1).tolist()


@pytest.mark.parametrize("name", ["max", "min"])
def test_one_dim_has_a_pair_and_several_have_values(name):
    x = tensor(np.arange(6.0).reshape(1, 2, 3))

    with pytest.raises(
        TypeError, match=rf"{name} needs one dim, got \(0, 1\); use a{name}\(\(0, 1\)\) for the values"
    ):
        getattr(x, name)((0, 1))

    assert getattr(x, f"a{name}")((0, 1)).shape == (3,)


def test_values_carry_the_gradient_to_the_first_of_equal_numbers_and_indices_carry_none():
    x = tensor([[2.0, 5.0, 5.0]], requires_grad=True)

    values, indices = x.max(1)
    values.sum().backward()

    assert not indices.requires_grad
    assert x.grad.tolist() == [[0, 1, 0]]


def test_a_pair_unpacks_compares_and_prints_as_a_named_tuple():
    values, indices = PAIR

    assert (PAIR.values, PAIR.indices) == (values, indices)
    assert PAIR[0] is values
    assert repr(PAIR).startswith("ValuesAndIndices(values=tensor(")
    assert stack(list(PAIR)).shape == (2, 2, 1)
