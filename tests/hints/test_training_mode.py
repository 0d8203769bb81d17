"""Layers in training mode where a network is evaluated: which are named, and where it is no mistake."""

from __future__ import annotations

import warnings

import pytest

from tinygrad_edu import autograd, inference_mode, nn, no_grad, ones
from tinygrad_edu.hints.warnings import TrainingModeWarning
from tinygrad_edu.utils.checkpoint import checkpoint

LAYERS = {
    "BatchNorm1d": (nn.BatchNorm1d(2), "it uses mean and variance of the batch, and moves its own"),
    "Dropout": (nn.Dropout(0.25), "it zeroes each number with probability 0.25"),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("mode", [no_grad, inference_mode])
def test_a_layer_that_trains_while_evaluating_is_named(name, mode):
    layer, effect = LAYERS[name]
    net = nn.Sequential(nn.Linear(2, 2), layer)

    with (
        mode(),
        pytest.warns(
            TrainingModeWarning, match=rf"{name} is in training mode inside no_grad\(\): {effect}. .*eval"
        ),
    ):
        net(ones(4, 2))


@pytest.mark.parametrize(
    "use",
    [
        lambda net: net(ones(4, 2)),
        lambda net: no_grad()(net.eval())(ones(4, 2)),
        lambda net: no_grad()(nn.Sequential(nn.Dropout(0.0)))(ones(4, 2)),
        lambda net: checkpoint(net, ones(4, 2, requires_grad=True), use_reentrant=False).sum().backward(),
        lambda net: InFunction.apply(net, ones(4, 2, requires_grad=True)),
    ],
    ids=["training", "eval", "no gaps", "checkpoint", "a Function"],
)
def test_nothing_is_said_where_it_is_no_mistake(use):
    net = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        use(net)


class InFunction(autograd.Function):
    """Calls a module in its own forward pass."""

    @staticmethod
    def forward(ctx, net, x):
        return net(x.detach())

    @staticmethod
    def backward(ctx, g):
        return None, g
