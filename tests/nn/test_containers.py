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
        KeyError, match=f"Sequential needs a name for a module without a dot that is not taken, got '{name}'"
    ):
        Sequential({name: ReLU()})


def test_a_name_is_given_once():
    with pytest.raises(KeyError, match="Sequential has a part '1' already; use add_module"):
        Sequential({"1": ReLU()}).append(Linear(2, 2))


def test_the_layer_that_does_not_fit_names_itself():
    net = Sequential(Linear(2, 3), ReLU(), Linear(4, 1))

    with pytest.raises(ValueError, match=r"Linear\(4, 1\) takes rows of 4 numbers, but x has shape \(6, 3\)"):
        net(ones(6, 2))


def test_everything_offered_is_a_module_or_documented():
    modules = [item for item in vars(nn).values() if isinstance(item, type)]

    assert [m for m in modules if issubclass(m, Module) and not m.__doc__] == []


# Lists and dicts.


def test_a_list_of_modules_is_a_list():
    layers = nn.ModuleList([Linear(1, 2), ReLU()])
    layers.append(Linear(2, 3)).extend([Tanh()])
    layers.insert(1, Linear(2, 2))
    layers += [ReLU()]

    assert len(layers) == 6
    assert [type(part).__name__ for part in layers] == ["Linear", "Linear", "ReLU", "Linear", "Tanh", "ReLU"]
    assert layers[-1] in layers
    assert ReLU() not in layers
    assert isinstance(layers[1:3], nn.ModuleList)
    assert list(layers[1:3]._modules) == ["0", "1"]
    layers[0] = Linear(1, 7)
    del layers[2]
    assert layers.pop(-1) is not None
    assert [name for name, _ in layers.named_parameters()][:4] == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert len(layers + nn.ModuleList([ReLU()])) == 5


def test_a_list_prints_equal_modules_in_a_row_once():
    assert repr(nn.ModuleList([Linear(2, 2), Linear(2, 2), ReLU()])) == (
        "ModuleList(\n  (0-1): 2 x Linear(in_features=2, out_features=2, bias=True)\n  (2): ReLU()\n)"
    )


def test_a_dict_of_modules_is_a_dict():
    heads = nn.ModuleDict({"a": Linear(1, 2)})
    heads["b"] = ReLU()
    heads.update([("c", Tanh())])

    assert (list(heads), len(heads), "b" in heads) == (["a", "b", "c"], 3, True)
    assert list(heads.keys()) == ["a", "b", "c"]
    assert [key for key, _ in heads.items()] == ["a", "b", "c"]
    assert len(list(heads.values())) == 3
    assert isinstance(heads.pop("b"), ReLU)
    del heads["c"]
    assert [name for name, _ in heads.named_parameters()] == ["a.weight", "a.bias"]
    heads.clear()
    assert len(heads) == 0


def test_parts_of_a_sequential_can_be_put_in_taken_out_and_repeated():
    net = Sequential(Linear(2, 2), ReLU())
    net.insert(1, Tanh())
    del net[2]
    net.extend([ReLU()])
    net[0] = Linear(2, 3)

    assert [type(part).__name__ for part in net] == ["Linear", "Tanh", "ReLU"]
    assert net(ones(1, 2)).shape == (1, 3)
    assert len(Sequential(Tanh()) * 3) == len(2 * Sequential(Tanh(), ReLU())) - 1 == 3
    assert len(net + Sequential(Tanh())) == 4
    assert isinstance(net.pop(0), Linear)
    assert list(net._modules) == ["0", "1"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.ModuleList(3), TypeError, "extend needs modules in a list, got int 3"),
        (lambda: nn.ModuleList([1]), TypeError, "ModuleList needs modules, got 1 as part '0'"),
        (lambda: nn.ModuleList([ReLU()])[1], IndexError, "ModuleList has 1 parts, got index 1"),
        (lambda: nn.ModuleList().insert(0, 3), TypeError, "ModuleList needs modules, got 3 as part 0"),
        (lambda: nn.ModuleDict(3), TypeError, "ModuleDict needs a dict of modules, got int 3"),
        (lambda: nn.ModuleDict({"keys": ReLU()}), KeyError, "not taken, got 'keys'"),
        (lambda: nn.ModuleDict({1: ReLU()}), TypeError, "needs the name of a module as text, got 1"),
        (lambda: nn.ModuleDict({"a": 2}), TypeError, "ModuleDict needs modules, got 2 as part 'a'"),
        (lambda: Sequential(ReLU()) * 0, ValueError, "a whole number of 1 or more as factor, got 0"),
        (lambda: nn.ParameterList(3), TypeError, "ParameterList needs a list of parameters, got int"),
        (lambda: nn.ParameterList([])[0], IndexError, "ParameterList has 0 parts, got index 0"),
        (lambda: nn.ParameterDict(3), TypeError, "ParameterDict needs a dict of parameters, got int"),
        (lambda: nn.ParameterDict()["a"], KeyError, "a"),
        (lambda: nn.ParameterDict({"items": ones(1)}), KeyError, "not taken, got 'items'"),
    ],
)
def test_what_does_not_fit_into_a_container_is_named(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_a_list_of_parameters():
    weights = nn.ParameterList([ones(2), nn.Parameter(ones(2, 3))])
    weights.append(ones(1))
    weights += [ones(4)]
    weights[0] = ones(5)

    assert [p.shape for p in weights.parameters()] == [(5,), (2, 3), (1,), (4,)]
    assert [p.shape for p in weights] == [(5,), (2, 3), (1,), (4,)]
    assert (len(weights), len(weights[1:]), weights[-1].shape) == (4, 3, (4,))
    assert (
        repr(nn.ParameterList([ones(2, 3)]))
        == "ParameterList(  (0): Parameter containing: [float64 of size 2x3])"
    )


def test_a_dict_of_parameters():
    weights = nn.ParameterDict({"a": ones(2), "note": "text"})
    weights["b"] = ones(3)

    assert [name for name, _ in weights.named_parameters()] == ["a", "b"]
    assert list(weights) == list(weights.keys()) == ["a", "note", "b"]
    assert (len(weights), "a" in weights, weights.get("x")) == (3, True, None)
    assert [key for key, _ in weights.items()] == ["a", "note", "b"]
    assert weights.pop("note") == "text"
    assert weights.setdefault("c", ones(1)).shape == (1,)
    assert "\n      (a): Parameter containing: [float64 of size 2]\n" in repr(nn.ModuleList([weights]))
    assert list(reversed(weights)) == ["c", "b", "a"]
    twin = weights.copy()
    assert (list(twin), twin["b"] is weights["b"]) == (["a", "b", "c"], True)
    weights.clear()
    assert weights.values() == []
