"""Schedules in numbers that can be computed by hand, in the order of steps, and what is refused."""

from __future__ import annotations

import warnings

import pytest

from tinygrad_edu import optim, teaching, tensor
from tinygrad_edu.optim import lr_scheduler as schedules
from tinygrad_edu.optim import swa_utils


def an_optimizer(lr=1.0, **settings):
    optimizer = optim.SGD([tensor([1.0], requires_grad=True)], lr=lr, **settings)
    optimizer.step()
    return optimizer


def rates(make, epochs, **settings):
    """The learning rates of the first epochs."""
    optimizer = an_optimizer(**settings)
    scheduler = make(optimizer)
    found = [optimizer.param_groups[0]["lr"]]
    for _ in range(epochs - 1):
        scheduler.step()
        found.append(optimizer.param_groups[0]["lr"])
    assert scheduler.get_last_lr() == found[-1:]
    return found


BY_HAND = {
    "StepLR": (lambda o: schedules.StepLR(o, 2, 0.5), [1, 1, 0.5, 0.5, 0.25]),
    "MultiStepLR": (lambda o: schedules.MultiStepLR(o, [1, 3], 0.5), [1, 0.5, 0.5, 0.25]),
    "ConstantLR": (lambda o: schedules.ConstantLR(o, 0.5, 2), [0.5, 0.5, 1, 1]),
    "LinearLR": (lambda o: schedules.LinearLR(o, 0.5, 1.0, 2), [0.5, 0.75, 1, 1]),
    "ExponentialLR": (lambda o: schedules.ExponentialLR(o, 0.5), [1, 0.5, 0.25]),
    "PolynomialLR": (lambda o: schedules.PolynomialLR(o, 4), [1, 0.75, 0.5, 0.25, 0, 0]),
    "CosineAnnealingLR": (lambda o: schedules.CosineAnnealingLR(o, 2), [1, 0.5, 0, 0.5, 1]),
    "CosineAnnealingWarmRestarts": (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 1, 2),
        [1, 1, 0.5, 1],
    ),
    "CyclicLR": (
        lambda o: schedules.CyclicLR(o, 1, 3, 2, cycle_momentum=False),
        [1, 2, 3, 2, 1, 2],
    ),
    "OneCycleLR": (
        lambda o: schedules.OneCycleLR(
            o, 4.0, 5, pct_start=0.6, anneal_strategy="linear", cycle_momentum=False, div_factor=2, final_div_factor=2
        ),
        [2, 3, 4, 2.5, 1],
    ),
    "LambdaLR": (lambda o: schedules.LambdaLR(o, lambda epoch: 1 / (1 + epoch)), [1, 1 / 2, 1 / 3]),
    "MultiplicativeLR": (lambda o: schedules.MultiplicativeLR(o, lambda epoch: 1 / epoch), [1, 1, 1 / 2, 1 / 6]),
    "SequentialLR": (
        lambda o: schedules.SequentialLR(
            o, [schedules.ConstantLR(o, 0.5, 9), schedules.ExponentialLR(o, 0.5)], [2]
        ),
        [0.5, 0.5, 1, 0.5],
    ),
    "ChainedScheduler": (
        lambda o: schedules.ChainedScheduler([schedules.ExponentialLR(o, 0.5), schedules.StepLR(o, 2, 0.5)]),
        [1, 0.5, 0.125],
    ),
    "SWALR": (lambda o: swa_utils.SWALR(o, 2.0, 2, "linear"), [1, 1.5, 2, 2]),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_the_learning_rates_are_those_by_hand(name):
    make, expected = BY_HAND[name]

    assert rates(make, len(expected)) == pytest.approx(expected, abs=1e-15)


def test_every_schedule_is_computed_by_hand():
    assert {*schedules.__all__, "SWALR"} - BY_HAND.keys() == {"LRScheduler", "ReduceLROnPlateau"}


