"""What a step reaches by names, attributes and containers, and whether it is still the same."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.plan.reach import Reach
from tinygrad_edu.plan.watched_places import same

FACTOR = 2.0


def test_nothing_has_changed_at_first():
    net = nn.Linear(2, 1)

    assert Reach(lambda x: net(x) * FACTOR).unchanged()


def test_a_global_that_the_step_names_is_looked_at(monkeypatch):
    reach = Reach(lambda x: FACTOR * x)

    monkeypatch.setitem(globals(), "FACTOR", 3.0)

    assert reach.changed() == ["FACTOR"]


def test_an_equal_number_is_the_same(monkeypatch):
    reach = Reach(lambda x: FACTOR * x)

    monkeypatch.setitem(globals(), "FACTOR", float("2.0"))

    assert reach.unchanged()


def test_a_closure_variable_is_looked_at():
    factor = 2.0

    def step(x):
        return factor * x

    reach = Reach(step)
    factor = 3.0

    assert reach.changed() == ["factor"]


def test_the_functions_that_a_step_calls_are_looked_into():
    settings = {"factor": 2.0}

    def inner(x):
        return settings["factor"] * x

    reach = Reach(inner)
    settings["factor"] = 3.0

    assert reach.changed() == ["factor"]


class Model:
    factor = 2.0

    def __init__(self):
        self.layers = [nn.Linear(2, 2)]

    def step(self, x):
        return self.factor * self.layers[0](x)


def test_a_bound_method_leads_to_the_attributes_of_its_object():
    model = Model()
    reach = Reach(model.step)

    model.layers.append(nn.Linear(2, 2))

    assert reach.changed() == ["the size of a list"]


def test_an_attribute_of_the_class_is_looked_at(monkeypatch):
    reach = Reach(Model().step)

    monkeypatch.setattr(Model, "factor", 3.0)

    assert reach.changed() == ["factor"]


def test_what_a_partial_binds_is_looked_into():
    settings = [1.0]
    reach = Reach(functools.partial(lambda settings, x: settings[0] * x, settings))

    settings[0] = 2.0

    assert not reach.unchanged()


@pytest.mark.parametrize(
    "change",
    [
        lambda net: net.eval(),
        lambda net: setattr(net[1], "p", 0.1),
        lambda net: setattr(net, "0", nn.Linear(2, 2)),
        lambda net: setattr(net[0], "weight", nn.Parameter(tensor([[1.0, 2.0], [3.0, 4.0]]))),
        lambda net: net.append(nn.ReLU()),
    ],
)
def test_what_is_changed_in_a_module_is_seen(change):
    net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    reach = Reach(net)
    assert reach.unchanged()

    change(net)

    assert not reach.unchanged()


def test_numbers_inside_tensors_and_arrays_are_no_change():
    w, a = tensor([1.0]), np.ones(1)
    reach = Reach(lambda x: w * a * x)

    w.add_(1)
    a += 1

    assert reach.unchanged()


def test_an_attribute_that_was_asked_for_is_looked_at():
    w = tensor([1.0], requires_grad=True)
    reach = Reach(lambda x: x)
    reach.attribute(w, "requires_grad")

    w.requires_grad_(False)

    assert reach.changed() == ["requires_grad"]


def test_a_key_that_is_gone_is_a_change():
    settings = {"factor": 2.0}
    reach = Reach(lambda x: settings["factor"] * x)

    del settings["factor"]

    assert not reach.unchanged()
    assert "factor" in reach.changed()


def test_iterators_are_named_as_nobody_sees_how_far_they_are():
    counter = itertools.count()

    assert Reach(lambda x: x * next(counter)).iterators == [counter]


def test_containers_that_contain_themselves_end():
    loop = []
    loop.append(loop)

    assert Reach(lambda x: (x, loop)).unchanged()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        (0.0, -0.0, False),
        (float("nan"), float("nan"), True),
        ("a", "a", True),
        ([], [], False),
    ],
)
def test_same_is_the_same_object_or_an_equal_number_or_text_of_its_type(a, b, expected):
    assert same(a, b) is expected
