"""The state of a module: names and order, loading as a whole or not at all, hooks, and state of a user's own."""

from __future__ import annotations

import copy
from collections import OrderedDict

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, ones, optim, tensor, zeros
from tinygrad_edu.nn import Linear, Module, ReLU, Sequential


class Normalized(Module):
    """A parameter, a buffer that is saved, one that is not, and a layer."""

    def __init__(self):
        super().__init__()
        self.inner = Linear(2, 3)
        self.register_buffer("mean", zeros(2))
        self.register_buffer("cache", ones(4), persistent=False)
        self.scale = nn.Parameter([1.0, 2.0])

    def forward(self, x):
        return self.inner((x - self.mean) * self.scale)


def test_the_state_is_parameters_then_saved_buffers_then_the_modules_inside():
    state = Sequential(Normalized(), ReLU(), Linear(3, 1)).state_dict()

    assert isinstance(state, OrderedDict)
    assert list(state) == ["0.scale", "0.mean", "0.inner.weight", "0.inner.bias", "2.weight", "2.bias"]


def test_the_state_is_the_memory_of_the_module_without_a_graph():
    net = Sequential(Linear(2, 1))

    state = net.state_dict()
    kept = copy.deepcopy(state)
    with no_grad():
        state["0.weight"].copy_(ones(1, 2))

    assert net[0].weight.tolist() == [[1, 1]]
    assert (kept["0.weight"].raw != 1).all()
    assert not state["0.weight"].requires_grad
    assert net.state_dict(keep_vars=True)["0.weight"] is net[0].weight


def test_a_module_used_twice_is_saved_under_both_names():
    net = Module()
    net.first = net.again = Linear(2, 2)

    assert list(net.state_dict()) == ["first.weight", "first.bias", "again.weight", "again.bias"]
    assert net.load_state_dict(net.state_dict()).missing_keys == []


def test_values_can_be_loaded_into_another_net():
    net, other = Sequential(Normalized(), Linear(3, 1)), Sequential(Normalized(), Linear(3, 1))
    net[0].mean.fill_(3)
    parameters = list(other.parameters())

    answer = other.load_state_dict(net.state_dict())

    assert repr(answer) == "<All keys matched successfully>"
    assert other[0].mean.tolist() == [3, 3]
    np.testing.assert_array_equal(other(ones(2, 2)).raw, net(ones(2, 2)).raw)
    assert all(p is q and p.requires_grad for p, q in zip(other.parameters(), parameters, strict=True))


def test_arrays_and_lists_can_be_loaded_and_take_the_dtype_of_the_net():
    net = Linear(2, 1).float()

    net.load_state_dict({"weight": [[1, 2]], "bias": np.array([3.0])})

    assert (net.weight.tolist(), net.bias.tolist()) == ([[1, 2]], [3])
    assert (net.weight.dtype, net.bias.dtype) == (np.float32, np.float32)


def test_assigned_tensors_are_those_of_the_dict_and_keep_their_dtype():
    net, other = Linear(2, 1), Linear(2, 1).float()

    net.load_state_dict(other.state_dict(), assign=True)

    assert net.weight.dtype == np.float32
    assert isinstance(net.weight, nn.Parameter)
    assert net.weight.requires_grad
    assert np.shares_memory(net.weight.raw, other.weight.raw)


MISFITS = {
    "missing": ({"weight": [[1, 2]]}, r'\tMissing key\(s\) in state_dict: "bias"$'),
    "unexpected": (
        {"weight": [[1, 2]], "bias": [3], "extra": [4]},
        r'\tUnexpected key\(s\) in state_dict: "extra"$',
    ),
    "shape": (
        {"weight": [[1, 2, 3]], "bias": [3]},
        r"\tsize mismatch for weight: the saved value has shape \(1, 3\), the one in the module has \(1, 2\)$",
    ),
    "all": (
        {"weight": [1], "extra": [4]},
        r'\tMissing .*"bias"\n\tUnexpected .*"extra"\n\tsize mismatch for weight',
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_named_and_nothing_changes(name):
    net = Linear(2, 1)
    before = {path: value.tolist() for path, value in net.state_dict().items()}
    state, message = MISFITS[name]

    with pytest.raises(RuntimeError, match=r"^Error\(s\) in loading state_dict for Linear:\n" + message):
        net.load_state_dict(state)

    assert {path: value.tolist() for path, value in net.state_dict().items()} == before


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"weight": [[1, 2]], "bias": ["a"]}, "tensor needs real numbers"),
        ("weights.pt", "load_state_dict of Linear needs a dict of tensors, got str 'weights.pt'; .* load"),
        (None, "needs a dict of tensors, got NoneType None"),
    ],
)
def test_what_is_no_dict_of_numbers_is_refused_and_nothing_changes(state, message):
    net = Linear(2, 1)
    before = net.weight.tolist()

    with pytest.raises(TypeError, match=message):
        net.load_state_dict(state)

    assert net.weight.tolist() == before


