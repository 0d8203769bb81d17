"""deepcopy and pickle of everything that has a state: the copy goes on as the original does."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import optim
from tinygrad_edu.optim import lr_scheduler as schedulers

WAYS = {"deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}
OPTIMIZERS = [
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "NAdam",
    "RAdam",
    "ASGD",
    "Rprop",
]
OPTIMIZERS += ["LBFGS", "Adafactor", "Muon"]


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def copied(request):
    return request.param


def step(model, optimizer):
    def closure():
        optimizer.zero_grad()
        loss = (model(torch.ones(1, 2, dtype=torch.float64)) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_copy_of_model_and_optimizer_goes_on_training(name, copied):
    model = torch.nn.Linear(2, 2, bias=False).double()
    optimizer = getattr(optim, name)(model.parameters(), lr=0.1)
    step(model, optimizer)

    again = copied((model, optimizer))
    for training in ((model, optimizer), again):
        step(*training)

    assert again[0].weight.tolist() == model.weight.tolist()
    assert again[0].weight is again[1].param_groups[0]["params"][0]


def halved(epoch):
    return 0.5**epoch


SCHEDULES = {
    "StepLR": lambda o: schedulers.StepLR(o, 2),
    "LambdaLR": lambda o: schedulers.LambdaLR(o, halved),
    "OneCycleLR": lambda o: schedulers.OneCycleLR(o, 0.5, total_steps=12),
    "CyclicLR": lambda o: schedulers.CyclicLR(o, 0.1, 0.5, cycle_momentum=False),
    "CosineAnnealingWarmRestarts": lambda o: schedulers.CosineAnnealingWarmRestarts(o, 2),
    "SequentialLR": lambda o: schedulers.SequentialLR(
        o, [schedulers.ConstantLR(o), schedulers.ExponentialLR(o, 0.5)], [2]
    ),
    "ChainedScheduler": lambda o: schedulers.ChainedScheduler(
        [schedulers.ConstantLR(o), schedulers.ExponentialLR(o, 0.5)]
    ),
}


@pytest.mark.parametrize("make", SCHEDULES.values(), ids=SCHEDULES)
def test_a_copy_of_a_schedule_goes_on_with_its_own_optimizer(make, copied):
    w = torch.tensor([1.0], requires_grad=True)
    w.grad = torch.ones(1)
    optimizer = optim.SGD([w], lr=0.1)
    schedule = make(optimizer)

    def rates(optimizer, schedule):
        found = []
        for _ in range(4):
            optimizer.step()
            schedule.step()
            found.append(optimizer.param_groups[0]["lr"])
        return found

    rates(optimizer, schedule)
    again = copied((optimizer, schedule))

    assert rates(*again) == rates(optimizer, schedule)


def test_a_copy_of_a_generator_draws_the_same_numbers(copied):
    generator = torch.Generator().manual_seed(3)
    torch.rand(2, generator=generator)

    again = copied(generator)

    assert torch.rand(3, generator=again).tolist() == torch.rand(3, generator=generator).tolist()


MODULES = {
    "LSTM": lambda: torch.nn.LSTM(2, 3),
    "TransformerEncoderLayer": lambda: torch.nn.TransformerEncoderLayer(4, 2, 8),
    "BatchNorm1d": lambda: torch.nn.BatchNorm1d(4),
    "ParameterList": lambda: torch.nn.ParameterList([torch.nn.Parameter(torch.ones(2))]),
    "ModuleDict": lambda: torch.nn.ModuleDict({"a": torch.nn.Linear(1, 1)}),
}


@pytest.mark.parametrize("make", MODULES.values(), ids=MODULES)
def test_a_copy_of_a_module_has_the_same_state_in_memory_of_its_own(make, copied):
    module = make()

    again = copied(module)

    assert list(again.state_dict()) == list(module.state_dict())
    for a, b in zip(again.state_dict().values(), module.state_dict().values(), strict=True):
        assert a.tolist() == b.tolist()
        assert not np.shares_memory(a.numpy(), b.numpy())


def doubled(x):
    return (x * 2).sum()


def test_a_copy_of_a_plan_computes_the_same(copied):
    plan = torch.capture(doubled)
    for _ in range(3):
        plan(torch.ones(2))

    assert copied(plan)(torch.tensor([1.0, 5.0])).item() == 12


@pytest.mark.parametrize(
    "make",
    [
        lambda h: h,
        lambda h: [h],
        lambda h: h.sort(),
        lambda h: torch.nn.ModuleDict({}).requires_grad_(True).__setattr__("kept", h) or h,
    ],
)
def test_what_holds_a_graph_is_refused_with_what_to_do(make, copied):
    h = torch.tensor([1.0, 2.0], requires_grad=True) * 2

    with pytest.raises(RuntimeError, match=r"copying and pickling need a leaf, .*; use x.detach\(\)"):
        copied(make(h))
