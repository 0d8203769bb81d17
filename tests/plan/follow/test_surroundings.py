"""What stands around a step may change in any way: its Python runs in every call, and the plan is ready again."""

from __future__ import annotations

import collections
import contextvars
import dataclasses
import enum
import functools
import itertools
import os
import random
import sys
import threading
import types
import weakref

import numpy as np
import pytest

from tinygrad_edu import Tensor, nn, no_grad, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture

X = np.random.default_rng(0).normal(size=(20, 8, 4))
Y = np.random.default_rng(1).normal(size=(20, 8, 1))


def mlp():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))


def batch(i):
    return tensor(X[i]), tensor(Y[i])


# A weight of the loss, kept in some place: how it is read, and how it is changed after six calls.


def in_a_closure():
    weight = 0.5

    def change():
        nonlocal weight
        weight = 2.0

    return lambda: weight, change


def in_a_dict():
    settings = {"loss": {"weight": 0.5}}
    return lambda: settings["loss"]["weight"], lambda: settings["loss"].update(weight=2.0)


def in_a_dataclass():
    @dataclasses.dataclass
    class Settings:
        weight: float = 0.5

    settings = Settings()
    return lambda: settings.weight, lambda: setattr(settings, "weight", 2.0)


def in_a_class():
    class Settings:
        weight = 0.5

    return lambda: Settings().weight, lambda: setattr(Settings, "weight", 2.0)


def in_a_property():
    class Settings:
        half = 0.25
        weight = property(lambda self: 2 * self.half)

    settings = Settings()
    return lambda: settings.weight, lambda: setattr(settings, "half", 1.0)


def in_an_attribute_named_by_a_text():
    settings = types.SimpleNamespace(first=0.5, second=2.0, chosen="first")
    return lambda: getattr(settings, settings.chosen), lambda: setattr(settings, "chosen", "second")


def in_whether_an_attribute_is_there():
    settings = types.SimpleNamespace()
    return lambda: 2.0 if hasattr(settings, "strong") else 0.5, lambda: setattr(settings, "strong", True)


def in_a_default():
    def weight(*, settings={"weight": 0.5}):  # noqa: B006 - the place that is looked for
        return settings["weight"]

    return weight, lambda: weight.__kwdefaults__["settings"].update(weight=2.0)


def in_a_partial():
    weights = [0.5]
    return functools.partial(lambda kept: kept[-1], weights), lambda: weights.append(2.0)


def in_a_cache():
    settings = {"weight": 0.5}
    weight = functools.lru_cache(lambda: settings["weight"])

    def change():
        settings["weight"] = 2.0
        weight.cache_clear()

    return weight, change


def in_an_imported_module():
    module = sys.modules["settings_of_a_test"] = types.ModuleType("settings_of_a_test")
    module.weight = 0.5
    return lambda: __import__("settings_of_a_test").weight, lambda: setattr(module, "weight", 2.0)


def in_the_environment():
    os.environ["WEIGHT_OF_A_TEST"] = "0.5"
    return lambda: float(os.environ["WEIGHT_OF_A_TEST"]), lambda: os.environ.update(WEIGHT_OF_A_TEST="2.0")


def in_a_context_variable():
    weight = contextvars.ContextVar("weight", default=0.5)
    return weight.get, lambda: weight.set(2.0)


def in_a_thread():
    here = threading.local()
    here.weight = 0.5
    return lambda: here.weight, lambda: setattr(here, "weight", 2.0)


def in_an_array():
    weights = np.full(4, 0.125)
    return weights.sum, lambda: weights.fill(0.5)


def in_a_queue():
    weights = collections.deque([0.5], maxlen=1)
    return lambda: weights[0], lambda: weights.append(2.0)


def in_an_iterator():
    weights = itertools.chain([0.5] * 6, itertools.repeat(2.0))
    return lambda: next(weights), lambda: None


def in_a_generator():
    def steps():
        for n in itertools.count():
            yield 0.5 if n < 6 else 2.0

    weights = steps()
    return lambda: next(weights), lambda: None


def in_an_enumeration():
    class Phase(enum.Enum):
        FIRST = 0.5
        SECOND = 2.0

    phases = [Phase.FIRST]
    return lambda: phases[-1].value, lambda: phases.append(Phase.SECOND)


def in_what_a_weak_reference_leads_to():
    settings = nn.Identity()
    settings.weight = 0.5
    reference = weakref.ref(settings)
    return lambda: reference().weight, lambda: setattr(settings, "weight", 2.0)


def in_a_text_that_is_evaluated():
    text = ["0.5"]
    return lambda: eval(text[0]), lambda: text.insert(0, "2.0")


def in_a_name_that_is_deleted():
    names = {"weight": 0.5}

    def weight():
        try:
            return names["weight"]
        except KeyError:
            return 2.0

    return weight, names.clear


def in_a_method_that_is_replaced():
    class Settings:
        def weight(self):
            return 0.5

    settings = Settings()
    return settings.weight, lambda: setattr(settings, "weight", lambda: 2.0)


def in_a_generator_of_random_numbers():
    source = random.Random(0)
    return source.random, lambda: source.seed(5)


def in_a_growing_list():
    weights = []

    def weight():
        weights.append(1)
        return len(weights) / 10

    return weight, weights.clear