def test_loading_some_of_the_values_must_be_asked_for():
    net = Linear(2, 1)
    bias = net.bias.tolist()

    answer = net.load_state_dict({"weight": [[1, 2]], "extra": [1]}, strict=False)

    assert answer.missing_keys == ["bias"]
    assert answer.unexpected_keys == ["extra"]
    assert repr(answer) == "IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['extra'])"
    assert (net.weight.tolist(), net.bias.tolist()) == ([[1, 2]], bias)
    with pytest.raises(RuntimeError, match="size mismatch for weight"):
        net.load_state_dict({"weight": [1]}, strict=False)


def test_loading_between_forward_and_backward_is_noticed():
    net = Sequential(Linear(2, 2), Linear(2, 1))
    loss = net(ones(1, 2)).sum()

    net.load_state_dict(net.state_dict())

    with pytest.raises(RuntimeError, match=r"linear .* was overwritten at test_module_state.py"):
        loss.backward()


def test_training_goes_on_where_it_was_saved():
    def trained(net, steps):
        optimizer = optim.SGD(net.parameters(), lr=0.1)
        for _ in range(steps):
            optimizer.zero_grad()
            net(tensor([[1.0, 2.0]])).sum().backward()
            optimizer.step()
        return net.weight.tolist()

    net, other = Linear(2, 1), Linear(2, 1)
    other.load_state_dict(net.state_dict())
    trained(other, 2)
    saved = copy.deepcopy(other.state_dict())

    resumed = Linear(2, 1)
    resumed.load_state_dict(saved)

    assert trained(resumed, 3) == trained(net, 5)


# Hooks and state of a user's own.


def test_hooks_see_the_state_before_and_after_it_is_read():
    net = Linear(1, 1)
    seen = []
    net.register_state_dict_pre_hook(
        lambda module, prefix, keep_vars: seen.append((module, prefix, keep_vars))
    )
    handle = net.register_state_dict_post_hook(
        lambda _m, state, prefix, _meta: state.update({prefix + "more": 1})
    )

    assert list(Sequential(net).state_dict()) == ["0.weight", "0.bias", "0.more"]
    assert seen == [(net, "0.", False)]
    handle.remove()
    assert list(net.state_dict()) == ["weight", "bias"]


def test_a_hook_may_rename_what_is_loaded():
    net = Sequential(Linear(1, 1, bias=False))

    def rename(module, state, prefix, *_rest):
        state[prefix + "weight"] = state.pop(prefix + "w")

    net[0].register_load_state_dict_pre_hook(rename)
    told = []
    net.register_load_state_dict_post_hook(lambda module, keys: told.append((module, keys.missing_keys)))
    given = {"0.w": [[4.0]]}

    net.load_state_dict(given)

    assert net[0].weight.tolist() == [[4]]
    assert list(given) == ["0.w"]
    assert told == [(net, [])]


def test_extra_state_is_saved_and_handed_back():
    class Counting(Module):
        count = 0

        def get_extra_state(self):
            return {"count": self.count}

        def set_extra_state(self, state):
            self.count = state["count"]

    net, other = Sequential(Counting()), Sequential(Counting())
    net[0].count = 5

    other.load_state_dict(net.state_dict())

    assert list(net.state_dict()) == ["0._extra_state"]
    assert other[0].count == 5


def test_extra_state_without_a_method_that_takes_it_back_is_an_error():
    class Half(Module):
        def get_extra_state(self):
            return 1

    with pytest.raises(RuntimeError, match=r"Half needs a method set_extra_state\(state\), to load 1"):
        Half().load_state_dict(Half().state_dict())


def test_a_state_from_before_batches_were_counted_can_be_loaded():
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    net(ones(3, 2))
    older = {name: x + 1 for name, x in net.state_dict().items() if "num_batches" not in name}

    keys = net.load_state_dict(older)

    assert (keys.missing_keys, keys.unexpected_keys) == ([], [])
    assert (net[1].running_mean.tolist(), net[1].num_batches_tracked.item()) == (
        older["1.running_mean"].tolist(),
        1,
    )
