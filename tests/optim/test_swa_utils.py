"""Averages of parameters, and batch norms computed anew for them."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, tensor
from tinygrad_edu.optim import swa_utils
from tinygrad_edu.optim.swa_utils import AveragedModel, update_bn


def averaged(values, **settings):
    """The weights of an averaged layer whose weight is each of `values` in turn."""
    net = nn.Linear(1, 1)
    average, found = AveragedModel(net, **settings), []
    for value in values:
        with no_grad():
            net.weight.fill_(value)
        average.update_parameters(net)
        found.append(average.module.weight.item())
    return found


def test_the_average_is_the_mean():
    assert averaged([1.0, 2.0, 6.0]) == [1, 1.5, 3]


@pytest.mark.parametrize(
    "settings",
    [
        {"avg_fn": swa_utils.get_ema_avg_fn(0.5)},
        {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.5)},
        {"avg_fn": lambda average, new, n: (average + new) / 2},
    ],
)
def test_or_a_moving_one(settings):
    assert averaged([1.0, 2.0, 6.5], **settings) == [1, 1.5, 4]


def test_the_state_counts_the_averages():
    average = AveragedModel(nn.Linear(1, 1))
    average.update_parameters(nn.Linear(1, 1))

    state = average.state_dict()

    assert list(state) == ["n_averaged", "module.weight", "module.bias"]
    assert state["n_averaged"].item() == 1


def test_the_model_itself_is_left_alone():
    net = nn.Linear(2, 1)
    average = AveragedModel(net)
    x = tensor([[1.0, 2.0]])

    with no_grad():
        expected = net(x).item()
        net.weight.fill_(0)
        assert average(x).item() == expected


def test_batch_norms_are_computed_anew():
    rng = np.random.default_rng(0)
    net, x = nn.Sequential(nn.BatchNorm1d(3)).eval(), rng.normal(size=(20, 3))

    update_bn([tensor(x[:10]), (tensor(x[10:]), "a label")], net)

    np.testing.assert_allclose(net[0].running_mean, x.mean(axis=0), rtol=1e-12)
    assert (net.training, net[0].training, net[0].momentum) == (False, False, 0.1)


def test_without_batch_norms_nothing_is_computed():
    update_bn(iter(()), nn.Linear(1, 1))


def test_one_way_to_average_is_enough():
    ema = swa_utils.get_ema_avg_fn(), swa_utils.get_ema_multi_avg_fn()

    with pytest.raises(ValueError, match="AveragedModel needs avg_fn or multi_avg_fn, got both"):
        AveragedModel(nn.Linear(1, 1), None, *ema)


def test_a_decay_is_from_0_to_1():
    with pytest.raises(ValueError, match="an exponential moving average needs decay from 0 to 1, got 2"):
        swa_utils.get_ema_avg_fn(2)
