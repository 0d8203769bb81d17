"""Plans follow every optimizer: the same bits as the steps as written, whatever changes on the way."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import capture, manual_seed, nn, optim, tensor
from tinygrad_edu.engine.grad_mode import watch

OPTIMIZERS = {
    "SGD": lambda p, lr: optim.SGD(p, lr, momentum=0.9, nesterov=True, weight_decay=0.1, maximize=True),
    "SGD, dampening": lambda p, lr: optim.SGD(p, lr, momentum=0.9, dampening=0.5),
    "Adam": optim.Adam,
    "Adam, amsgrad": lambda p, lr: optim.Adam(p, lr, amsgrad=True, weight_decay=0.1, maximize=True),
    "AdamW": lambda p, lr: optim.AdamW(p, lr, weight_decay=0.1),
    "Adamax": lambda p, lr: optim.Adamax(p, lr, weight_decay=0.1),
    "NAdam": lambda p, lr: optim.NAdam(p, lr, weight_decay=0.1),
    "NAdam, decoupled": lambda p, lr: optim.NAdam(p, lr, weight_decay=0.1, decoupled_weight_decay=True),
    "RAdam": lambda p, lr: optim.RAdam(p, lr, weight_decay=0.1),
    "RAdam, decoupled": lambda p, lr: optim.RAdam(p, lr, weight_decay=0.1, decoupled_weight_decay=True),
    "RAdam, short": lambda p, lr: optim.RAdam(p, lr, betas=(0.9, 0.6)),
    "Adagrad": lambda p, lr: optim.Adagrad(p, lr, lr_decay=0.1, initial_accumulator_value=0.1),
    "Adadelta": lambda p, lr: optim.Adadelta(p, lr, weight_decay=0.1),
    "RMSprop": lambda p, lr: optim.RMSprop(p, lr, momentum=0.5, centered=True),
    "Rprop": optim.Rprop,
    "ASGD": lambda p, lr: optim.ASGD(p, lr, lambd=0.1, t0=4),
    "Adafactor": lambda p, lr: optim.Adafactor(p, lr, weight_decay=0.1),
    "Muon": optim.Muon,
}
STEPS = 12


def test_every_optimizer_is_followed():
    known = {name.partition(",")[0] for name in OPTIMIZERS}

    assert set(optim.__all__) - known == {"LBFGS", "Optimizer", "lr_scheduler", "swa_utils"}


def trained(name, wrapped, *, dtype="float64", lr=0.05, between=lambda *_: None, watched=False):
    """Parameters and losses, in bytes, of steps with `between(i, optimizer)` in between."""
    rng = np.random.default_rng(0)
    shapes = [(3, 2), (4, 4)] if name == "Muon" else [(3, 2), (4,), ()]
    parameters = [tensor(np.asarray(rng.normal(size=s), dtype), requires_grad=True) for s in shapes]
    groups = [{"params": parameters[::2], "lr": lr}, {"params": parameters[1::2]}]
    optimizer = OPTIMIZERS[name](groups, 0.01)

    def step(*targets):
        optimizer.zero_grad()
        loss = sum(((p - t) ** 2).sum() for p, t in zip(parameters, targets, strict=True))
        loss.backward()
        optimizer.step()
        return loss

    followed, found = wrapped(step), []
    for i in range(STEPS):
        between(i, optimizer)
        targets = [np.asarray(rng.normal(size=s), dtype) for s in shapes]
        loss = followed(*targets) if wrapped is capture else followed(*map(tensor, targets))
        found.append([loss.raw.tobytes(), *(p.raw.tobytes() for p in parameters)])
    if wrapped is capture:
        assert followed.ready
    return found


def as_it_is(step):
    return step


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_plan_gives_identical_bits(name, dtype):
    assert trained(name, capture, dtype=dtype) == trained(name, as_it_is, dtype=dtype)


def other_rate(i, optimizer):
    for group in optimizer.param_groups:
        group["lr"] = 0.1 / (i + 1)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_learning_rate_that_changes_is_followed(name):
    assert trained(name, capture, between=other_rate) == trained(name, as_it_is, between=other_rate)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_learning_rate_in_a_tensor_is_followed(name, dtype):
    def fill(i, optimizer):
        optimizer.param_groups[0]["lr"].fill_(0.1 / (i + 1))

    planned, plain = (
        trained(name, wrapped, lr=tensor(0.1), between=fill, dtype=dtype) for wrapped in (capture, as_it_is)
    )

    assert planned == plain


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_tensor_has_the_steps_of_the_number(name):
    assert trained(name, as_it_is, lr=tensor([0.05])) == trained(name, as_it_is, lr=0.05)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_that_is_loaded_on_the_way_is_followed(name):
    def between(i, optimizer):
        if i == 3:
            optimizer.saved = optimizer.state_dict()
        if i == 7:
            optimizer.load_state_dict(optimizer.saved)

    assert trained(name, capture, between=between) == trained(name, as_it_is, between=between)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_watching_may_begin_and_end_between_steps(name):
    def sometimes(step):
        calls = []

        def call(*targets):
            calls.append(targets)
            if len(calls) % 3:
                return step(*targets)
            with watch(lambda *_: None):
                return step(*targets)

        return call

    assert trained(name, sometimes) == trained(name, as_it_is)


def test_another_setting_is_noticed_also_where_no_learning_rate_is_read():
    def other(i, optimizer):
        if i == 6:
            optimizer.param_groups[1]["etas"] = (0.25, 1.2)

    assert trained("Rprop", capture, between=other) == trained("Rprop", as_it_is, between=other)


def test_a_schedule_is_followed():
    def losses(wrapped):
        net = nn.Linear(2, 1)
        net.load_state_dict({"weight": [[0.5, -0.5]], "bias": [0.0]})
        optimizer = optim.AdamW(net.parameters(), lr=0.1)
        scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, 6)

        @wrapped
        def step(x):
            optimizer.zero_grad()
            loss = (net(x) ** 2).sum()
            loss.backward()
            optimizer.step()
            return loss

        found = []
        for i in range(STEPS):
            found.append(step(tensor([[1.0, float(i)]])).item())
            scheduler.step()
        return found

    assert losses(capture) == losses(as_it_is)


CYCLED = {
    "SGD": lambda params: optim.SGD(params, lr=0.1, momentum=0.9),
    "SGD, nesterov": lambda params: optim.SGD(params, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": optim.Adam,
    "AdamW": lambda params: optim.AdamW(params, amsgrad=True),
    "RMSprop": lambda params: optim.RMSprop(params, momentum=0.5),
    "NAdam": optim.NAdam,
    "RAdam": optim.RAdam,
    "Adamax": optim.Adamax,
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CYCLED)
def test_a_momentum_that_a_schedule_changes_is_followed(name, dtype):
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(dtype)
    found = []
    for way in (lambda step: step, capture):
        manual_seed(0)
        net = nn.Linear(3, 2).to(dtype)
        optimizer = CYCLED[name](net.parameters())
        schedule = optim.lr_scheduler.OneCycleLR(optimizer, 0.3, total_steps=20)

        def step(x, net=net, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        run, losses = way(step), []
        for _ in range(18):
            losses.append(run(tensor(x)).item())
            schedule.step()
        found.append((losses, [p.tolist() for p in net.parameters()]))

    assert found[0] == found[1]
