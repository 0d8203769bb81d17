"""Module: which parameters it finds and how it names them, saved values, and switching things on and off."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from tinygrad_edu import nn, ones, tensor
from tinygrad_edu.nn import Linear, Module, Parameter, ReLU, Sequential


class Scaled(Module):
    """Written without super().__init__()."""

    def __init__(self):
        self.inner = Linear(2, 3)
        self.scale = Parameter(2.0)
        self.note = "not a parameter"
        self.buffer = ones(3)

    def forward(self, x, shift=0):
        return self.inner(x) * self.scale + shift

    def extra_repr(self):
        return f"scale={self.scale.item()}"


class Tied(Module):
    """Uses one layer, and one parameter, in two places."""

    def __init__(self):
        self.first = Linear(2, 2)
        self.second = Linear(2, 2)
        self.second.weight = self.first.weight
        self.again = self.first

    def forward(self, x):
        return self.second(self.again(x))


def names(module, **options):
    return [name for name, _ in module.named_parameters(**options)]


# Discovery and names.


def test_parameters_are_named_by_their_path_in_order():
    net = Sequential(Scaled(), Sequential(Linear(3, 4, bias=False), ReLU()), Linear(4, 1))

    assert names(net) == ["0.scale", "0.inner.weight", "0.inner.bias", "1.0.weight", "2.weight", "2.bias"]
    assert [p.shape for p in net.parameters()] == [(), (3, 2), (3,), (4, 3), (1, 4), (1,)]
    assert names(net, prefix="net")[0] == "net.0.scale"
    assert names(net[0], recurse=False) == ["scale"]
    assert [p.shape for p in net[0].parameters(recurse=False)] == [()]


def test_the_outer_module_comes_before_the_inner_ones_as_in_pytorch():
    assert names(Scaled()) == ["scale", "inner.weight", "inner.bias"]


def test_a_shared_parameter_and_a_shared_module_are_listed_once():
    net = Tied()

    assert names(net) == ["first.weight", "first.bias", "second.bias"]
    assert [name for name, _ in net.named_modules()] == ["", "first", "second"]


def test_a_shared_parameter_receives_from_both_uses():
    net = Tied()
    w, x = net.first.weight, tensor([[1.0, 2.0]])

    net(x).sum().backward()

    hidden = net.first(x).detach().numpy()
    expected = np.outer(w.raw.sum(0), [1, 2]) + np.outer([1, 1], hidden)
    np.testing.assert_allclose(w.grad.raw, expected)


def test_modules_and_children():
    net = Sequential(Scaled(), ReLU())

    assert [name for name, _ in net.named_modules()] == ["", "0", "0.inner", "1"]
    assert [type(m).__name__ for m in net.modules()] == ["Sequential", "Scaled", "Linear", "ReLU"]
    assert [name for name, _ in net.named_children()] == ["0", "1"]
    assert list(net.children()) == [net[0], net[1]]


def test_a_module_that_contains_itself_is_walked_once():
    net = Scaled()
    net.inner.parent = net

    assert names(net) == ["scale", "inner.weight", "inner.bias"]


def test_a_parameter_is_a_leaf_that_gets_a_gradient():
    p = Parameter([1, 2], name="p")

    assert (p.requires_grad, p.is_leaf, p.dtype, p.name) == (True, True, np.float64, "p")
    assert not Parameter([1.0], requires_grad=False).requires_grad
    assert isinstance(p * 2, nn.module.Tensor)
    assert not isinstance(p * 2, Parameter)


def test_modules_set_later_are_found_and_removed_ones_are_not():
    net = Scaled()
    net.head = Linear(3, 1)
    net.inner.bias = None

    assert names(net) == ["scale", "inner.weight", "head.weight", "head.bias"]


def test_a_parameter_is_not_silently_replaced_by_something_no_optimizer_finds():
    layer = Linear(2, 3)

    for value in (ones(3), np.ones(3), [1.0, 1.0, 1.0]):
        with pytest.raises(
            TypeError,
            match=rf"Linear.bias needs a Parameter, got {type(value).__name__}, .*Parameter\(...\).*bias.data",
        ):
            layer.bias = value
    layer.bias = Parameter(ones(3))

    assert layer.bias.tolist() == [1, 1, 1]
    assert names(layer) == ["weight", "bias"]


# Calling.


def test_a_call_is_forward_with_all_arguments():
    net = Scaled()
    x = ones(4, 2)

    np.testing.assert_array_equal(net(x, shift=1).raw, (net.inner(x) * 2 + 1).raw)


def test_what_a_module_returns_knows_the_module_and_does_not_keep_it():
    class Several(Module):
        def forward(self, x):
            return {"list": [], "one": x * 2, "same": x}

    net = Several()
    x = tensor([1.0], requires_grad=True)

    result = net(x)["one"]

    module, start, inner = result.call
    assert module() is net
    assert start < result.serial
    assert inner is None
    assert x.call is None
    del net
    assert module() is None


def test_forward_must_be_written():
    class Empty(Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty needs a method forward\(self, x\) that says what"):
        Empty()(1)


def test_repr_shows_the_tree():
    assert repr(Sequential(Scaled(), ReLU())) == (
        "Sequential(\n"
        "  (0): Scaled(scale=2.0\n"
        "    (inner): Linear(in_features=2, out_features=3, bias=True)\n"
        "  )\n"
        "  (1): ReLU()\n"
        ")"
    )


# Switching.


def test_train_and_eval_reach_every_module_and_return_the_net():
    net = Sequential(Scaled(), ReLU())

    assert all(m.training for m in net.modules())
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())
    assert not net.train(False)[0].inner.training


@pytest.mark.parametrize("mode", ["yes", 1, None])
def test_train_needs_true_or_false(mode):
    with pytest.raises(TypeError, match=f"train needs mode as True or False, got {type(mode).__name__}"):
        Scaled().train(mode)


def test_requires_grad_freezes_and_thaws():
    net = Sequential(Linear(2, 2), Linear(2, 1))

    assert net[0].requires_grad_(False) is net[0]
    net(ones(1, 2)).sum().backward()

    assert [p.grad is None for p in net.parameters()] == [True, True, False, False]
    net.requires_grad_()
    assert all(p.requires_grad for p in net.parameters())


def test_zero_grad_forgets_or_overwrites():
    net = Linear(2, 1)
    net(ones(1, 2)).sum().backward()
    gradient = net.weight.grad

    net.zero_grad(set_to_none=False)
    assert gradient.tolist() == net.weight.grad.tolist() == [[0, 0]]

    net.zero_grad()
    assert net.weight.grad is None
    net.zero_grad(set_to_none=False)
    assert net.weight.grad is None


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_zero_grad_drops_the_graph_of_a_gradient():
    net = Linear(2, 1)
    (net(ones(1, 2)) ** 2).sum().backward(create_graph=True)
    assert net.weight.grad.requires_grad

    net.zero_grad(set_to_none=False)

    assert not net.weight.grad.requires_grad
    assert net.weight.grad.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("change", "dtype"),
    [
        (lambda net: net.float(), np.float32),
        (lambda net: net.float().double(), np.float64),
        (lambda net: net.to("float32"), np.float32),
        (lambda net: net.to(np.float16), np.float16),
    ],
)
def test_float_double_and_to_change_every_parameter(change, dtype):
    net = Sequential(Linear(2, 3), Linear(3, 1))
    before = [p.numpy(force=True) for p in net.parameters()]
    parameters = list(net.parameters())
    net(ones(1, 2)).sum().backward()

    assert change(net) is net

    assert [p.dtype for p in net.parameters()] == [dtype] * 4
    assert all(p is q for p, q in zip(net.parameters(), parameters, strict=True))
    assert [p.grad for p in net.parameters()] == [None] * 4
    for p, old in zip(net.parameters(), before, strict=True):
        np.testing.assert_allclose(p.raw, old, rtol=1e-2 if dtype is np.float16 else 1e-7)


def test_a_float32_net_on_float32_data_stays_float32():
    net = Sequential(Linear(2, 3), nn.Tanh(), Linear(3, 2)).float()

    loss = nn.CrossEntropyLoss()(net(tensor(np.ones((4, 2), "float32"))), [0, 1, 1, 0])
    loss.backward()

    assert [loss.dtype, *(p.grad.dtype for p in net.parameters())] == [np.float32] * 5


@pytest.mark.parametrize(
    ("dtype", "message"),
    [
        (int, "to needs a floating dtype for the parameters of a module, got int64"),
        ("banana", "to needs a dtype such as float or np.int64, got 'banana'"),
    ],
)
def test_parameters_have_a_floating_dtype(dtype, message):
    with pytest.raises(TypeError, match=message):
        Linear(2, 1).to(dtype)


# Saved values.


def test_state_dict_copies_every_parameter():
    net = Sequential(Linear(2, 1))

    saved = net.state_dict()
    net[0].weight.data.zero_()

    assert list(saved) == ["0.weight", "0.bias"]
    assert (saved["0.weight"].raw != 0).any()
    assert not saved["0.weight"].requires_grad


def test_values_can_be_loaded_into_another_net():
    net, other = Sequential(Linear(2, 3), Linear(3, 1)), Sequential(Linear(2, 3), Linear(3, 1))
    parameters = list(other.parameters())

    other.load_state_dict(net.state_dict())

    np.testing.assert_array_equal(other(ones(2, 2)).raw, net(ones(2, 2)).raw)
    assert all(p is q and p.requires_grad for p, q in zip(other.parameters(), parameters, strict=True))


def test_arrays_and_lists_can_be_loaded_and_take_the_dtype_of_the_net():
    net = Linear(2, 1).float()

    net.load_state_dict({"weight": [[1, 2]], "bias": np.array([3.0])})

    assert (net.weight.tolist(), net.bias.tolist()) == ([[1, 2]], [3])
    assert (net.weight.dtype, net.bias.dtype) == (np.float32, np.float32)


MISFITS = {
    "missing": ({"weight": [[1, 2]]}, "missing 'bias'"),
    "unexpected": ({"weight": [[1, 2]], "bias": [3], "extra": [4]}, "unexpected 'extra'"),
    "shape": ({"weight": [[1, 2, 3]], "bias": [3]}, r"'weight' has shape \(1, 3\) where \(1, 2\) is needed"),
    "all": ({"weight": [1], "extra": [4]}, "missing 'bias'; unexpected 'extra'; 'weight' has shape"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_named_and_nothing_changes(name):
    net = Linear(2, 1)
    before = {path: value.tolist() for path, value in net.state_dict().items()}
    state, message = MISFITS[name]

    with pytest.raises(RuntimeError, match="load_state_dict of Linear needs the same parameters: " + message):
        net.load_state_dict(state)

    assert {path: value.tolist() for path, value in net.state_dict().items()} == before


def test_what_is_no_number_is_refused_and_nothing_changes():
    net = Linear(2, 1)
    before = net.weight.tolist()

    with pytest.raises(TypeError, match="tensor needs real numbers"):
        net.load_state_dict({"weight": [[1, 2]], "bias": ["a"]})

    assert net.weight.tolist() == before


def test_loading_some_of_the_values_must_be_asked_for():
    net = Linear(2, 1)
    bias = net.bias.tolist()

    net.load_state_dict({"weight": [[1, 2]], "extra": [1]}, strict=False)

    assert (net.weight.tolist(), net.bias.tolist()) == ([[1, 2]], bias)
    with pytest.raises(RuntimeError, match="'weight' has shape"):
        net.load_state_dict({"weight": [1]}, strict=False)


def test_loading_between_forward_and_backward_is_noticed():
    net = Sequential(Linear(2, 2), Linear(2, 1))
    loss = net(ones(1, 2)).sum()

    net.load_state_dict(net.state_dict())

    with pytest.raises(RuntimeError, match=r"linear .* was overwritten at test_module.py"):
        loss.backward()


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["copy", "pickle"]
)
def test_a_copy_computes_the_same_and_learns_alone(duplicate):
    net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))

    twin = duplicate(net)
    np.testing.assert_array_equal(twin(ones(1, 2)).raw, net(ones(1, 2)).raw)
    twin[0].weight.data.zero_()

    assert (net[0].weight.raw != 0).any()
    assert names(twin) == names(net)


def test_a_graph_computed_before_a_change_of_dtype_is_not_walked_with_the_new_numbers():
    net = Sequential(Linear(2, 2), Linear(2, 1)).float()
    loss = net(ones(3, 2).float()).sum()

    net.double()

    with pytest.raises(RuntimeError, match=r"overwritten at test_module.py:\d+; overwrite it after backward"):
        loss.backward()


def test_a_change_to_the_same_dtype_changes_nothing():
    net = Linear(2, 1).double()
    loss = net(ones(3, 2)).sum()
    loss.backward()

    net.double()

    assert net.weight.grad.tolist() == [[3, 3]]
    loss.backward()


def test_a_copy_keeps_shared_parameters_shared():
    twin = copy.deepcopy(Tied())

    assert twin.second.weight is twin.first.weight
    assert twin.again is twin.first


def test_modules_and_parameters_in_lists_tuples_and_dicts_are_found():
    class Net(nn.Module):
        def __init__(self):
            self.layers = [nn.Linear(2, 3), nn.Linear(3, 1)]
            self.heads = {"left": nn.Linear(1, 1, bias=False)}
            self.scales = (nn.Parameter([1.0]),)

    names = [name for name, _ in Net().named_parameters()]

    assert names == [
        "scales.0", "layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "heads.left.weight",
    ]  # fmt: skip


def test_a_list_of_layers_may_be_called_modules():
    class Net(nn.Module):
        def __init__(self):
            self.modules = [nn.Linear(2, 3), nn.Linear(3, 1)]

        def forward(self, x):
            return self.modules[1](self.modules[0](x))

    net = Net()
    net.eval().zero_grad()
    net(tensor([[1.0, 2.0]])).sum().backward()

    assert [name for name, _ in net.named_parameters()] == [
        "modules.0.weight", "modules.0.bias", "modules.1.weight", "modules.1.bias",
    ]  # fmt: skip
    assert [module.training for module in net.modules] == [False, False]
    assert all(p.grad is not None for p in net.parameters())
    assert list(net.state_dict()) == [name for name, _ in net.named_parameters()]


@pytest.mark.parametrize("value", [[Linear(2, 2)], Linear(2, 2), None])
def test_training_is_no_place_for_layers(value):
    class Net(Module):
        def __init__(self):
            super().__init__()
            self.training = value

    with pytest.raises(TypeError, match=r"Net.training is True or False, .* give the attribute another name"):
        Net()
