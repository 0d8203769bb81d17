"""Settings of optimizers in a plan: of whatever type they are given, the plan moves parameters as the step does."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from tests.plan.as_written import assert_as_written
from tinygrad_edu import manual_seed, nn, tensor
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture

DTYPES = ("float32", "float64")
KINDS = (float, np.float64, np.float32, np.float16, np.longdouble)


def trained(capture, dtype, kind, put, **options):
    """The weights after some steps, each with another learning rate of the given type."""
    manual_seed(0)
    net = nn.Linear(4, 1).to(dtype)
    optimizer = SGD(net.parameters(), **{"lr": kind(0.1)} | {key: kind(x) for key, x in options.items()})

    @capture
    def step(x, y):
        optimizer.zero_grad()
        loss = nn.MSELoss()(net(x), y)
        loss.backward()
        optimizer.step()
        return loss

    for i in range(8):
        put(optimizer.param_groups[0], kind(0.1 * (1 + np.cos(np.pi * i / 8)) / 2))
        rng = np.random.default_rng(i)
        step(rng.normal(size=(5, 4)).astype(dtype), rng.normal(size=(5, 1)).astype(dtype))
    return net.weight.numpy(force=True)


PUTS = {
    "=": lambda group, lr: group.__setitem__("lr", lr),
    "update": lambda group, lr: group.update(lr=lr),
    "|=": lambda group, lr: group.__ior__({"lr": lr}),
    "setdefault": lambda group, lr: (group.pop("lr"), group.setdefault("lr", lr)),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"momentum": 0.9, "weight_decay": 0.01, "dampening": 0.1}])
def test_numpys_numbers_as_settings_are_those_of_python(dtype, kind, options):
    eager = trained(lambda step: step, dtype, kind, PUTS["="], **options)

    np.testing.assert_array_equal(trained(capture, dtype, kind, PUTS["="], **options), eager)
    plain = trained(lambda step: step, dtype, lambda x: float(kind(x)), PUTS["="], **options)
    np.testing.assert_array_equal(eager, plain)


@pytest.mark.parametrize("put", PUTS.values(), ids=PUTS)
def test_it_does_not_matter_how_a_setting_is_put_in(put):
    eager = trained(lambda step: step, "float32", float, PUTS["="])

    np.testing.assert_array_equal(trained(capture, "float32", np.float64, put), eager)


@pytest.mark.parametrize("lr", ["0.1", None, True, np.array(0.1), 1j], ids=repr)
def test_a_learning_rate_that_is_no_number_is_refused_where_it_is_put_in(lr):
    optimizer = SGD([tensor([1.0], requires_grad=True)], lr=0.5)

    with pytest.raises(TypeError, match="needs lr as a number, got"):
        optimizer.param_groups[0]["lr"] = lr

    assert optimizer.param_groups[0]["lr"] == 0.5


@pytest.mark.parametrize("copied", [copy.deepcopy, copy.copy, lambda x: pickle.loads(pickle.dumps(x))])
def test_groups_can_be_copied(copied):
    optimizer = copied(SGD([tensor([1.0], requires_grad=True)], lr=0.5))

    optimizer.param_groups[0]["lr"] = np.float64(0.25)

    assert type(optimizer.param_groups[0]["lr"]) is float


def test_a_group_that_the_step_changes_is_changed_in_every_call():
    def make():
        w = tensor([1.0], requires_grad=True)
        group = SGD([w], lr=0.5).param_groups[0]

        def step(x):
            group["weight_decay"] += 0.1
            return x * w

        return step, lambda: group["weight_decay"]

    assert_as_written(make, [(np.ones(1),)] * 6)
