"""The first steps of every optimizer, in numbers that can be computed by hand, and what each refuses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu import optim, tensor


def moved(make, gradients, start=1.0):
    """Where a parameter of one number is after each gradient."""
    w = tensor([start], requires_grad=True)
    optimizer, places = make([w]), []
    for g in gradients:
        w.grad = [g]
        optimizer.step()
        places.append(w.item())
    return places


MU = [0.9 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in (1, 2)]  # of NAdam

# What makes the optimizer, the gradients, and where the parameter is after each, from 1 on.
FIRST_STEPS = {
    "SGD": (lambda p: optim.SGD(p, lr=0.1, momentum=0.5), [2.0, 2.0], [0.8, 0.8 - 0.3]),
    "Adam": (lambda p: optim.Adam(p, lr=0.1, eps=0), [0.5, 0.5], [0.9, 0.8]),  # lr, whatever the gradient
    "Adam, weight decay": (lambda p: optim.Adam(p, lr=0.1, eps=0, weight_decay=0.5), [0.0], [0.9]),
    "Adam, maximize": (lambda p: optim.Adam(p, lr=0.1, eps=0, maximize=True), [0.5], [1.1]),
    "AdamW": (lambda p: optim.AdamW(p, lr=0.1, eps=0, weight_decay=0.5), [7.0], [0.95 - 0.1]),
    "Adamax": (lambda p: optim.Adamax(p, lr=0.1, eps=0), [0.5, 0.5], [0.9, 0.8]),
    "NAdam": (
        lambda p: optim.NAdam(p, lr=0.1, eps=0),
        [0.5],
        [1 - 0.1 * (1 + MU[1] * 0.1 / (1 - MU[0] * MU[1]))],
    ),
    "RAdam": (lambda p: optim.RAdam(p, lr=0.1), [0.5, 0.5], [0.95, 0.9]),  # not adaptive yet
    "Adagrad": (lambda p: optim.Adagrad(p, lr=0.1, eps=0), [3.0, 3.0], [0.9, 0.9 - 0.1 / math.sqrt(2)]),
    "Adagrad, decay": (
        lambda p: optim.Adagrad(p, lr=0.1, eps=0, lr_decay=1.0, initial_accumulator_value=16),
        [3.0, 0.0],
        [1 - 0.1 * 3 / 5] * 2,
    ),
    "Adadelta": (lambda p: optim.Adadelta(p, eps=0.9), [3.0], [1 - math.sqrt(0.9 / 1.8) * 3]),
    "RMSprop": (lambda p: optim.RMSprop(p, lr=0.1, alpha=0.75, eps=0), [3.0], [1 - 0.1 * 2]),
    "RMSprop, centered": (
        lambda p: optim.RMSprop(p, lr=0.1, alpha=0.5, eps=0, centered=True),
        [3.0],
        [1 - 0.1 * 2],
    ),
    "Rprop": (
        lambda p: optim.Rprop(p, lr=0.1),
        [3.0, 0.5, -1.0, -1.0],
        [0.9, 0.9 - 0.12, 0.9 - 0.12, 0.9 - 0.12 + 0.06],
    ),
    "ASGD": (lambda p: optim.ASGD(p, lr=0.1, lambd=0.5), [2.0], [0.95 - 0.2]),
    "Adafactor": (lambda p: optim.Adafactor(p, lr=0.1), [5.0], [0.9]),  # by the size of the parameter
}


@pytest.mark.parametrize("name", FIRST_STEPS)
def test_the_first_steps_are_those_by_hand(name):
    make, gradients, expected = FIRST_STEPS[name]

    assert moved(make, gradients) == pytest.approx(expected, rel=1e-12)


def test_every_optimizer_has_its_first_steps():
    tested = {name.partition(",")[0] for name in FIRST_STEPS}

    assert set(optim.__all__) - tested == {"LBFGS", "Muon", "Optimizer", "lr_scheduler", "swa_utils"}


def test_amsgrad_never_forgets_the_greatest_square():
    def make(amsgrad):
        return lambda p: optim.Adam(p, lr=0.1, betas=(0.0, 0.5), eps=0, amsgrad=amsgrad)

    with_it, without = (moved(make(amsgrad), [8.0, 1.0, 1.0])[-1] for amsgrad in (True, False))

    assert with_it > without


def test_radam_becomes_adaptive_in_its_sixth_step():
    places = moved(lambda p: optim.RAdam(p, lr=1.0, eps=0), [0.5] * 6, start=0.0)

    assert np.diff([0.0, *places])[:5].tolist() == pytest.approx([-0.5] * 5)
    n = [1999 - 2 * t * 0.999**t / (1 - 0.999**t) for t in (5, 6)]
    rectified = math.sqrt((n[1] - 4) * (n[1] - 2) * 1999 / (1995 * 1997 * n[1]))
    assert n[0] < 5 < n[1]
    assert places[5] - places[4] == pytest.approx(-rectified)


def test_asgd_averages_from_its_step_t0_on():
    w = tensor([0.0], requires_grad=True)
    optimizer = optim.ASGD([w], lr=1.0, lambd=0.0, t0=1)
    for _ in range(3):
        w.grad = [-1.0]
        optimizer.step()

    # mu is 1, 1 and 1 / 1 = 1 in the first three steps, and 1 / 2 in the next
    w.grad = [-1.0]
    optimizer.step()

    assert optimizer.state[w]["ax"].item() == pytest.approx((3 + 4) / 2)


def test_adafactor_keeps_one_number_for_each_row_and_each_column():
    w = tensor(np.ones((3, 4)), requires_grad=True)
    optimizer = optim.Adafactor([w], lr=0.1)
    w.grad = np.outer([1.0, 2.0, 3.0], [1.0, -1.0, 2.0, 4.0])
    optimizer.step()

    assert [optimizer.state[w][key].shape for key in ("row_var", "col_var")] == [(3, 1), (1, 4)]
    np.testing.assert_allclose(w.raw, 1 - 0.1 * np.sign(w.grad))  # a product is kept as it is


def test_muon_steps_by_a_matrix_with_singular_values_near_1():
    rng = np.random.default_rng(0)
    w = tensor(np.zeros((6, 3)), requires_grad=True)
    w.grad = rng.normal(size=(6, 3))

    optim.Muon([w], lr=1.0, weight_decay=0, ns_steps=5).step()

    values = np.linalg.svd(w.raw / math.sqrt(6 / 3), compute_uv=False)
    assert np.all((values > 0.6) & (values < 1.3))
    u, _, vt = np.linalg.svd(w.grad.raw, full_matrices=False)
    mixed = u.T @ w.raw @ vt.T
    np.testing.assert_allclose(
        mixed - np.diag(np.diag(mixed)), 0, atol=1e-12
    )  # with the vectors of the gradient


def test_muon_adjusts_to_the_size_of_adamws_steps_if_asked():
    shapes = []
    for adjust in ("original", "match_rms_adamw"):
        w = tensor(np.zeros((2, 8)), requires_grad=True)
        w.grad = np.eye(2, 8)
        optim.Muon([w], lr=1.0, weight_decay=0, adjust_lr_fn=adjust).step()
        shapes.append(w.raw[0, 0])

    assert shapes[1] / shapes[0] == pytest.approx(0.2 * math.sqrt(8))


# Refusals.

REFUSED = {
    "Adam, betas": (optim.Adam, {"betas": (0.9, 1.0)}, ValueError, "Adam needs each of betas below 1, got"),
    "Adam, negative beta": (
        optim.Adam,
        {"betas": (-0.1, 0.9)},
        ValueError,
        "needs each of betas of 0 or more",
    ),
    "Adam, one beta": (optim.Adam, {"betas": 0.9}, TypeError, "Adam needs betas as two numbers, got 0.9"),
    "Adam, eps": (optim.Adam, {"eps": -1e-8}, ValueError, "Adam needs eps of 0 or more, got -1e-08"),
    "Adam, amsgrad": (optim.Adam, {"amsgrad": 1}, TypeError, "Adam needs amsgrad as True or False, got 1"),
    "Adam, a Tensor among betas": (
        optim.Adam,
        {"betas": (0.9, tensor(0.99))},
        ValueError,
        "Adam needs betas as two numbers or two Tensors, got",
    ),
    "Adam, Tensors with foreach": (
        optim.Adam,
        {"lr": tensor(0.1), "foreach": True},
        ValueError,
        "Adam needs lr as a number with foreach=True, got a Tensor",
    ),
    "AdamW": (optim.AdamW, {"lr": -1}, ValueError, "AdamW needs lr of 0 or more, got -1"),
    "Adadelta": (optim.Adadelta, {"rho": 1.5}, ValueError, "Adadelta needs rho from 0 to 1, got 1.5"),
    "Adafactor, d": (optim.Adafactor, {"d": 0.5}, ValueError, "Adafactor needs d of 1 or more, got 0.5"),
    "Adafactor, decay": (
        optim.Adafactor,
        {"beta2_decay": 0.1},
        ValueError,
        "Adafactor needs beta2_decay of 0 or less, got 0.1",
    ),
    "Adafactor, eps": (
        optim.Adafactor,
        {"eps": (-1, 0.1)},
        ValueError,
        r"Adafactor needs eps\[0\] of 0 or more, got -1",
    ),
    "Rprop": (
        optim.Rprop,
        {"etas": (1.0, 1.2)},
        ValueError,
        r"Rprop needs 0 < etas\[0\] < 1 < etas\[1\], got \(1.0, 1.2\)",
    ),
    "Muon": (
        optim.Muon,
        {},
        ValueError,
        r"Muon needs matrices as parameters, got a tensor of shape \(1,\); give the rest to another optimizer",
    ),
    "Muon, adjustment": (
        optim.Muon,
        {"adjust_lr_fn": "none"},
        ValueError,
        "Muon needs adjust_lr_fn as None or one of original, match_rms_adamw, got 'none'",
    ),
    "Muon, steps": (
        optim.Muon,
        {"ns_steps": 100},
        ValueError,
        "Muon needs three ns_coefficients and ns_steps below 100, got .* and 100",
    ),
    "LBFGS": (
        optim.LBFGS,
        {"line_search_fn": "armijo"},
        ValueError,
        "LBFGS needs line_search_fn as None or 'strong_wolfe', got 'armijo'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_settings_outside_their_range_are_refused(name):
    kind, settings, error, message = REFUSED[name]

    with pytest.raises(error, match=message):
        kind([tensor([1.0], requires_grad=True)], **settings)
