"""SGD against PyTorch's update written out in plain NumPy, over several steps, and what it refuses."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import nn, tensor
from tinygrad_edu.engine.grad_mode import watch
from tinygrad_edu.optim import SGD

RNG = np.random.default_rng(0)
START = [RNG.normal(size=(3, 2)), RNG.normal(size=2)]
GRADIENTS = [[RNG.normal(size=(3, 2)), RNG.normal(size=2)] for _ in range(5)]

OPTIONS = {
    "lr": (0.0, 0.1),
    "momentum": (0, 0.9),
    "dampening": (0, 0.3, -0.2, 1),
    "weight_decay": (0, 0.01),
    "nesterov": (False, True),
    "maximize": (False, True),
}
ALLOWED = [
    dict(zip(OPTIONS, values, strict=True))
    for values in itertools.product(*OPTIONS.values())
    if not values[4] or (values[1] and not values[2])  # nesterov needs momentum and no dampening
]


def pytorchs_update(p, gradients, *, lr, momentum, dampening, weight_decay, nesterov, maximize):
    """torch.optim.SGD, the algorithm of its documentation, for one parameter; None: no gradient, no step."""
    buf = None
    for gradient in gradients:
        if gradient is None:
            continue
        g = (-gradient if maximize else gradient) + weight_decay * p
        if momentum and buf is None:
            buf = g
        elif momentum:
            buf = momentum * buf + (1 - dampening) * g
        step = (g + momentum * buf if nesterov else buf) if momentum else g
        p = p - lr * step
    return p


def parameters(dtype="float64"):
    return [tensor(p.astype(dtype), requires_grad=True) for p in START]


def run(optimizer, params, gradients=GRADIENTS):
    for row in gradients:
        for p, g in zip(params, row, strict=True):
            p.grad = None if g is None else g.astype(p.dtype)
        optimizer.step()


@pytest.mark.parametrize("options", ALLOWED, ids=lambda o: "-".join(map(str, o.values())))
def test_every_combination_is_pytorchs_update(options):
    params = parameters()

    run(SGD(params, **options), params)

    for i, p in enumerate(params):
        np.testing.assert_allclose(
            p.raw, pytorchs_update(START[i], [g[i] for g in GRADIENTS], **options), rtol=1e-14
        )


@pytest.mark.parametrize("options", ALLOWED[::7], ids=lambda o: "-".join(map(str, o.values())))
def test_float32_stays_float32(options):
    params = parameters("float32")

    run(SGD(params, **options), params)

    for i, p in enumerate(params):
        assert p.dtype == np.float32
        np.testing.assert_allclose(
            p.raw, pytorchs_update(START[i], [g[i] for g in GRADIENTS], **options), rtol=1e-4, atol=1e-6
        )


def test_reference_numbers():
    # torch.optim.SGD([w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.5), two steps with gradient 1 from 2
    w = tensor(2.0, requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.5)

    for expected in (1.62, 1.1141):
        w.grad = 1.0
        optimizer.step()
        assert w.item() == pytest.approx(expected, rel=1e-14)


def test_the_defaults_are_pytorchs():
    (group,) = SGD(parameters()).param_groups

    assert {name: value for name, value in group.items() if name != "params"} == {
        "lr": 0.001,
        "momentum": 0,
        "dampening": 0,
        "weight_decay": 0,
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": None,
    }


def test_arguments_come_in_pytorchs_order():
    (group,) = SGD(parameters(), 0.1, 0.9, 0.0, 0.01, True).param_groups

    assert [group[name] for name in ("lr", "momentum", "dampening", "weight_decay", "nesterov")] == [
        0.1,
        0.9,
        0.0,
        0.01,
        True,
    ]


def test_a_parameter_without_gradient_does_not_move_and_starts_its_momentum_later():
    gradients = [[g, None if i < 2 else b] for i, (g, b) in enumerate(GRADIENTS)]
    options = ALLOWED[-1]
    params = parameters()

    run(SGD(params, **options), params, gradients)

    np.testing.assert_allclose(
        params[1].raw, pytorchs_update(START[1], [b for _, b in gradients], **options), rtol=1e-14
    )


@settings(deadline=None, max_examples=60)
@given(
    st.floats(0, 2),
    st.floats(0, 1),
    st.floats(-1, 1),
    st.floats(0, 1),
    st.booleans(),
    st.lists(st.floats(-3, 3), min_size=1, max_size=6),
)
def test_any_setting_on_one_number(lr, momentum, dampening, weight_decay, maximize, gradients):
    options = {
        "lr": lr,
        "momentum": momentum,
        "dampening": dampening,
        "weight_decay": weight_decay,
        "nesterov": False,
        "maximize": maximize,
    }
    p = tensor(1.5, requires_grad=True)

    run(SGD([p], **options), [p], [[np.array(g)] for g in gradients])

    expected = pytorchs_update(np.array(1.5), [np.array(g) for g in gradients], **options)
    np.testing.assert_allclose(p.raw, expected, rtol=1e-12, atol=1e-12)


def test_settings_may_be_numpys_numbers():
    params = parameters("float32")

    run(SGD(params, lr=np.float32(0.5), momentum=np.float64(0.5), weight_decay=np.int64(0)), params)

    assert params[0].dtype == np.float32


# The momentum buffer is the optimizer's own.


def test_zeroing_a_gradient_in_place_leaves_the_momentum_alone():
    w = tensor([1.0], requires_grad=True)
    optimizer = SGD([w], lr=1.0, momentum=0.5)
    (w * 3).sum().backward()
    assert w.grad.tolist() == [3]  # looked at, so that it is a Tensor

    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    optimizer.step()

    assert w.tolist() == [1 - 3 - 0.5 * 3]


def test_watching_may_begin_and_end_between_steps():
    plain, watched = parameters(), parameters()
    options = {"lr": 0.1, "momentum": 0.9, "nesterov": True}
    run(SGD(plain, **options), plain)
    optimizer = SGD(watched, **options)

    for i, row in enumerate(GRADIENTS):
        if i % 2:
            with watch(lambda *note: None):
                run(optimizer, watched, [row])
        else:
            run(optimizer, watched, [row])

    for p, q in zip(plain, watched, strict=True):
        np.testing.assert_array_equal(q.raw, p.raw)


@pytest.mark.parametrize("options", ALLOWED, ids=lambda o: "-".join(map(str, o.values())))
def test_watched_steps_give_identical_bits(options):
    plain, watched = parameters(), parameters()

    run(SGD(plain, **options), plain)
    with watch(lambda *note: None):
        run(SGD(watched, **options), watched)

    for p, q in zip(plain, watched, strict=True):
        np.testing.assert_array_equal(q.raw, p.raw)


def test_a_training_step_is_the_gradient_step():
    net = nn.Linear(2, 1)
    before = net.weight.numpy(force=True).copy()
    optimizer = SGD(net.parameters(), lr=0.1)

    nn.MSELoss()(net(tensor([[1.0, 2.0]])), [[0.5]]).backward()
    optimizer.step()

    np.testing.assert_allclose(net.weight.raw, before - 0.1 * net.weight.grad.raw, rtol=1e-15)


# Refusals.

REFUSED = [
    ({"lr": -0.1}, ValueError, "SGD needs lr of 0 or more, got -0.1"),
    ({"lr": float("nan")}, ValueError, "SGD needs lr of 0 or more, got nan"),
    ({"lr": float("inf")}, ValueError, "SGD needs lr of 0 or more, got inf"),
    ({"lr": None}, TypeError, "SGD needs lr as a number, got None"),
    ({"lr": "0.1"}, TypeError, "SGD needs lr as a number, got '0.1'"),
    ({"lr": True}, TypeError, "SGD needs lr as a number, got True"),
    ({"lr": tensor([0.1, 0.1])}, TypeError, r"SGD needs lr as a number, got tensor\(.*\) of shape \(2,\)"),
    ({"foreach": 1}, TypeError, "SGD needs foreach as True, False or None, got 1"),
    ({"momentum": -1}, ValueError, "SGD needs momentum of 0 or more, got -1"),
    ({"momentum": "a"}, TypeError, "SGD needs momentum as a number, got 'a'"),
    ({"weight_decay": -1e-3}, ValueError, "SGD needs weight_decay of 0 or more, got -0.001"),
    ({"dampening": "a"}, TypeError, "SGD needs dampening as a number, got 'a'"),
    ({"nesterov": "yes", "momentum": 0.9}, TypeError, "SGD needs nesterov as True or False, got 'yes'"),
    ({"maximize": 1}, TypeError, "SGD needs maximize as True or False, got 1"),
    (
        {"nesterov": True},
        ValueError,
        "SGD needs momentum above 0 and dampening of 0 for nesterov, got momentum=0 and dampening=0",
    ),
    (
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
        ValueError,
        "for nesterov, got momentum=0.9 and dampening=0.1",
    ),
]


@pytest.mark.parametrize(("options", "error", "message"), REFUSED, ids=str)
def test_settings_outside_their_range_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        SGD(parameters(), **options)
    with pytest.raises(error, match=message):
        SGD([{"params": parameters(), **options}])
