"""What may surprise in a plan: what changes between its calls, and what graphs and gradients are afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import full, manual_seed, nn, no_grad, tensor, zeros
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture


def test_a_tensor_from_outside_is_read_anew_in_every_run():
    outside = tensor([1.0, 1.0])
    plan = capture(lambda x: x * outside)
    for _ in range(3):
        plan(np.ones(2))

    outside.fill_(5)

    assert plan(np.ones(2)).tolist() == [5, 5]


def test_a_graph_made_before_a_replay_notices_that_its_parameters_have_moved():
    w = tensor([1.0], requires_grad=True)

    def step(x):
        w.zero_grad()
        loss = (w * w * x).sum()
        loss.backward()
        with no_grad():
            w.sub_(w.grad)
        return loss

    plan = capture(step)
    for _ in range(3):
        plan(np.ones(1))
    w.zero_grad()
    older = (w * w).sum()

    plan(np.ones(1))

    with pytest.raises(RuntimeError, match="was overwritten"):
        older.backward()


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="capture needs a function, got int 3"):
        capture(3)


def test_a_plan_without_a_program_says_what_is_missing():
    plan = capture(lambda x: x * 2)

    with pytest.raises(RuntimeError, match="has no program yet; call it with the same kind of inputs"):
        plan.source()


def test_gradients_read_between_runs_are_not_changed_by_the_next():
    w = tensor([1.0], requires_grad=True)

    def step(x):
        w.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        return loss

    plan = capture(step)
    for i in range(4):
        plan(np.array([float(i)]))
    kept = w.grad

    plan(np.array([7.0]))

    assert kept.tolist() == [3]
    assert w.grad.tolist() == [7]


def test_a_result_that_is_overwritten_does_not_stand_for_an_equal_one():
    def step(x):
        y = x * 2
        y.add_(1)
        return y, x * 2, x * 2

    plan = capture(step)

    for i in range(4):
        for a, b in zip(step(tensor([1.0 + i])), plan(tensor([1.0 + i])), strict=True):
            assert a.tolist() == b.tolist()


def test_numbers_that_are_equal_but_not_the_same_are_kept_apart():
    plan = capture(lambda x: (x * 0.0, x * -0.0))

    for _ in range(4):
        plus, minus = plan(tensor([1.0]))

    assert np.signbit(minus.raw) == [True]
    assert np.signbit(plus.raw) == [False]


def test_a_number_of_another_type_gets_a_program_of_its_own():
    plan = capture(lambda x, n: x * n)
    whole = tensor([1, 2])

    kinds = [plan(whole, n).dtype.kind for n in (2, 2, 2, 2.0, 2.0, 2.0)]

    assert kinds == ["i", "i", "i", "f", "f", "f"]


@pytest.mark.parametrize("make", [lambda: tensor([0.5, 1.0]), lambda: zeros(2), lambda: full((2,), 3.0)])
def test_what_the_step_makes_from_numbers_and_overwrites_starts_anew_in_every_run(make):
    def step(x):
        total = make()
        part = total[:1]
        total += x
        part *= 2
        return total * 1, part

    plan = capture(step)

    for i in range(5):
        whole, part = plan(tensor([float(i), 1.0]))
        expected = step(tensor([float(i), 1.0]))
        assert [whole.tolist(), part.tolist()] == [x.tolist() for x in expected]


def test_a_single_number_taken_out_can_be_overwritten():
    w = tensor([5.0, 6.0])

    @capture
    def step():
        first = w[0]
        first.add_(1)
        return first, w * 1

    for i in range(4):
        first, whole = step()
        assert (first.item(), whole.tolist()) == (6 + i, [6 + i, 6])


def test_a_mask_that_outlives_the_step_is_followed():
    mask = tensor([True, False, True])
    plan = capture(lambda x: x[mask].sum())

    assert [plan(np.arange(3.0)).item() for _ in range(4)] == [2] * 4


@pytest.mark.parametrize("clear", [lambda w: w.zero_grad(), lambda _: None], ids=["cleared outside", "never"])
def test_a_gradient_met_for_the_first_time_by_a_replay_is_not_lost(clear):
    w = tensor([1.0], requires_grad=True)

    @capture
    def step(x):
        loss = (w * x).sum()
        loss.backward()
        return loss

    for _ in range(3):
        w.zero_grad()
        step(np.ones(1))
    w.grad = [5.0]
    clear(w)

    expected = 1 if w.grad is None else 6
    step(np.ones(1))

    assert w.grad.tolist() == [expected]


def test_an_index_of_true_is_not_that_of_1():
    w = tensor([[1.0, 2.0], [3.0, 4.0]])
    plan = capture(lambda x: (w[1].sum() * x, w[True].sum() * x))

    assert [[y.item() for y in plan(np.ones(()))] for _ in range(4)] == [[7, 10]] * 4


def test_a_graph_made_before_a_replay_notices_that_a_part_of_its_parameter_has_moved():
    w = tensor([[1.0, 2.0]], requires_grad=True)

    @capture
    def step():
        w.data[0].mul_(2)

    for _ in range(3):
        step()
    loss = (w * w).sum()
    step()

    with pytest.raises(RuntimeError, match="was overwritten"):
        loss.backward()


def test_another_tensor_at_the_place_of_an_old_one_is_noticed():
    box = [tensor([0.0])]

    def number(i):
        box[0] = None
        box[0] = tensor([float(i)])  # most often at the address of the old one
        return plan(np.ones(1)).item()

    plan = capture(lambda x: x * box[0])

    assert [number(i) for i in range(10)] == [*range(10)]
    assert plan.ready


def test_a_graph_from_before_a_replay_names_the_line_of_the_step_that_overwrote_it():
    w = tensor([2.0], requires_grad=True)
    optimizer = SGD([w], lr=0.1)

    @capture
    def step(x):
        optimizer.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()  # here
        return loss

    while not step.ready:
        step(np.ones(1))
    product = (w * w).sum()
    step(np.ones(1))

    code = step.__wrapped__.__code__
    with pytest.raises(
        RuntimeError, match=rf"overwritten at test_plan_surprises.py:{code.co_firstlineno + 5}\b"
    ):
        product.backward()


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("key", ["dampening", "momentum", "weight_decay", "lr", "maximize", "nesterov"])
def test_settings_are_compared_in_every_call(key, pure):
    def make():
        manual_seed(0)
        net = nn.Linear(2, 1)
        optimizer = SGD(net.parameters(), lr=0.1, momentum=0.5)

        def step(x):
            optimizer.zero_grad()
            loss = net(x).sum()
            loss.backward()
            optimizer.step()
            return loss

        return net, optimizer.param_groups[0], step

    ends = []
    for wrap in (lambda step: capture(step, pure=pure), lambda step: step):
        net, group, step = make()
        run = wrap(step)
        for i in range(16):
            if i % 5 == 4:
                before = group[key]
                group[key] = not before if isinstance(before, bool) else before + 0.25
            if i % 5 == 1 and key == "momentum":
                group[key] = float("0.5")  # equal, but another object
            run(tensor([[1.0, float(i)]]))
            if i == 8:
                net.weight.raw = net.weight.raw.copy()
        ends.append([p.tolist() for p in net.parameters()])

    assert ends[0] == ends[1]


def test_gradients_that_the_step_forgets_are_forgotten_in_replays():
    """Two programs, one optimizer: each forgets the gradients that the other one left."""
    ends = []
    for make in (capture, lambda step: step):
        manual_seed(0)
        heads = [nn.Linear(2, 1), nn.Linear(2, 1)]
        optimizer = SGD([p for head in heads for p in head.parameters()], lr=0.1)
        extra = tensor([1.0], requires_grad=True)

        def gradients(x, which, heads=heads, optimizer=optimizer, extra=extra):
            optimizer.zero_grad()
            extra.grad = None
            loss = (heads[which](x) ** 2).mean()
            loss.backward()
            return loss

        run = make(gradients)
        for i in range(10):
            extra.grad = [float(i)]
            run(tensor(np.full((3, 2), i / 10)), i % 2)
            optimizer.step()
            assert extra.grad is None
        ends.append([(p.tolist(), p.grad is None) for head in heads for p in head.parameters()])

    assert ends[0] == ends[1]
