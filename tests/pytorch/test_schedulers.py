"""Every scheduler against PyTorch's: fifty epochs with two groups, the same bits; states go both ways."""

from __future__ import annotations

import copy
import inspect

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu import optim
from tinygrad_edu.optim import swa_utils

torch = pytest.importorskip("torch", reason="PyTorch is not installed: nothing to compare with")
their_swa_utils = pytest.importorskip("torch.optim.swa_utils")

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*optimizer.step"),  # a chain in a sequence takes its first step twice
    pytest.mark.filterwarnings("ignore:.*is in training mode"),  # running averages without a graph are meant
]

EPOCHS = 50
VALUES = np.abs(np.random.default_rng(0).normal(size=EPOCHS))  # of a loss that ReduceLROnPlateau is told


@pytest.fixture(autouse=True)
def default_dtype():
    """Floats are float64 by default in this library, so they are in PyTorch here."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def warm_up(s, o):
    return s.SequentialLR(
        o, [s.LinearLR(o, 0.1, 1, 5), s.CosineAnnealingLR(o, 20), s.ExponentialLR(o, 0.9)], [5, 25]
    )


def restarts_in_between(s, o):
    schedulers = [s.ConstantLR(o, 0.1, 50), s.CosineAnnealingWarmRestarts(o, 7), s.StepLR(o, 3, 0.5)]
    return s.SequentialLR(o, schedulers, [5, 25])


def chain_in_a_sequence(s, o):
    chain = s.ChainedScheduler([s.ConstantLR(o, 0.5, 3), s.ExponentialLR(o, 0.95)], o)
    return s.SequentialLR(o, [chain, s.PolynomialLR(o, 20)], [11])


SCHEDULERS = {
    "StepLR": lambda s, o: s.StepLR(o, 7, gamma=0.3),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [3, 9, 9, 30]),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.3, 8),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.3, 0.9, 20),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 40, 1.7),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 13, 0.001),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 5, 2, 0.001),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, [0.1, 0.2], 6, 9),
    "CyclicLR, triangular2": lambda s, o: s.CyclicLR(o, [0.01, 0.02], 0.1, 6, mode="triangular2"),
    "CyclicLR, exp_range": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 6, mode="exp_range", gamma=0.97),
    "CyclicLR, function": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 6, scale_fn=lambda x: 1 / (x + 1), scale_mode="iterations", cycle_momentum=False
    ),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, [0.1, 0.2], total_steps=60),
    "OneCycleLR, lines": lambda s, o: s.OneCycleLR(
        o, 0.1, epochs=6, steps_per_epoch=10, three_phase=True, anneal_strategy="linear"
    ),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda e: 0.9**e, lambda e: 1 / (e + 1)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda _: 0.95),
    "SequentialLR": warm_up,
    "SequentialLR, restarts": restarts_in_between,
    "SequentialLR, chain": chain_in_a_sequence,
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.5, 4), s.ExponentialLR(o, 0.9), s.StepLR(o, 10, 0.5)]
    ),
    "ReduceLROnPlateau": lambda s, o: s.ReduceLROnPlateau(o, patience=2, cooldown=1, min_lr=[0.001, 0.0001]),
    "ReduceLROnPlateau, max": lambda s, o: s.ReduceLROnPlateau(
        o, "max", patience=1, threshold_mode="abs", threshold=0.01
    ),
    "SWALR": lambda s, o: s.SWALR(o, [0.01, 0.5], 8),
    "SWALR, linear": lambda s, o: s.SWALR(o, 0.01, 8, "linear"),
    "SWALR, at once": lambda s, o: s.SWALR(o, 0.01, 0),
}


class Module:
    """The schedulers of a library, those of `swa_utils` included."""

    def __init__(self, library):
        self.SWALR = library.optim.swa_utils.SWALR
        self.library = library.optim.lr_scheduler

    def __getattr__(self, name):
        return getattr(self.library, name)


def made(library, name, kind, lr=float):
    """An optimizer that has taken a step, with two groups, and a scheduler for it."""
    a, b = (library.zeros(2, requires_grad=True) for _ in "ab")
    groups = [{"params": [a], "lr": lr(0.05)}, {"params": [b], "lr": lr(0.2)}]
    optimizer = (
        library.optim.Adam(groups) if kind == "Adam" else library.optim.SGD(groups, lr=0.1, momentum=0.9)
    )
    scheduler = SCHEDULERS[name](Module(library), optimizer)
    optimizer.step()
    return optimizer, scheduler


def stepped(optimizer, scheduler, epochs):
    """What the groups have in each epoch: learning rates, momentum or betas."""
    history = []
    for epoch in epochs:
        history.append([float(group["lr"]) for group in optimizer.param_groups])
        history[-1] += [group.get("momentum", group.get("betas")) for group in optimizer.param_groups]
        history[-1] += map(float, scheduler.get_last_lr())
        needs_value = "metrics" in inspect.signature(scheduler.step).parameters
        scheduler.step(*[VALUES[epoch]] * needs_value)
    return history


@pytest.mark.parametrize("kind", ["Adam", "SGD"])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_fifty_epochs_are_pytorchs(name, kind):
    theirs, ours = (stepped(*made(x, name, kind), range(EPOCHS)) for x in (torch, tinygrad_edu))

    assert ours == theirs


def test_every_scheduler_of_pytorch_is_here():
    names = [*torch.optim.lr_scheduler.__all__, "_LRScheduler"]

    assert [name for name in names if not hasattr(optim.lr_scheduler, name)] == []
    assert set(their_swa_utils.__all__) == set(swa_utils.__all__)
    assert {name.partition(",")[0] for name in SCHEDULERS} == {
        *torch.optim.lr_scheduler.__all__, "SWALR",
    } - {"LRScheduler"}  # fmt: skip


@pytest.mark.parametrize("name", [x for x in torch.optim.lr_scheduler.__all__ if x != "ChainedScheduler"])
def test_arguments_and_defaults_are_pytorchs(name):
    theirs, ours = (
        [(key, x.default) for key, x in inspect.signature(getattr(s, name)).parameters.items()]
        for s in (torch.optim.lr_scheduler, optim.lr_scheduler)
    )

    assert ours == theirs


@pytest.mark.parametrize("name", SCHEDULERS)
def test_learning_rates_in_tensors_are_overwritten_in_place(name):
    optimizer, scheduler = made(tinygrad_edu, name, "SGD", lr=tinygrad_edu.tensor)
    rates = [group["lr"] for group in optimizer.param_groups]

    found = stepped(optimizer, scheduler, range(EPOCHS))

    assert [group["lr"] for group in optimizer.param_groups] == rates
    theirs = stepped(*made(torch, name, "SGD"), range(EPOCHS))
    np.testing.assert_allclose(np.array(found, float), np.array(theirs, float), rtol=1e-12)


def test_a_given_epoch_is_reached_in_closed_form():
    for name in ("StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR"):
        rates = []
        for library in (torch, tinygrad_edu):
            optimizer, scheduler = made(library, name, "SGD")
            with pytest.warns(UserWarning, match="epoch parameter") if library is torch else no_warning():
                scheduler.step(11)
            rates.append([group["lr"] for group in optimizer.param_groups])
        assert rates[0] == rates[1], name


class no_warning:
    def __enter__(self): ...

    def __exit__(self, *_): ...


# State.


@pytest.mark.parametrize("name", SCHEDULERS)
def test_the_state_has_pytorchs_entries(name):
    theirs, ours = (made(library, name, "SGD")[1].state_dict() for library in (torch, tinygrad_edu))

    inner = {"_get_lr_called_within_step"}  # where it is not False
    assert ours.keys() - inner == theirs.keys() - inner


@pytest.mark.parametrize("name", SCHEDULERS)
def test_training_goes_on_from_a_state_in_the_middle(name):
    expected = stepped(*made(tinygrad_edu, name, "SGD"), range(EPOCHS))
    optimizer, scheduler = made(tinygrad_edu, name, "SGD")
    first = stepped(optimizer, scheduler, range(20))
    saved = copy.deepcopy((optimizer.state_dict(), scheduler.state_dict()))

    other, its_scheduler = made(tinygrad_edu, name, "SGD")
    other.load_state_dict(saved[0])
    its_scheduler.load_state_dict(saved[1])

    assert first + stepped(other, its_scheduler, range(20, EPOCHS)) == expected


@pytest.mark.parametrize("name", [x for x in SCHEDULERS if "function" not in x and "Lambda" not in x])
def test_a_state_of_pytorch_is_gone_on_from(name):
    optimizer, scheduler = made(torch, name, "SGD")
    stepped(optimizer, scheduler, range(20))
    other, its_scheduler = made(tinygrad_edu, name, "SGD")

    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    its_scheduler.load_state_dict(
        copy.deepcopy({key: x for key, x in scheduler.state_dict().items() if key != "_scale_fn_ref"})
    )

    assert stepped(other, its_scheduler, range(20, EPOCHS)) == stepped(
        optimizer, scheduler, range(20, EPOCHS)
    )


# Averaged models.


def averaged(library, **settings):
    """The state of an averaged model after five updates, and what it computes after `update_bn`."""
    rng = np.random.default_rng(0)
    weights, x = rng.normal(size=(5, 3, 4)), rng.normal(size=(20, 4))
    nn, swa, tensor = library.nn, library.optim.swa_utils, library.tensor
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3)).double()
    with library.no_grad():
        net[0].bias.copy_(tensor(weights[0, :, 0]))
        average = swa.AveragedModel(
            net, **{key: getattr(swa, get)(*given) for key, (get, *given) in settings.items()}
        )
        for w in weights:
            net[0].weight.copy_(tensor(w))
            net(tensor(x))
            average.update_parameters(net)
    state = {key: np.array(value.detach().numpy()) for key, value in average.state_dict().items()}
    swa.update_bn([tensor(x[:10]), (tensor(x[10:]),)], average)
    average.eval()
    return state, average(tensor(x)).detach().numpy()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"avg_fn": ("get_ema_avg_fn", 0.9)},
        {"avg_fn": ("get_swa_avg_fn",)},
        {"multi_avg_fn": ("get_ema_multi_avg_fn", 0.9)},
        {"multi_avg_fn": ("get_swa_multi_avg_fn",)},
    ],
    ids=str,
)
def test_averages_are_pytorchs(settings):
    (theirs, their_result), (ours, our_result) = (averaged(x, **settings) for x in (torch, tinygrad_edu))

    assert list(ours) == list(theirs)
    for key, value in theirs.items():
        np.testing.assert_allclose(ours[key], value, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(our_result, their_result, rtol=1e-12, atol=1e-14)
