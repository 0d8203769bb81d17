"""Long chains, wide sums and many steps: time in proportion to the length, memory that stays."""

from __future__ import annotations

import gc

import pytest

import tinygrad_edu as torch


def leaf(data):
    return torch.tensor(data, requires_grad=True)


@pytest.mark.slow
def test_a_chain_of_4_000_in_place_operations_is_walked_back():
    x = leaf([1.0])
    y = x * 1
    for _ in range(4_000):  # each found the one before among all others, in proportion to the square
        y += 1.0

    y.sum().backward()

    assert (y.item(), x.grad.item()) == (4_001, 1)


@pytest.mark.parametrize("join", [torch.cat, torch.stack])
def test_4_000_tensors_are_joined_and_their_gradients_taken_apart(join):
    x = leaf([1.0, 2.0])

    joined = join([x * float(i) for i in range(4_000)])
    joined.sum().backward()

    assert joined[-1].sum().item() == (2 if join is torch.cat else 3) * 3_999
    assert x.grad.tolist() == [sum(range(4_000))] * 2


@pytest.mark.slow
def test_one_tensor_with_10_000_users_gets_from_all():
    x = leaf(1.0)

    sum([x * float(i) for i in range(10_000)]).backward()

    assert x.grad.item() == sum(range(10_000))


def model_and_optimizer():
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    return model, torch.optim.Adam(model.parameters()), torch.ones(4, 2)


def trained():
    model, optimizer, x = model_and_optimizer()

    def step():
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()

    return step


def planned():
    return torch.capture(trained())


def overwritten():
    w = leaf([1.0, 2.0, 3.0])

    def step():
        h = w * 2
        h[0:2].mul_(3)
        h.add_(1)
        (h * h).sum().backward()
        w.grad = None

    return step


def differentiated_twice():
    w = leaf([1.0, 2.0])

    def step():
        (g,) = torch.autograd.grad((w**3).sum(), w, create_graph=True)
        g.sum().backward()
        w.grad = None

    return step


def refused():
    w = leaf([1.0, 2.0])

    def step():
        with pytest.raises(ValueError, match="shape"):
            w * torch.ones(3)

    return step


def saved_and_loaded():
    model, optimizer, _ = model_and_optimizer()

    def step():
        model.load_state_dict(model.state_dict())
        optimizer.load_state_dict(optimizer.state_dict())

    return step


@pytest.mark.parametrize(
    "make", [trained, planned, overwritten, differentiated_twice, refused, saved_and_loaded]
)
def test_steps_leave_no_objects_behind_with_the_collector_off(make):
    step = make()
    gc.disable()
    try:
        for _ in range(300):  # until caches of 256 entries are full
            step()
        before = len(gc.get_objects())
        for _ in range(200):
            step()
        after = len(gc.get_objects())
    finally:
        gc.enable()

    assert after - before < 100
