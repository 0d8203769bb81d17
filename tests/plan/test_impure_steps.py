"""Steps that do more than operations: followed, a plan does in every call all that the step does."""

from __future__ import annotations

import random
import types
import warnings

import numpy as np
import pytest

from tests.plan.as_written import assert_as_written, history
from tinygrad_edu import Tensor, full, manual_seed, nn, no_grad, ones, rand, tensor, zeros
from tinygrad_edu.optim import SGD, lr_scheduler
from tinygrad_edu.plan import capture

CALLS = 20
ONE = tensor([1.0, 2.0])


def reading(read):
    """Makes a step that reads numbers, and decides by them."""
    return lambda: lambda x: x * 2 if read(x * 1) is not None else x


READS = {
    "item": lambda x: x.sum().item(),
    "float": lambda x: float(x.sum()),
    "numpy": lambda x: x.detach().numpy(),
    "tolist": Tensor.tolist,
    "if": lambda x: 1 if x.sum() > 4 else None,
    "allclose": lambda x: 1 if x.allclose(tensor([1.0, 2.0])) else None,
    "asarray": np.asarray,
    "isclose": lambda x: np.isclose(x, 1),
    "unique": np.unique,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_numbers_may_be_read_and_decide(read):
    calls = [(tensor([float(i % 3), 2.0]),) for i in range(9)]

    assert_as_written(reading(read), calls)


def array_from_outside():
    outside = np.ones(2)

    def step(x):
        outside[:] += 1
        return x * outside

    return step, lambda: outside


def tensor_overwritten_by_an_array():
    w, numbers = zeros(2), np.ones(2)

    def step(x):
        numbers[0] += 1
        w.copy_(numbers)
        return w * x

    return step, lambda: w


def numbers_assigned():
    w = zeros(2)
    return lambda x: w.assign(x.numpy() + 1), lambda: w


def gradients_add_up():
    w = tensor([1.0, 2.0], requires_grad=True)

    def step(x):
        loss = (w * x).sum()
        loss.backward()
        return loss

    return step, lambda: w.grad


def zeroed_in_place():
    manual_seed(0)
    net = nn.Linear(2, 1)
    optimizer = SGD(net.parameters(), lr=0.1)

    def step(x):
        optimizer.zero_grad(set_to_none=False)
        loss = net(x).sum()
        loss.backward()
        optimizer.step()
        return loss

    return step, lambda: [[p, p.grad] for p in net.parameters()]


def iterator():
    counter = iter(range(100))
    return lambda x: x * next(counter)


def taking_turns():
    turn = iter(range(100))
    return lambda x: (x * 2, x * 3)[next(turn) % 2]


def counter():
    count = 0

    def step(x):
        nonlocal count
        count += 1
        return x * count

    return step, lambda: count


def other_box():
    box = [tensor([0.0])]

    def step(x):
        box[0] = tensor([box[0].shape[0] + 1.0])
        return x * box[0]

    return step, lambda: box


def seeded():
    def step(x):
        manual_seed(0)
        return x * rand(2)

    return step


def generator_made_in_the_step():
    return lambda x: x + rand(2, generator=np.random.default_rng(0))


def drawn(draw):
    def make():
        rng = np.random.default_rng(0)
        return lambda x: x.sum() * draw(rng)

    return make


def overwriting_its_input():
    return lambda x: x.mul_(2)


def masked():
    return lambda x: x[x > 1].sum()


def result_put_in_the_place_of_another():
    total = tensor([0.0, 0.0])

    def step(x):
        nonlocal total
        total = total + x
        return total

    return step, lambda: total


def kept_in_a_list():
    kept = []

    def step(x):
        kept.append(x * 2)
        return x

    return step, lambda: kept


def kept_in_a_dict():
    kept = {}

    def step(x):
        kept["x"] = x * 2
        return x

    return step, lambda: kept


def kept_in_an_attribute():
    trainer = types.SimpleNamespace(last=None, steps=0)

    def step(x):
        trainer.last = x * 2
        trainer.steps += 1
        return x

    return step, lambda: vars(trainer)


def kept_in_a_module():
    class Kept(nn.Module):
        def forward(self, x):
            self.seen = x * 2
            return self.seen

    net = Kept()
    return lambda x: -net(x), lambda: net.seen


def kept_shape():
    seen = []

    def step(x):
        y = x * 2
        seen.append((y.shape, y.dtype, y.ndim, len(y)))
        return y

    return step, lambda: seen


def prepared():
    made = {}

    def step(x):
        if "scale" not in made:
            made["scale"] = tensor([2.0, 2.0])
        return x * made["scale"]

    return step, lambda: made


def counted_down():
    trainer = types.SimpleNamespace(steps=3)

    def step(x):
        trainer.steps = max(trainer.steps - 1, 0)
        return x * 2

    return step, lambda: trainer.steps


def chosen_by(draw):
    return lambda: lambda x: x * 2 if draw() < 0.5 else x * 3


def decaying(first):
    def make():
        manual_seed(0)
        net = nn.Linear(2, 1)
        optimizer = SGD(net.parameters(), lr=0.1)

        def decay():
            optimizer.param_groups[0]["lr"] *= 0.9

        def step(x):
            if first:
                decay()
            net.zero_grad()
            net(x).sum().backward()
            optimizer.step()
            if not first:
                decay()

        return step, lambda: [*net.parameters(), optimizer.param_groups[0]["lr"]]

    return make


def scheduled(scheduler_of):
    def make():
        manual_seed(0)
        net = nn.Linear(2, 1)
        optimizer = SGD(net.parameters(), lr=0.1)
        scheduler = scheduler_of(optimizer)

        def step(x):
            optimizer.zero_grad()
            net(x).sum().backward()
            optimizer.step()
            scheduler.step()

        return step, lambda: [*net.parameters(), optimizer.param_groups[0]["lr"]]

    return make


STEPS = {
    f.__name__: f
    for f in (
        *(array_from_outside, tensor_overwritten_by_an_array, numbers_assigned, gradients_add_up),
        *(zeroed_in_place, iterator, taking_turns, counter, other_box, generator_made_in_the_step),
        *(overwriting_its_input, result_put_in_the_place_of_another, kept_in_a_list, kept_in_a_dict),
        *(kept_in_an_attribute, kept_in_a_module, kept_shape, prepared, counted_down, seeded),
    )
} | {
    "drawn into a list": drawn(lambda rng: tensor([rng.random()])),
    "drawn into full": drawn(lambda rng: full((2,), rng.random())),
    "drawn as an index": drawn(lambda rng: ones(30)[rng.permutation(30)]),
    "random": chosen_by(random.random),
    "np.random": chosen_by(np.random.random),
    "lr changed before": decaying(first=True),
    "lr changed after": decaying(first=False),
    "StepLR": scheduled(lambda optimizer: lr_scheduler.StepLR(optimizer, 9)),
    "ChainedScheduler": scheduled(
        lambda optimizer: lr_scheduler.ChainedScheduler([lr_scheduler.MultiStepLR(optimizer, [9])])
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_followed_step_does_all_that_it_does_as_written(name):
    assert_as_written(STEPS[name], [(ONE,)] * CALLS)


@pytest.mark.parametrize("name", STEPS)
def test_a_pure_plan_of_a_step_that_is_not_pure_says_so(name):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found, _ = history(STEPS[name], [(ONE,)] * CALLS, lambda step: capture(step, pure=True))
    expected, _ = history(STEPS[name], [(ONE,)] * CALLS, lambda step: step)

    said = [str(warning.message) for warning in told if "capture(pure=True) follows" in str(warning.message)]
    assert found == expected or len(said) == 1


def test_a_mask_that_decides_how_many_numbers_there_are_is_as_written_with_a_word():
    calls = [(tensor([float(i % 3), 2.0]),) for i in range(9)]

    with pytest.warns(
        UserWarning, match=r"leaves masked.* alone, .*x\[mask\], of which nobody knows how many"
    ):
        assert_as_written(masked, calls, ready=False)


def test_a_list_may_be_an_input():
    assert_as_written(lambda: lambda x: tensor(x) * 2, [([1.0, i],) for i in range(6)])


def test_an_input_that_needs_a_gradient_gets_it():
    w = tensor([1.0, 2.0], requires_grad=True)

    @capture
    def step(x):
        x.grad = None
        (x * 2).sum().backward()

    for _ in range(5):
        step(w)

    assert step.ready
    assert w.grad.tolist() == [2, 2]


def test_a_parameter_with_other_memory_is_followed():
    def make():
        manual_seed(0)
        net = nn.Linear(2, 1)
        calls = []

        def step(x):
            calls.append(1)
            if len(calls) == 5:
                net.float()
            return net(x)

        return step

    assert_as_written(make, [(tensor([[1.0, 2.0]]).float(),)] * 10)


@pytest.mark.slow
def test_a_step_is_left_alone_with_one_warning_that_says_where():
    rng = np.random.default_rng(0)

    def step(x):
        for _ in range(int(rng.integers(1, 10_000_000)) % 97):
            x = x + 1
        return x.sum(dim=int(rng.integers(0, 1))) if rng.random() < 0.5 else x.sum() * 1

    plan = capture(step)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(200):
            plan(ONE)

    said = [str(warning.message) for warning in told]
    assert len(said) <= 1
    assert all("leaves" in text and "test_impure_steps.py:" in text for text in said)


def test_strict_raises_before_anything_has_moved():
    w = tensor([1.0, 2.0], requires_grad=True)

    def step(x):
        w.grad = None
        (w * x).sum().backward(retain_graph=False)
        with no_grad():
            w.sub_(0.1)

    plan = capture(step, strict=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plan(ONE)
        before = w.tolist()

        with pytest.raises(
            RuntimeError, match=r"capture\(strict=True\) cannot follow the step: backward\(\)"
        ):
            plan(ONE)

    assert w.tolist() == before
