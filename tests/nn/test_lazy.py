"""Lazy layers: what they become at their first call, and what of them can be used before."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from tinygrad_edu import nn, ones, optim
from tinygrad_edu.nn import lazy

# By class: arguments, the shape of an input, and the number of inputs read off it.
EXAMPLES = {
    "LazyLinear": ((5,), (2, 3), 3),
    "LazyConv1d": ((4, 2), (2, 3, 6), 3),
    "LazyConv2d": ((4, 2, 1, 0, 1, 2), (2, 6, 5, 5), 6),
    "LazyConv3d": ((4, 2), (3, 4, 4, 4), 3),
    "LazyConvTranspose1d": ((4, 2), (2, 3, 6), 3),
    "LazyConvTranspose2d": ((4, 2), (2, 3, 5, 5), 3),
    "LazyConvTranspose3d": ((4, 2), (2, 3, 4, 4, 4), 3),
    "LazyBatchNorm1d": ((), (4, 3), 3),
    "LazyBatchNorm2d": ((), (2, 3, 5, 5), 3),
    "LazyBatchNorm3d": ((), (2, 3, 4, 4, 4), 3),
    "LazyInstanceNorm1d": ((1e-5, 0.1, True), (2, 3, 6), 3),
    "LazyInstanceNorm2d": ((), (2, 3, 5, 5), 3),
    "LazyInstanceNorm3d": ((), (2, 3, 4, 4, 4), 3),
}


def test_every_lazy_layer_has_an_example():
    assert set(lazy.__all__) == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_first_call_makes_an_ordinary_layer(name):
    args, shape, inputs = EXAMPLES[name]
    net = getattr(nn, name)(*args)
    names = list(net.state_dict())
    parameters = list(net.parameters())
    ordinary = getattr(nn, name.removeprefix("Lazy"))(inputs, *args)

    result = net(ones(shape))

    assert type(net) is type(ordinary)
    assert result.shape == ordinary(ones(shape)).shape
    assert repr(net) == repr(ordinary)
    assert list(net.state_dict()) == names == list(ordinary.state_dict())
    assert [p.shape for p in net.parameters()] == [p.shape for p in ordinary.parameters()]
    assert all(p is q for p, q in zip(net.parameters(), parameters, strict=True))
    assert all(type(p) is nn.Parameter for p in net.parameters())


def test_before_the_first_call_a_parameter_has_no_shape():
    net = nn.LazyLinear(3)

    assert repr(net.weight) == "<UninitializedParameter>"
    assert repr(nn.LazyBatchNorm1d().running_mean) == "<UninitializedBuffer>"
    assert isinstance(net, nn.Linear)
    assert net.has_uninitialized_params()
    with pytest.raises(
        RuntimeError, match=r"the shape of an UninitializedParameter is not known; call the lazy module"
    ):
        _ = net.weight.shape


def test_lazy_layers_work_inside_a_net_and_print_their_arguments():
    net = nn.Sequential(
        nn.LazyConv2d(4, kernel_size=3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2, bias=False)
    )

    assert repr(net[0]) == "LazyConv2d(4, kernel_size=3)"
    assert net(ones(2, 1, 5, 5)).shape == (2, 2)
    assert net(ones(3, 1, 5, 5)).shape == (3, 2)
    assert net[3].weight.shape == (2, 36)


def test_an_optimizer_made_before_the_first_call_moves_the_layer():
    net = nn.LazyLinear(1)
    optimizer = optim.SGD(net.parameters(), lr=1)
    net(ones(1, 2))
    before = net.weight.tolist()

    net(ones(1, 2)).sum().backward()
    optimizer.step()

    np.testing.assert_allclose(net.weight.tolist(), np.array(before) - 1)


def test_saved_numbers_can_be_loaded_before_the_first_call():
    net, saved = nn.LazyLinear(2), nn.Linear(3, 2).state_dict()

    net.load_state_dict(saved)
    net(ones(1, 3))

    assert net.weight.tolist() == saved["weight"].tolist()


def test_a_dtype_chosen_before_the_first_call_is_kept():
    net = nn.LazyLinear(2).float()
    net(ones(1, 3).float())

    assert net.weight.dtype == np.float32
    assert nn.LazyLinear(2, dtype=np.float16).weight.dtype == np.float16


def test_a_copy_of_a_lazy_layer_is_lazy():
    twin = copy.deepcopy(nn.Sequential(nn.LazyLinear(2)))

    assert twin(ones(1, 3)).shape == (1, 2)


def test_arguments_are_checked_at_once():
    with pytest.raises(ValueError, match="Linear needs out_features as a whole number of 1 or more, got 0"):
        nn.LazyLinear(0)
