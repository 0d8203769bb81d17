"""What a plan cannot follow is refused, with the line and what to do; nothing is silently out of date."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Tensor, full, manual_seed, nn, no_grad, ones, rand, tensor, zeros
from tinygrad_edu.optim import SGD
from tinygrad_edu.plan import capture


@pytest.mark.parametrize(
    "read",
    [
        lambda x: x.sum().item(),
        lambda x: float(x.sum()),
        lambda x: x.detach().numpy(),
        Tensor.tolist,
        lambda x: 1 if x.sum() > 0 else 2,
        lambda x: 1 if x.allclose(x + 1) else 2,
        np.asarray,
        lambda x: np.isclose(x, 1),
        np.unique,
    ],
)
def test_numbers_read_in_the_step_are_refused_with_the_line(read):
    plan = capture(lambda x: x * 2 if read(x * 1) is not None else x)

    with pytest.raises(
        RuntimeError,
        match=r"cannot follow a number read at test_plan_surprises.py:\d+.*plan returns, or .* hand over lists",
    ):
        plan(np.ones(3))


def test_a_list_given_to_a_step_on_tensors_is_refused_and_changes_nothing():
    plan = capture(lambda x: x * 2)
    for _ in range(3):
        plan(np.ones(2))

    with pytest.raises(TypeError, match=r"step on Tensors, but input 0 is a list.*hand over np\.array"):
        plan([1.0, 1.0])

    assert "x * 2" in plan.source()


def test_an_array_from_outside_is_refused():
    outside = np.ones(3)

    plan = capture(lambda x: x * outside)

    with pytest.raises(
        RuntimeError, match=r"cannot know where the array used at .*:\d+ comes from, shape \(3,\)"
    ):
        plan(np.ones(3))


def test_a_tensor_from_outside_is_read_anew_in_every_run():
    outside = tensor([1.0, 1.0])
    plan = capture(lambda x: x * outside)
    for _ in range(3):
        plan(np.ones(2))

    outside.fill_(5)

    assert plan(np.ones(2)).tolist() == [5, 5]


def test_gradients_that_add_up_over_steps_are_refused():
    w = tensor([1.0], requires_grad=True)

    def step(x):
        loss = (w * x).sum()
        loss.backward()
        return loss

    plan = capture(step)
    plan(np.ones(1))

    with pytest.raises(RuntimeError, match=r"gradients that start anew.*call zero_grad\(\) in the step"):
        plan(np.ones(1))


def test_a_step_that_changes_every_time_is_refused():
    counter = iter(range(100))

    plan = capture(lambda x: x * next(counter))

    for _ in range(4):
        plan(np.ones(2))

    with pytest.raises(RuntimeError, match="does the same every time, but operation 1 of"):
        plan(np.ones(2))


def test_a_parameter_with_other_memory_is_noticed():
    net = nn.Linear(2, 1)
    plan = capture(net)
    for _ in range(3):
        plan(np.ones((1, 2)))

    net.float()

    with pytest.raises(RuntimeError, match=r"needs the memory it was made for, but .* has another since"):
        plan(np.ones((1, 2)))


def test_another_setting_of_the_optimizer_is_noticed():
    w = tensor([1.0], requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9)

    def step(x):
        optimizer.zero_grad()
        loss = (w * x).sum()
        loss.backward()
        optimizer.step()
        return loss

    plan = capture(step)
    for _ in range(4):
        plan(np.ones(1))
    optimizer.param_groups[0]["dampening"] = 0.5

    with pytest.raises(
        RuntimeError, match=r"made with dampening=0, not 0.5; only lr, momentum and betas may change"
    ):
        plan(np.ones(1))


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


def test_an_input_that_needs_a_gradient_is_refused():
    plan = capture(lambda x: x * 2)

    with pytest.raises(
        ValueError, match=r"inputs without a gradient, got a tensor of shape .* use a parameter"
    ):
        plan(tensor([1.0], requires_grad=True))


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


def test_a_list_as_input_of_a_step_on_tensors_is_refused():
    plan = capture(lambda x: tensor(x) * 2)

    with pytest.raises(
        TypeError, match=r"returns the loss as a Value.*got Tensor.*for a step on Tensors, hand over arrays"
    ):
        plan([1.0])


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
        plus, minus = plan(np.ones(1))

    assert np.signbit(minus.raw) == [True]
    assert np.signbit(plus.raw) == [False]


def test_a_number_of_another_type_gets_a_program_of_its_own():
    plan = capture(lambda x, n: x * n)
    whole = np.array([1, 2])

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
        whole, part = plan(np.array([i, 1.0]))
        expected = step(tensor([float(i), 1.0]))
        assert [whole.tolist(), part.tolist()] == [x.tolist() for x in expected]
    assert plan.ready


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


def test_arrays_of_unknown_origin_are_not_written():
    w = tensor([0.0, 0.0])

    with pytest.raises(RuntimeError, match=r"cannot know where the array used at .*:\d+ comes from"):
        capture(lambda _x: w.copy_(np.ones(2)))(np.ones(2))


def test_numbers_of_unknown_origin_are_not_assigned():
    w = tensor([0.0, 0.0])

    with pytest.raises(
        RuntimeError,
        match=r"capture cannot know where the numbers written at .*:\d+ come from; write x\[...\] = y as where\(...\)",
    ):
        capture(lambda _x: w.assign(np.ones(2)))(np.ones(2))


@pytest.mark.parametrize(
    "draw",
    [
        lambda rng: tensor([rng.random()]),
        lambda rng: full((2,), rng.random()),
        lambda rng: ones(3000)[rng.permutation(3000)],
    ],
    ids=["list", "full", "index"],
)
def test_numbers_drawn_behind_the_back_are_noticed(draw):
    rng = np.random.default_rng(0)
    plan = capture(lambda x: x.sum() * draw(rng))

    plan(np.ones(2))

    with pytest.raises(RuntimeError, match=r"numbers drawn from rng, .* draw with rand\(n, generator=...\)"):
        plan(np.ones(2))


def test_manual_seed_in_the_step_is_refused():
    def step(x):
        manual_seed(0)
        return x * rand(2)

    with pytest.raises(RuntimeError, match=r"cannot follow manual_seed in the step.*; call it before"):
        capture(step)(np.ones(2))


def test_a_mask_that_decides_how_many_numbers_there_are_is_refused():
    plan = capture(lambda x: x[x > 0].mean())

    with pytest.raises(
        RuntimeError, match=r"cannot follow x\[mask\] at .*:\d+: how many .* where\(mask, x, 0\)"
    ):
        plan(np.ones(2))


def test_a_mask_that_outlives_the_step_is_followed():
    mask = tensor([True, False, True])
    plan = capture(lambda x: x[mask].sum())

    assert [plan(np.arange(3.0)).item() for _ in range(4)] == [2] * 4


def test_an_input_that_is_overwritten_is_refused():
    plan = capture(lambda x: x.mul_(2))

    with pytest.raises(
        RuntimeError, match=r"cannot overwrite, at .*:\d+, an input: the step is given copies"
    ):
        plan(tensor([1.0]))


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

    if w.grad is None:
        step(np.ones(1))
        assert w.grad.tolist() == [1]
    else:
        with pytest.raises(RuntimeError, match="gradients that start anew"):
            step(np.ones(1))


def test_results_that_take_turns_are_refused():
    turn = iter(range(100))
    plan = capture(lambda x: (x * 2, x * 3)[next(turn) % 2])

    for _ in range(4):
        plan(np.ones(2))

    with pytest.raises(
        RuntimeError, match=r"what it returns, or leaves in gradients .* is another in every run"
    ):
        plan(np.ones(2))


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

    assert [number(i) for i in range(4)] == [0, 1, 2, 3]
    with pytest.raises(RuntimeError, match="does the same every time"):
        number(4)


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


def test_settings_and_memory_are_compared_in_every_replay():
    net = nn.Linear(2, 1)
    optimizer = SGD(net.parameters(), lr=0.1, momentum=0.5)

    @capture
    def step(x):
        optimizer.zero_grad()
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    x = np.ones((3, 2))
    while not step.ready:
        step(x)
    optimizer.param_groups[0]["momentum"] = float("0.5")  # equal, but another object
    step(x)
    optimizer.param_groups[0]["momentum"] = 0
    with pytest.raises(
        RuntimeError, match=r"made for another momentum than 0, which makes the step another one"
    ):
        step(x)
    optimizer.param_groups[0]["momentum"] = 0.5
    step(x)
    net.weight.raw = net.weight.raw.copy()
    with pytest.raises(RuntimeError, match=r"needs the memory it was made for"):
        step(x)


def test_gradients_that_are_zeroed_in_place_are_refused():
    net = nn.Linear(2, 1)
    optimizer = SGD(net.parameters(), lr=0.1)

    @capture
    def step(x):
        optimizer.zero_grad(set_to_none=False)
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    step(np.ones((3, 2)))
    with pytest.raises(
        RuntimeError, match=r"gradient overwritten at test_plan_surprises.py:\d+.*use zero_grad\(\)"
    ):
        step(np.ones((3, 2)))


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


def test_a_generator_made_in_the_step_is_another_one_every_time():
    plan = capture(lambda x: x + rand(2, generator=np.random.default_rng(0)))
    for _ in range(4):
        plan(np.ones(2))

    with pytest.raises(RuntimeError, match="is another one in every run"):
        plan(np.ones(2))
