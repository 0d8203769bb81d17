"""Ctrl-C during training: whenever it comes, the parameters and the optimizer are those of one step."""

from __future__ import annotations

import copy
import itertools
import signal
import sys
import threading

import numpy as np
import pytest

from tinygrad_edu import capture, optim, tensor
from tinygrad_edu.engine.interrupts import uninterrupted

OPTIMIZERS = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "SGD with momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam": lambda p: optim.Adam(p, lr=0.1, amsgrad=True),
    "AdamW": lambda p: optim.AdamW(p, lr=0.1),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.1, centered=True, momentum=0.9),
}


def interrupted_at(call, function):
    """True if Ctrl-C came at this call of a function inside `function()`; it then raised KeyboardInterrupt."""
    calls = itertools.count()

    def come(frame, event, _argument):
        inside = frame.f_code is not interrupted_at.__code__
        if inside and event in ("call", "c_call") and next(calls) == call:
            signal.raise_signal(signal.SIGINT)

    sys.setprofile(come)
    try:
        function()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(None)
    return False


def numbers(parameters, optimizer):
    """All numbers of a training that a step changes."""
    states = [optimizer.state.get(p, {}) for p in parameters]
    kept = [x.numpy() if hasattr(x, "numpy") else x for state in states for x in state.values()]
    return [np.array(x) for x in (*(p.detach().numpy() for p in parameters), *kept)]


def same(a, b):
    return len(a) == len(b) and all(map(np.array_equal, a, b))


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_step_is_done_or_not_begun_wherever_ctrl_c_comes(make):
    parameters = [tensor([1.0, 2.0], requires_grad=True), tensor([[3.0]], requires_grad=True)]
    optimizer = make(parameters)
    for p in parameters:
        p.grad = tensor(np.ones(p.shape))
    optimizer.step()
    before, done = numbers(parameters, optimizer), copy.deepcopy((parameters, optimizer))
    done[1].step()

    for call in itertools.count():
        own, its = copy.deepcopy((parameters, optimizer))
        came = interrupted_at(call, its.step)
        after = numbers(own, its)
        assert same(after, before) or same(after, numbers(*done)), f"call {call}"
        if not came:
            break

    assert call > 10


@pytest.mark.slow
@pytest.mark.parametrize("pure", [False, True], ids=["followed", "pure"])
def test_a_plan_is_done_or_not_begun_wherever_ctrl_c_comes(pure):
    w, b = tensor([1.0, 2.0], requires_grad=True), tensor([[3.0]], requires_grad=True)
    optimizer = optim.Adam([w, b], lr=0.1)

    def step(x):
        optimizer.zero_grad()
        loss = ((w * x + b) ** 2).sum()
        loss.backward()
        optimizer.step()
        return loss

    plan, x = capture(step, pure=pure), tensor([0.5, -1.0])
    for _ in range(4):
        plan(x)

    for call in itertools.count():
        before = numbers([w, b], optimizer)
        expected_w, expected_b, its = copy.deepcopy((w, b, optimizer))
        its.zero_grad()
        ((expected_w * x + expected_b) ** 2).sum().backward()
        its.step()
        came = interrupted_at(call, lambda: plan(x))
        after = numbers([w, b], optimizer)
        assert same(after, before) or same(after, numbers([expected_w, expected_b], its)), f"call {call}"
        if not came:
            break

    assert call > 10


def test_a_step_of_lbfgs_that_is_interrupted_is_taken_back():
    w = tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.LBFGS([w], line_search_fn="strong_wolfe")
    losses = itertools.count()

    def closure():
        if next(losses) == 5:
            raise KeyboardInterrupt
        optimizer.zero_grad()
        loss = ((w**2 - tensor([2.0, 5.0])) ** 2).sum()
        loss.backward()
        return loss

    with pytest.raises(KeyboardInterrupt):
        optimizer.step(closure)
    assert w.tolist() == [1, 2]
    assert optimizer.state[w] == {}
    optimizer.step(closure)

    np.testing.assert_allclose(w.detach().numpy() ** 2, [2, 5], rtol=1e-4)


def test_what_handled_the_signal_before_is_told_afterwards_and_stays():
    told = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: told.append(number))
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            inside = list(told)
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

    assert (inside, told) == ([], [signal.SIGINT] * 2)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_takes_its_steps_as_ever():
    w = tensor([1.0], requires_grad=True)
    w.grad = tensor([1.0])
    thread = threading.Thread(target=optim.SGD([w], lr=0.5).step)

    thread.start()
    thread.join()

    assert w.tolist() == [0.5]