def test_a_plateau_reduces_the_learning_rate():
    optimizer = an_optimizer()
    scheduler = schedules.ReduceLROnPlateau(optimizer, factor=0.5, patience=1, cooldown=1, min_lr=0.2)
    found = []
    for loss in (3, tensor(2.0), 2, 2, 2, 2, 2, 2, 2, 1):
        scheduler.step(loss)
        found.append(optimizer.param_groups[0]["lr"])

    assert found == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]


def test_momentum_goes_the_other_way():
    optimizer = an_optimizer(momentum=0.5)
    scheduler = schedules.CyclicLR(optimizer, 1, 3, 2, base_momentum=0.25, max_momentum=0.75)
    found = []
    for _ in range(4):
        found.append(optimizer.param_groups[0]["momentum"])
        scheduler.step()

    assert found == [0.75, 0.5, 0.25, 0.5]


class Halving(schedules.LRScheduler):
    """As people write them."""

    def get_lr(self):
        """Half of what it was at the beginning, in odd epochs."""
        return [lr / (1 + self.last_epoch % 2) for lr in self.base_lrs]


def test_a_schedule_of_a_users_own():
    assert rates(Halving, 4) == [1, 0.5, 1, 0.5]
    assert issubclass(Halving, schedules._LRScheduler)


def test_a_schedule_must_say_its_learning_rates():
    with pytest.raises(NotImplementedError, match=r"LRScheduler needs a method get_lr\(self\)"):
        schedules.LRScheduler(an_optimizer())


def test_going_on_from_an_epoch_takes_the_learning_rate_of_the_beginning_from_the_groups():
    optimizer = an_optimizer(lr=0.25)
    with pytest.raises(
        KeyError, match=r"StepLR needs initial_lr in param_groups\[0\] to go on from last_epoch=3"
    ):
        schedules.StepLR(optimizer, 2, last_epoch=3)
    optimizer.param_groups[0]["initial_lr"] = 1.0

    scheduler = schedules.LambdaLR(optimizer, lambda epoch: 1 / epoch, last_epoch=3)

    assert (scheduler.get_last_lr(), scheduler.base_lrs) == ([0.25], [1.0])


def test_functions_that_are_objects_save_their_attributes():
    class Factor:
        def __init__(self, base):
            self.base = base

        def __call__(self, epoch):
            return self.base**epoch

    saved = schedules.LambdaLR(an_optimizer(), Factor(0.5)).state_dict()
    other = schedules.LambdaLR(an_optimizer(), Factor(0.9))
    other.load_state_dict(saved)
    other.step()

    assert (saved["lr_lambdas"], other.get_last_lr()) == ([{"base": 0.5}], [0.5])


# The order of steps.


def test_a_scheduler_that_steps_before_the_optimizer_is_told():
    optimizer = optim.SGD([tensor([1.0], requires_grad=True)], lr=1.0)
    scheduler = schedules.StepLR(optimizer, 1)

    with pytest.warns(
        teaching.SchedulerOrderWarning, match=r"StepLR.step\(\) came before optimizer.step\(\)"
    ):
        scheduler.step()


def test_afterwards_nothing_is_said():
    optimizer = an_optimizer()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        schedules.StepLR(optimizer, 1).step()


# Refusals.

