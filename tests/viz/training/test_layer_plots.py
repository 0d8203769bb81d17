from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.optim import SGD
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import LayerHistory, plot_layers
from tinygrad_edu.viz.training import layer_history, layer_plots

X = np.random.default_rng(0).normal(size=(32, 4))


def train(net, steps=1, lr=0.1, every=1):
    """The record of some steps, in the last of which the gradients of the results are still to be read."""
    optimizer = SGD(net.parameters(), lr=lr)
    with LayerHistory(net, every=every) as history:
        for _ in range(steps):
            optimizer.zero_grad()
            (net(tensor(X)) ** 2).mean().backward()
            optimizer.step()
            history.step()
    return history


@pytest.fixture
def net():
    manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))


def test_a_layer_is_recorded_as_numpy_computes_it(net):
    weight, bias = net[0].weight.numpy(force=True).copy(), net[0].bias.numpy(force=True).copy()

    history = train(net)

    z = X @ weight.T + bias
    (spread,) = history.activations["0"]
    np.testing.assert_allclose((spread.mean, spread.std), (z.mean(), z.std()))
    np.testing.assert_allclose(spread.density, np.histogram(z, bins=50)[0] / z.size)
    (relu,) = history.activations["1"]
    assert relu.zero == np.mean(z <= 0)


def test_gradients_and_updates_are_those_of_the_step(net):
    before = net[2].weight.numpy(force=True).copy()
    y = net(tensor(X)).numpy(force=True)

    history = train(net, lr=0.5)

    gradient = net[2].weight.grad.numpy()
    assert history.updates["2.weight"] == pytest.approx([0.5 * gradient.std() / before.std()])
    arrived = 2 * y / len(y) @ before  # of (y²).mean() by the result of the layer before
    (spread,) = history.gradients["1"]
    assert spread.std == pytest.approx(arrived.std())
    np.testing.assert_allclose(spread.edges[[0, -1]], np.log10([abs(arrived).min(), abs(arrived).max()]))


def test_every_so_many_steps_are_recorded(net):
    assert train(net, steps=5, every=2).steps == [0, 2, 4]


def test_an_evaluation_between_steps_is_not_recorded(net):
    history = LayerHistory(net)

    net(tensor(X)).sum().backward()
    net.requires_grad_(False)
    net(tensor(X[:1]))
    history.step()

    assert history.activations["2"][0].mean != pytest.approx(net(tensor(X[:1])).item())


def test_closing_takes_the_hooks_off(net):
    history = train(net)

    net(tensor(X))

    with pytest.raises(RuntimeError, match=r"history\.step\(\) needs a step before it"):
        history.step()


def spoilt(change):
    manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    for parameter in net.parameters():
        parameter.data.copy_(tensor(change(parameter.numpy(force=True))))
    return net


def test_dead_units_are_counted_in_words():
    net = spoilt(lambda w: w)
    bias = net[0].bias.numpy(force=True).copy()
    bias[:3] = -100
    net[0].bias.data.copy_(tensor(bias))

    history = train(net)

    (words,) = history.findings("activations")["1"]
    assert words == "3 of 8 units are dead: 0 for every example"


def test_a_saturated_layer_is_told():
    (words,) = train(spoilt(lambda w: 60 * w)).findings("activations")["3"]

    assert "% saturated: Tanh is flat there" in words


def test_a_gradient_that_vanishes_is_told():
    deep = [layer for _ in range(4) for layer in (nn.Linear(4, 4), nn.Tanh())]
    net = nn.Sequential(*deep)
    for parameter in net.parameters():
        parameter.data.mul_(0.1)

    found = train(net).findings("gradients")

    assert re.fullmatch(r"the gradient vanishes: [\d,]+ times smaller than at 7", found["0"][0])
    assert "5" not in found


def test_a_learning_rate_that_is_too_large_is_told(net):
    (words,) = train(net, lr=50).findings("updates")["2.weight"]

    assert words.endswith("of itself: lr is too large")


def test_healthy_layers_have_no_findings(net):
    assert train(net, lr=1e-3).findings() == {}


def test_an_update_to_numbers_that_are_not_finite_is_told(net):
    with LayerHistory(net) as history:
        net(tensor(X)).sum().backward()
        net[2].weight.data.copy_(tensor(np.full((1, 8), np.inf)))
        with np.errstate(invalid="ignore"):
            history.step()

    found = history.findings()

    assert found["2.weight"] == ["an update is NaN or ∞"]


def test_numbers_that_are_not_finite_are_counted():
    counted = layer_history.spread(np.array([1.0, np.nan, np.inf]))

    assert (counted.strange, counted.mean, counted.density.sum()) == (2, 1, 1)


pytest.importorskip("matplotlib")


def test_histograms_by_layer_and_step_have_the_recorded_numbers(net):
    history = train(net, steps=4)

    figure = plot_layers(history)

    assert [axes.get_title(loc="left") for axes in figure.axes] == ["0 Linear", "1 ReLU", "2 Linear"]
    drawn = [patch.get_data().values for patch in figure.axes[0].patches]
    np.testing.assert_array_equal(drawn, [spread.density for spread in history.activations["0"]])


def test_gradients_of_all_layers_have_one_scale(net):
    figure = plot_layers(train(net), "gradients")

    assert len({axes.get_xlim() for axes in figure.axes}) == 1


def test_updates_stand_at_their_steps(net):
    history = train(net, steps=5, every=2)

    axes = plot_layers(history, "updates").axes[0]

    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [0, 2, 4])
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), history.updates["0.weight"])


def test_findings_stand_in_the_picture():
    figure = plot_layers(train(spoilt(lambda w: 60 * w)))

    assert "saturated" in figure.axes[3].texts[0].get_text()


def test_of_many_layers_the_first_and_the_last_are_drawn():
    assert layer_plots.chosen([*"abcdefghij"], 4) == ["a", "d", "g", "j"]


def test_layers_need_a_history(net):
    with pytest.raises(TypeError, match="plot_layers needs a LayerHistory, got int 3"):
        plot_layers(3)
    with pytest.raises(ValueError, match="needs of as 'activations', 'gradients', 'updates', got 'losses'"):
        plot_layers(LayerHistory(net), "losses")
    with pytest.raises(RuntimeError, match="needs recorded gradients, but there are none"):
        plot_layers(LayerHistory(net), "gradients")


def test_a_history_needs_a_module(net):
    with pytest.raises(TypeError, match="LayerHistory needs a Module, got int 3"):
        LayerHistory(3)
    with pytest.raises(ValueError, match="every as a whole number of 1 or more, got 0"):
        LayerHistory(net, every=0)
