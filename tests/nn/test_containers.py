"""Sequential: order, names, parts by index, and what is no part."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

from tinygrad_edu import nn, ones, relu, tensor
from tinygrad_edu.nn import Linear, Module, ReLU, Sequential, Tanh


def test_parts_follow_one_another():
    net = Sequential(Linear(2, 3), Tanh(), Linear(3, 1))
    x = np.array([[1.0, -2.0]])

    hidden = np.tanh(x @ net[0].weight.raw.T + net[0].bias.raw)

    np.testing.assert_allclose(net(tensor(x)).raw, hidden @ net[2].weight.raw.T + net[2].bias.raw)


def test_nothing_returns_its_input():
    x = ones(2)

    assert Sequential()(x) is x
    assert len(Sequential()) == 0


@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_parts_can_be_named(kind):
    net = Sequential(kind([("hidden", Linear(2, 3)), ("act", ReLU()), ("out", Linear(3, 1))]))

    assert [name for name, _ in net.named_parameters()] == [
        "hidden.weight",
        "hidden.bias",
        "out.weight",
        "out.bias",
    ]
    assert net.hidden is net[0]
    assert net(ones(4, 2)).shape == (4, 1)


def test_parts_are_numbered_from_0_and_can_be_nested():
    net = Sequential(Sequential(Linear(2, 2), Sequential(Linear(2, 2))), Linear(2, 1))

    assert [name for name, _ in net.named_parameters()][::2] == ["0.0.weight", "0.1.0.weight", "1.weight"]


def test_index_slice_length_and_loop():
    net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))

    assert len(net) == 3
    assert list(net) == [net[0], net[1], net[2]]
    assert net[-1] is net[2]
    tail = net[1:]
    assert isinstance(tail, Sequential)
    assert list(tail) == [net[1], net[2]]
    assert [name for name, _ in tail.named_children()] == ["1", "2"]


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_that_is_not_there_is_refused(index):
    with pytest.raises(IndexError, match=f"Sequential has 3 parts, got index {index}"):
        Sequential(ReLU(), ReLU(), ReLU())[index]


def test_append_and_add_module_put_parts_at_the_end():
    net = Sequential(Linear(2, 3))

    assert net.append(ReLU()) is net
    net.add_module("head", Linear(3, 1))

    assert [name for name, _ in net.named_children()] == ["0", "1", "head"]
    assert net(ones(4, 2)).shape == (4, 1)


def test_one_module_can_be_two_parts():
    act = Tanh()
    net = Sequential(act, act)

    assert len(net) == 2
    assert net(tensor([1.0])).item() == np.tanh(np.tanh(1.0))


def test_a_part_can_be_exchanged_and_is_then_used_and_trained():
    net = Sequential({"body": Linear(2, 3), "head": Linear(3, 1)})
    net.head = Linear(3, 5)

    assert net(ones(4, 2)).shape == (4, 5)
    assert net[1] is net.head
    assert [p.shape for p in net.parameters()][2] == (5, 3)


def test_a_subclass_may_add_parts_of_its_own():
    class Net(Sequential):
        def __init__(self):
            super().__init__(Linear(2, 3))
            self.head = Linear(3, 1)

    assert Net()(ones(4, 2)).shape == (4, 1)


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            ReLU,
            r"Sequential needs modules, got <class .*ReLU'> as part '1'; write its brackets, as in Sigmoid\(\)",
        ),
        (relu, "Sequential needs modules, got <operation relu> as part '1'"),
        ("relu", "Sequential needs modules, got 'relu' as part '1'"),
        (None, "Sequential needs modules, got None as part '1'"),
        ([ReLU()], r"Sequential needs modules, got \[ReLU\(\)\] as part '1'; write Sequential\(\*modules\)"),
    ],
    ids=str,
)
def test_what_is_no_module_is_refused(part, message):
    with pytest.raises(TypeError, match=message):
        Sequential(Linear(2, 3), part)


@pytest.mark.parametrize("name", ["", "a.b", "forward", "training", "parameters"])
def test_names_that_could_not_be_told_apart_are_refused(name):
    with pytest.raises(
        ValueError, match=f"Sequential needs names without a dot that are not taken, got '{name}'"
    ):
        Sequential({name: ReLU()})


def test_a_name_is_given_once():
    with pytest.raises(ValueError, match="names without a dot that are not taken, got '1'"):
        Sequential({"1": ReLU()}).append(Linear(2, 2))


def test_the_layer_that_does_not_fit_names_itself():
    net = Sequential(Linear(2, 3), ReLU(), Linear(4, 1))

    with pytest.raises(ValueError, match=r"Linear\(4, 1\) takes rows of 4 numbers, but x has shape \(6, 3\)"):
        net(ones(6, 2))


def test_everything_offered_is_a_module_or_documented():
    modules = [item for item in vars(nn).values() if isinstance(item, type)]

    assert [m for m in modules if issubclass(m, Module) and not m.__doc__] == []
