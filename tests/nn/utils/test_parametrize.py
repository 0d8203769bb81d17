"""Parameters that are computed from others."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.nn.utils import parametrize


class Exponential(nn.Module):
    """A positive weight."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        return x.exp()

    def right_inverse(self, y):
        return y.log()


class Twice(nn.Module):
    def forward(self, x):
        return x * 2


class FirstRow(nn.Module):
    def forward(self, x):
        return x[0]


def positive():
    """A layer of weights 2, each the exponential of its original."""
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data = tensor([[2.0, 2.0]])
    parametrize.register_parametrization(layer, "weight", Exponential())
    return layer


def test_the_weight_is_computed_when_it_is_read():
    layer = positive()

    np.testing.assert_allclose(layer.weight.detach(), [[2, 2]])
    np.testing.assert_allclose(layer.parametrizations.weight.original.detach(), np.log([[2, 2]]))
    assert parametrize.is_parametrized(layer)
    assert not parametrize.is_parametrized(layer, "bias")
    assert parametrize.type_before_parametrizations(layer) is nn.Linear
    assert isinstance(layer, nn.Linear)


def test_a_weight_that_is_assigned_goes_through_the_inverse():
    layer = positive()

    layer.weight = tensor([[1.0, np.e]])

    np.testing.assert_allclose(layer.parametrizations.weight.original.detach(), [[0, 1]])


def test_the_original_stays_the_parameter_that_an_optimizer_knows():
    layer = nn.Linear(2, 1)
    weight = layer.weight

    parametrize.register_parametrization(layer, "weight", Twice())

    assert layer.parametrizations.weight.original is weight


def test_parametrizations_are_applied_one_after_the_other():
    layer = positive()

    parametrize.register_parametrization(layer, "weight", Twice())

    np.testing.assert_allclose(layer.weight.detach(), [[4, 4]])
    assert len(layer.parametrizations.weight) == 2


def test_inside_cached_a_weight_is_computed_once():
    layer = positive()
    parametrization = layer.parametrizations.weight[0]
    before = parametrization.calls

    with parametrize.cached():
        layer(tensor([[1.0, 2.0]]))
        layer(tensor([[1.0, 2.0]]))

    assert parametrization.calls == before + 1
    layer(tensor([[1.0, 2.0]]))
    assert parametrization.calls == before + 2


@pytest.mark.parametrize(("computed", "value"), [(True, 2.0), (False, np.log(2))])
def test_when_it_is_removed_the_weight_is_a_parameter_again(computed, value):
    layer = positive()

    parametrize.remove_parametrizations(layer, "weight", leave_parametrized=computed)

    assert type(layer) is nn.Linear
    assert list(layer.state_dict()) == ["weight"]
    np.testing.assert_allclose(layer.weight.detach(), [[value, value]])


def test_a_buffer_can_be_parametrized():
    layer = nn.Module()
    layer.register_buffer("scale", tensor([3.0]))

    parametrize.register_parametrization(layer, "scale", Twice())

    assert layer.scale.item() == 6
    assert list(layer.state_dict()) == ["parametrizations.scale.original"]
    parametrize.remove_parametrizations(layer, "scale")
    assert [name for name, _ in layer.named_buffers()] == ["scale"]


def test_wrong_names_shapes_and_values_are_refused():
    layer = nn.Linear(3, 2)

    with pytest.raises(ValueError, match="a parameter or buffer of Linear, got 'wait'"):
        parametrize.register_parametrization(layer, "wait", Twice())
    with pytest.raises(
        ValueError, match=r"a Tensor of shape \(2, 3\) and float64, as 'weight' is, got shape \(3,\)"
    ):
        parametrize.register_parametrization(layer, "weight", FirstRow())
    assert list(layer.state_dict()) == ["weight", "bias"]
    with pytest.raises(ValueError, match="a parametrized parameter of Linear, got 'weight'"):
        parametrize.remove_parametrizations(layer, "weight")
    parametrize.register_parametrization(layer, "weight", Twice())
    with pytest.raises(RuntimeError, match=r"a method right_inverse.* of Twice"):
        layer.weight = tensor(np.ones((2, 3)))
    parametrize.register_parametrization(layer, "bias", FirstRow(), unsafe=True)
    assert layer.bias.shape == ()


def test_of_several_originals_none_is_left_alone():
    layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))

    with pytest.raises(ValueError, match="needs one original, got 2"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    layer.weight = tensor(np.full((2, 3), 2.0))
    np.testing.assert_allclose(layer.weight.detach(), np.full((2, 3), 2.0))
    parametrize.remove_parametrizations(layer, "weight")
    np.testing.assert_allclose(layer.weight.detach(), np.full((2, 3), 2.0))
