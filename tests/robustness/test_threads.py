"""Two threads: each trains a model of its own as if it were alone; one model is right, or an error says why not."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

import tinygrad_edu as torch


@pytest.fixture(autouse=True)
def _many_switches():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_together(*functions):
    """What the functions returned or raised, each in a thread of its own."""
    found = [None] * len(functions)

    def run(i):
        try:
            found[i] = functions[i]()
        except Exception as error:
            found[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def trained(seed, planned=False):
    w = torch.tensor(np.random.default_rng(seed).normal(size=(4, 4)), requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.01)

    def step():
        optimizer.zero_grad()
        h = w @ w * 1
        h = h if planned else h.mul_(0.5)
        loss = (h.tanh() ** 2).sum()
        loss.backward()
        optimizer.step()

    step = torch.capture(step) if planned else step
    for _ in range(40):
        step()
    return w.tolist()


@pytest.mark.parametrize("planned", [False, True], ids=["eager", "planned"])
def test_models_of_their_own_are_trained_as_if_alone(planned):
    alone = [trained(seed, planned) for seed in range(3)]

    together = run_together(*(lambda seed=seed: trained(seed, planned) for seed in range(3)))

    assert together == alone


def test_gradients_of_one_model_that_nobody_changes_are_right():
    w = torch.tensor(np.eye(4) / 2, requires_grad=True)

    def gradients():
        return [torch.autograd.grad((w @ w).tanh().sum(), w)[0].tolist() for _ in range(50)]

    right = gradients()

    assert run_together(*[gradients] * 3) == [right] * 3


def test_one_model_that_two_threads_train_is_never_silently_wrong():
    w = torch.tensor(np.eye(4), requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1e-3)

    def train():
        for _ in range(100):
            loss = (w @ w).sum()
            (g,) = torch.autograd.grad(loss, w)
            w.grad = g
            optimizer.step()

    for error in run_together(train, train):
        assert error is None or "was overwritten at test_threads.py" in str(error)


def test_one_plan_in_several_threads_computes_for_each():
    w = torch.ones(50, dtype=torch.float64, requires_grad=True)
    plan = torch.capture(lambda x: (w * x).exp().tanh().sum())
    inputs = [torch.full((50,), k / 10) for k in range(1, 4)]
    right = [plan(x).item() for x in inputs * 2][3:]

    found = run_together(*(lambda x=x: {plan(x).item() for _ in range(40)} for x in inputs))

    assert found == [{number} for number in right]
