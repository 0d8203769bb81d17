"""However the code of a step is written, what it reads is what stands there now, also in a pure plan."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.plan import capture

ONE = tensor([1.0])


class Config:
    """What steps read: one number in an object, and others in its class."""

    __slots__ = ("scale",)
    factor = 1.0
    pair = (1.0,)
    weight = tensor(1.0)

    def __init__(self):
        self.scale = 1.0

    @property
    def twice(self):
        return self.scale * 2


class Base:
    def __init__(self, config):
        self.config = config

    @staticmethod
    def scaled(x, config):
        return x * config.scale

    @classmethod
    def by_class(cls, x, config):
        return cls.scaled(x, config)

    def by_object(self, x):
        return x * self.config.scale


class Derived(Base):
    def by_static(self, x):
        return self.scaled(x, self.config)

    def by_class_method(self, x):
        return self.by_class(x, self.config)

    def by_object(self, x):
        return super().by_object(x)

    def __call__(self, x, config):
        return x * config.scale


def times(x, by):
    return x * by.scale


def first_of_two(x, config):
    chosen, _ = config, 1
    return x * chosen.scale


def one_or_other(x, config):
    chosen = config or None
    return x * chosen.scale


def named_on_the_way(x, config):
    return x * (chosen := config).scale * chosen.scale


def by_default(x, config):
    def inner(x, config=config):
        return x * config.scale

    return inner(x)


def from_a_list(x, config):
    chosen = [config][0]
    return x * chosen.scale


STEPS = {
    "parameter": lambda c: lambda x: times(x, c),
    "keyword": lambda c: lambda x: times(x, by=c),
    "method in a list": lambda c: lambda x: -[Derived(c).by_object][0](x),
    "partial": lambda c: functools.partial(lambda k, x: x * k.scale, c),
    "partial with a keyword": lambda c: functools.partial(lambda x, k: x * k.scale, k=c),
    "static": lambda c: Derived(c).by_static,
    "class method": lambda c: Derived(c).by_class_method,
    "super": lambda c: Derived(c).by_object,
    "property": lambda c: lambda x: x * c.twice,
    "class": lambda c: lambda x: x * type(c).factor if c.scale < 0 else x * Config.factor,
    "tuple of the class": lambda c: lambda x: x * c.pair[0],
    "Tensor of the class": lambda c: lambda x: x * c.weight,
} | {
    f.__name__: lambda c, f=f: lambda x: f(x, c)
    for f in (first_of_two, one_or_other, named_on_the_way, by_default, from_a_list)
}


def outcome(wrapped, make, monkeypatch):
    """What the step returns before and after everything has become 3."""
    config = Config()
    step = wrapped(make(config))
    found = [step(tensor([1.0])).item() for _ in range(4)]
    with monkeypatch.context() as patch:
        config.scale = 3.0
        patch.setattr(Config, "factor", 3.0)
        patch.setattr(Config, "pair", (3.0,))
        patch.setattr(Config, "weight", tensor(3.0))
        return found + [step(tensor([1.0])).item() for _ in range(4)]


@pytest.mark.filterwarnings("ignore:.*a Python number that the step works with changes")
@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("name", STEPS)
def test_what_is_read_is_noticed(name, pure, monkeypatch):
    planned = outcome(lambda step: capture(step, pure=pure), STEPS[name], monkeypatch)

    assert planned == outcome(lambda step: step, STEPS[name], monkeypatch)


@pytest.mark.filterwarnings("ignore:.*a Python number that the step works with changes")
@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("step", [Derived(None), functools.partial(lambda x, config: x * config.scale)])
def test_an_object_given_to_a_callable_object_or_a_partial_is_noticed(step, pure):
    config = Config()
    plan = capture(step, pure=pure)
    before = [plan(ONE, config).item() for _ in range(4)]
    config.scale = 3.0

    assert [*before, plan(ONE, config).item()] == [1, 1, 1, 1, 3]


def test_a_number_counted_in_an_object_of_no_name_is_never_wrong():
    configs = [Config()]

    def count(config):
        config.scale += 1

    @capture
    def step(x):
        for config in configs:
            count(config)
        return x * 2

    for _ in range(6):
        step(ONE)

    assert configs[0].scale == 7


def test_an_empty_tuple_in_the_step_is_no_name():
    plan = capture(lambda x: x.sum().reshape(()))

    assert [plan(np.ones(3)).item() for _ in range(4)] == [3, 3, 3, 3]
