"""Modules that are a function with its options fixed: constructor, attributes, forward, print, plans."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from tinygrad_edu import capture, nn, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.nn.function_modules import FunctionModule

X = tensor(np.random.default_rng(0).normal(size=(3, 4)))


def test_the_constructor_has_the_options_of_the_function():
    parameters = inspect.signature(nn.LeakyReLU).parameters

    assert {name: p.default for name, p in parameters.items()} == {"negative_slope": 0.01, "inplace": False}


def test_inputs_and_training_are_no_options():
    assert list(inspect.signature(nn.Threshold).parameters) == ["threshold", "value", "inplace"]
    assert list(inspect.signature(nn.RReLU).parameters) == ["lower", "upper", "inplace", "generator"]


def test_options_are_positional_or_named():
    assert nn.LeakyReLU(0.2)(X).tolist() == nn.LeakyReLU(negative_slope=0.2)(X).tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: nn.LeakyReLU(slope=1),
            r"LeakyReLU takes \(negative_slope=0.01, inplace=False\), but got an",
        ),
        (lambda: nn.LeakyReLU(1, 2, 3), "LeakyReLU takes .*, but too many positional arguments"),
        (
            lambda: nn.Threshold(1.0),
            r"Threshold takes \(threshold, value, inplace=False\), but missing a required",
        ),
    ],
)
def test_other_options_are_refused(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_options_are_attributes_which_count_at_the_next_call():
    layer = nn.LeakyReLU(0.2)

    layer.negative_slope = 0.5

    assert layer.negative_slope == 0.5
    assert repr(layer) == "LeakyReLU(negative_slope=0.5)"
    assert layer(X).tolist() == F.leaky_relu(X, 0.5).tolist()


def test_a_plan_sees_another_option():
    layer = nn.LeakyReLU(0.2)
    plan = capture(layer)
    for _ in range(4):
        plan(X)

    layer.negative_slope = 0.5

    np.testing.assert_array_equal(plan(X).raw, F.leaky_relu(X, 0.5).raw)


def test_a_plan_sees_another_weight_of_a_loss():
    loss = nn.BCELoss(weight=tensor([1.0, 2.0]))
    p, y = tensor([[0.25, 0.75]]), tensor([[1.0, 0.0]])
    plan = capture(loss)
    for _ in range(4):
        plan(p, y)

    loss.weight = tensor([5.0, 7.0])

    assert plan(p, y).item() == F.binary_cross_entropy(p, y, weight=loss.weight).item()


def test_arrays_and_lists_are_taken():
    assert nn.ELU()([[1.0, -1.0]]).tolist() == nn.ELU()(tensor([[1.0, -1.0]])).tolist()


def test_inputs_may_be_named():
    assert nn.CosineSimilarity()(x1=X, x2=X).shape == (3,)


def test_in_place_overwrites_the_input():
    x = tensor([-1.0, 2.0])

    y = nn.ReLU(inplace=True)(x)

    assert y is x
    assert x.tolist() == [0, 2]


@pytest.mark.parametrize(
    "kind", [nn.ReLU, nn.ELU, nn.Hardtanh, nn.SiLU, nn.Mish, nn.SELU, nn.CELU, nn.Hardswish]
)
def test_gradients_pass_through_what_was_overwritten(kind):
    linear = nn.Linear(4, 3)
    grads = []
    for inplace in (False, True):
        linear.zero_grad()
        kind(inplace=inplace)(linear(X)).sum().backward()
        grads.append(linear.weight.grad.raw)

    np.testing.assert_array_equal(*grads)


def test_a_leaf_with_a_gradient_is_not_overwritten():
    x = tensor([-1.0], requires_grad=True)

    with pytest.raises(RuntimeError, match="leaf"):
        nn.LeakyReLU(inplace=True)(x)


def test_a_class_with_another_constructor_hands_options_on():
    class Steep(FunctionModule):
        """Twice the usual slope."""

        function = staticmethod(F.leaky_relu)

        def __init__(self, twice):
            super().__init__(negative_slope=twice / 2)

    assert list(inspect.signature(Steep).parameters) == ["twice"]
    assert Steep(0.4)(X).tolist() == F.leaky_relu(X, 0.2).tolist()


def test_a_subclass_of_a_layer_may_have_its_own_constructor():
    class Mine(nn.LeakyReLU):
        """A fixed slope."""

        def __init__(self):
            super().__init__(0.3)

    assert repr(Mine()) == "Mine(negative_slope=0.3)"


@pytest.mark.parametrize("name", ["ReLU", "LeakyReLU", "MSELoss"])
def test_a_layer_that_is_called_before_it_is_made_says_so(name):
    with pytest.raises(
        TypeError, match=rf"{name} is made before it is called, got a Tensor as .*{name}\(\)\(x\), or "
    ):
        getattr(nn, name)(X)


def test_a_loss_that_is_given_predictions_and_targets_at_once_says_so():
    with pytest.raises(
        TypeError, match=r"CrossEntropyLoss is made before it is called, got a Tensor as size_average"
    ):
        nn.CrossEntropyLoss(X, X)