PLACES = [case for name, case in sorted(globals().items()) if name.startswith("in_")]


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_weight_is_read_in_every_call(assert_same, place):
    def case(wrap):
        weight, change = place()
        net = mlp()
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            opt.zero_grad()
            out = net(x)
            loss = F.mse_loss(out, y) + weight() * (out**2).mean()
            loss.backward()
            opt.step()
            return loss

        def run(i):
            if i == 6:
                change()
            return step(*batch(i)), net

        return run

    (plan,) = assert_same(case, calls=14)

    assert plan.ready


# What the step is made of.


def layers_added(net, opt):
    net.insert(1, nn.Linear(6, 6))
    opt.add_param_group({"params": net[1].parameters()})


def forward_replaced(net, _opt):
    net[1].forward = lambda x: x.relu()


def forward_of_the_class_replaced(net, _opt):
    kind = type("Other", (nn.Tanh,), {"forward": lambda self, x: x.sigmoid()})
    net[1].__class__ = kind


def layer_replaced(net, _opt):
    net[1] = nn.ReLU()


def weights_tied(net, opt):
    net[0].weight = nn.Parameter(net[0].weight.detach() * 0.5)
    opt.param_groups[0]["params"][0] = net[0].weight


def widened(net, _opt):
    net.double()
    net[0].weight.requires_grad_(False)


@pytest.mark.parametrize(
    "change",
    [layers_added, forward_replaced, forward_of_the_class_replaced, layer_replaced, weights_tied, widened],
)
def test_a_network_may_be_rebuilt_between_calls(assert_same, change):
    def case(wrap):
        net = mlp()
        opt = SGD(net.parameters(), lr=0.1, momentum=0.5)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            return loss

        def run(i):
            if i == 6:
                change(net, opt)
            return step(*batch(i)), net, opt

        return run

    (plan,) = assert_same(case, calls=14)

    assert plan.ready


def test_the_class_of_a_loss_may_be_another(assert_same):
    def case(wrap):
        chosen = nn.MSELoss
        net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            loss = chosen()(net(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            return loss

        def run(i):
            nonlocal chosen
            chosen = nn.MSELoss if i < 6 else nn.BCELoss
            x, y = batch(i)
            return step(x, (y > 0).double()), net

        return run

    (plan,) = assert_same(case, calls=14)

    assert plan.ready


def test_an_array_stays_an_array_for_the_step(assert_same):
    def case(wrap):
        w = tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)

        @wrap
        def step(x):
            w.grad = None
            scaled = (x - x.mean(0)) / x.std(0) if isinstance(x, np.ndarray) else x
            loss = (tensor(scaled) * w).sum() ** 2
            loss.backward()
            return loss

        return lambda i: (step(X[i]), w)

    (plan,) = assert_same(case)

    assert plan.ready


def test_two_networks_and_two_optimizers_take_turns(assert_same):
    def case(wrap):
        net, critic = nn.Linear(4, 4), nn.Linear(4, 1)
        first, second = SGD(net.parameters(), lr=0.1), SGD(critic.parameters(), lr=0.1)

        @wrap
        def step(x):
            critic.requires_grad_(True)
            second.zero_grad()
            worth = (critic(x) - 1).square().mean() + critic(net(x).detach()).square().mean()
            worth.backward()
            second.step()
            critic.requires_grad_(False)
            first.zero_grad()
            loss = (critic(net(x)) - 1).square().mean()
            loss.backward()
            first.step()
            return worth, loss

        return lambda i: (step(tensor(X[i])), net, critic)

    (plan,) = assert_same(case)

    assert plan.ready


def test_an_average_of_the_parameters_is_kept(assert_same):
    def case(wrap):
        net, average = mlp(), mlp()
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(x, y):
            opt.zero_grad()
            loss = F.mse_loss(net(x), y)
            loss.backward()
            opt.step()
            with no_grad():
                for p, q in zip(average.parameters(), net.parameters(), strict=True):
                    p.mul_(0.9).add_(q, alpha=0.1)
            return loss

        return lambda i: (step(*batch(i)), net, average)

    (plan,) = assert_same(case)

    assert plan.ready


def test_arguments_may_be_nested_and_named(assert_same):
    Pair = collections.namedtuple("Pair", "x y")

    def case(wrap):
        net = mlp()
        opt = SGD(net.parameters(), lr=0.1)

        @wrap
        def step(data, *, pair, scale=1.0):
            opt.zero_grad()
            loss = F.mse_loss(net(data["x"]), data["y"]) + scale * F.mse_loss(net(pair.x), pair.y)
            loss.backward()
            opt.step()
            return {"loss": loss.detach()}

        def run(i):
            x, y = batch(i)
            return step({"x": x, "y": y}, pair=Pair(*batch(i + 1)), scale=1.0 + i), net

        return run

    (plan,) = assert_same(case)

    assert plan.ready


@pytest.mark.parametrize(
    ("numbers", "targets", "loss"),
    [
        (X[0], np.array([0, 1, 2, 3, 0, 1, 2, 7]), F.cross_entropy),
        (X[0, :, 0] * 0 + 0.5, np.full(8, 2.0), F.binary_cross_entropy),
    ],
    ids=["class number", "probability"],
)
def test_a_target_out_of_range_is_refused_in_a_replay_too(numbers, targets, loss):
    w = tensor(1.0, requires_grad=True)

    @capture
    def step(x, y):
        return loss(x * w, y).detach()

    for _ in range(4):
        step(tensor(numbers), Tensor(targets * 0))

    with pytest.raises(ValueError, match=r"target|class|between|0"):
        step(tensor(numbers), Tensor(targets))