REFUSED = [
    (lambda _: schedules.StepLR(None, 1), TypeError, "StepLR needs an optimizer, got NoneType None"),
    (lambda o: schedules.ConstantLR(o, 2), ValueError, "ConstantLR needs factor from 0 to 1, got 2"),
    (lambda o: schedules.LinearLR(o, 0), ValueError, "LinearLR needs start_factor above 0 .*, got 0 and 1"),
    (lambda o: schedules.LambdaLR(o, [abs, abs]), ValueError, "LambdaLR needs lr_lambda for each of 1 groups, got 2"),
    (
        lambda o: schedules.MultiplicativeLR(o, 0.5),
        TypeError,
        "MultiplicativeLR needs lr_lambda as a function of the epoch, got 0.5",
    ),
    (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 0),
        ValueError,
        "CosineAnnealingWarmRestarts needs T_0 as a whole number from 1, got 0",
    ),
    (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 1, eta_min="0"),
        ValueError,
        "CosineAnnealingWarmRestarts needs eta_min as a number, got '0'",
    ),
    (
        lambda o: schedules.CosineAnnealingWarmRestarts(o, 1).step(-1),
        ValueError,
        "CosineAnnealingWarmRestarts.step needs epoch of 0 or more, got -1",
    ),
    (
        lambda o: schedules.CyclicLR(o, 0.1, 0.2, mode="square"),
        ValueError,
        "CyclicLR needs mode as one of triangular, triangular2, exp_range, or scale_fn, got 'square'",
    ),
    (
        lambda _: schedules.OneCycleLR(optim.Rprop([tensor([1.0], requires_grad=True)]), 0.1, 10),
        ValueError,
        "OneCycleLR needs an optimizer with momentum or betas, got Rprop; use cycle_momentum=False",
    ),
    (lambda o: schedules.OneCycleLR(o, 0.1), ValueError, "OneCycleLR needs total_steps, or epochs and steps_per_epoch"),
    (lambda o: schedules.OneCycleLR(o, 0.1, 0), ValueError, "needs total_steps as a whole number from 1, got 0"),
    (lambda o: schedules.OneCycleLR(o, 0.1, 9, pct_start=2), ValueError, "pct_start as a float from 0 to 1, got 2"),
    (
        lambda o: schedules.OneCycleLR(o, 0.1, 9, anneal_strategy="log"),
        ValueError,
        "OneCycleLR needs anneal_strategy as 'cos' or 'linear', got 'log'",
    ),
    (
        lambda o: rates(lambda o: schedules.OneCycleLR(o, 0.1, 3), 5, momentum=0.5),
        ValueError,
        "OneCycleLR has 3 steps, and this is step 4",
    ),
    (lambda o: schedules.ReduceLROnPlateau(o, factor=1), ValueError, "ReduceLROnPlateau needs factor below 1, got 1"),
    (
        lambda o: schedules.ReduceLROnPlateau(o, "least"),
        ValueError,
        "ReduceLROnPlateau needs mode as 'min' or 'max', .*, got 'least' and 'rel'",
    ),
    (lambda o: schedules.ChainedScheduler([]), ValueError, "ChainedScheduler needs at least one scheduler"),
    (lambda o: schedules.ChainedScheduler([o]), TypeError, "ChainedScheduler needs schedulers, got SGD at index 0"),
    (
        lambda o: schedules.ChainedScheduler([schedules.ReduceLROnPlateau(o)]),
        ValueError,
        "ChainedScheduler needs schedulers that step without a value, got ReduceLROnPlateau at index 0",
    ),
    (
        lambda o: schedules.ChainedScheduler([schedules.StepLR(o, 1), schedules.StepLR(an_optimizer(), 1)]),
        ValueError,
        "ChainedScheduler needs schedulers of one optimizer, got another at index 1",
    ),
    (
        lambda o: schedules.SequentialLR(o, [schedules.StepLR(o, 1)], [5]),
        ValueError,
        "SequentialLR needs one milestone less than schedulers, got 1 for 1",
    ),
    (lambda o: schedules.StepLR(o, 1).load_state_dict(3), TypeError, "StepLR needs what state_dict.* returned, got 3"),
    (
        lambda o: swa_utils.SWALR(o, 0.1, anneal_strategy="log"),
        ValueError,
        "SWALR needs anneal_strategy as 'cos' or 'linear', got 'log'",
    ),
    (lambda o: swa_utils.SWALR(o, 0.1, -1), ValueError, "SWALR needs anneal_epochs as a whole number from 0, got -1"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "message"), REFUSED)
def test_what_cannot_be_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make(an_optimizer(momentum=0.5))


def test_a_group_that_was_added_needs_a_least_learning_rate():
    optimizer = an_optimizer()
    scheduler = schedules.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.1])
    optimizer.add_param_group({"params": [tensor([1.0], requires_grad=True)]})
    scheduler.step(1.0)

    with pytest.raises(RuntimeError, match="ReduceLROnPlateau needs min_lr for each of 2 groups, got 1"):
        scheduler.step(1.0)
