"""Updates of large arrays go piece by piece: the same bits, and nothing that is seen from outside is cut."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, tensor
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture
from tinygrad_edu.plan.cache_blocking import PIECE

SIZE = PIECE // 4 + 4321  # of a vector: more than two pieces in float64, the last one shorter


def numbers(seed, size=SIZE, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=size).astype(dtype)


def swept(plan):
    return re.search(r"sweep\d+\(\)", plan.program.text) is not None


OPTIONS = [
    {},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01},
    {"momentum": 0.9, "nesterov": True, "maximize": True},
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_large_parameters_move_bit_for_bit_as_eagerly(options, dtype):
    losses, ends = [], []
    for make in (capture, lambda step: step):
        net = nn.Sequential(nn.Linear(301, 703), nn.Tanh(), nn.Linear(703, 5)).to(dtype)
        for i, p in enumerate(net.parameters()):
            p.data = numbers(i, p.shape, dtype) / 20
        optimizer = SGD(net.parameters(), lr=0.1, **options)

        def step(x, net=net, optimizer=optimizer):
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        run = make(step)
        losses.append([])
        for i in range(6):
            optimizer.param_groups[0]["lr"] = 0.1 / (1 + i)
            losses[-1].append(run(tensor(numbers(10 + i, (4, 301), dtype))).item())
        ends.append([x.numpy() for p in net.parameters() for x in (p.detach(), p.grad)])
        if make is capture:
            assert swept(run)

    assert losses[0] == losses[1]
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


def compared(step, *inputs):
    """What a plan of the step returns in its fourth run, which must be what the step returns; and whether it sweeps."""
    plan = capture(step)
    for _ in range(3):
        plan(*map(tensor, inputs))
    found, expected = plan(*map(tensor, inputs)), step(*map(tensor, inputs))
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
    return swept(plan)


def test_what_is_returned_or_read_later_is_whole():
    def step(x):
        twice = x * 2
        more = twice + 1
        return twice, (more / 3 - x).exp(), more

    assert compared(step, numbers(0))


def test_a_single_number_goes_into_every_piece():
    assert compared(lambda x, s: [(x * s + s) / 2], numbers(0), np.array(0.3))


def test_arrays_of_other_shapes_types_and_orders_are_left_out():
    rows = numbers(0, (400, 401))

    assert not compared(lambda x: [x.T * 2 + 1], rows)
    assert not compared(lambda x: [x * 2 + x[0]], rows)
    assert not compared(lambda x, y: [x * y + 1], rows, rows.astype(np.float32))
    assert not compared(lambda x: [x.exp().log()], rows)
    assert not compared(lambda x: [x * 2 + 1], rows[:9])


def test_overlapping_parts_of_one_array_are_not_cut():
    """Piece by piece, the second piece would read what the first has overwritten."""
    ends = []
    for make in (capture, lambda step: step):
        w = tensor(numbers(0))
        later, earlier = w[1:], w[:-1]

        def step(x, later=later, earlier=earlier):
            with no_grad():
                later.mul_(0.5)
                later.add_(earlier * 0.25)
            return x * 1

        run = make(step)
        for _ in range(5):
            run(tensor([1.0]))
        ends.append(w.numpy())

    np.testing.assert_array_equal(*ends)


def test_one_array_by_two_names_is_cut():
    w = tensor(numbers(0))
    same = w.detach()

    def step(x):
        with no_grad():
            w.mul_(0.5)
            w.add_(same * 0.25)
        return x * 1

    plan = capture(step)
    before = w.numpy().copy()
    for _ in range(5):
        plan(tensor([1.0]))

    expected = before
    for _ in range(5):
        half = expected * 0.5
        expected = half + half * 0.25
    np.testing.assert_array_equal(w.numpy(), expected)
