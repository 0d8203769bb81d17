"""What a step leaves in attributes and variables around it: replays leave it too, or it is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, nn, tensor
from tinygrad_edu.plan import capture

ONE = np.ones(2)
latest = None


def thrice(plan):
    for _ in range(3):
        plan(ONE)


class Trainer:
    steps = 0
    last = None
    weight = tensor([1.0, 1.0])

    def count(self, x):
        self.steps += 1
        return x * 2

    def count_down(self, x):
        self.steps = max(self.steps - 1, 0)
        return x * 2

    def keep(self, x):
        self.last = x * 2
        return self.last

    def keep_new(self, x):
        self.new = x * 2
        return x

    def keep_in_place_of_its_class(self, x):
        self.weight = x * 2
        return x

    def keep_shape(self, x):
        self.last = x.shape
        return x

    def prepare(self, x):
        if not hasattr(self, "made"):
            self.made = tensor([3.0, 3.0])
        return x * 2

    def mark(self, x):
        self.done = True
        return x * 2

    def keep_globally(self, x):
        global latest
        latest = x * 2
        return x


class Slotted:
    __slots__ = ("last",)

    def keep(self, x):
        self.last = x * 2
        return x


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (Trainer().keep, r"step\.last"),
        (Trainer().keep_new, r"step\.new"),
        (Trainer().keep_in_place_of_its_class, r"step\.weight"),
        (Slotted().keep, r"step\.last"),
        (Trainer().keep_globally, "latest"),
    ],
)
def test_a_tensor_kept_for_outside_is_refused(step, name):
    plan = capture(step)

    with pytest.raises(RuntimeError, match=f"puts another Tensor in the place of {name}; return it"):
        thrice(plan)


def test_a_tensor_kept_in_a_closure_is_refused():
    last = None

    @capture
    def step(x):
        nonlocal last
        last = x * 2
        return x

    with pytest.raises(RuntimeError, match="puts another Tensor in the place of last; return it"):
        thrice(step)


def test_a_counter_is_never_wrong():
    trainer = Trainer()
    plan = capture(trainer.count)

    for i in range(10):
        plan(ONE)
        assert trainer.steps == i + 1


def test_a_number_counted_down_to_its_end_is_followed():
    trainer = Trainer()
    trainer.steps = 3
    plan = capture(trainer.count_down)
    found = []
    for _ in range(7):
        plan(ONE)
        found.append(trainer.steps)

    assert found == [2, 1, 0, 0, 0, 0, 0]
    assert plan.ready


def test_a_flag_that_the_step_only_sets_is_set_by_its_replays():
    trainer = Trainer()
    plan = capture(trainer.mark)
    for _ in range(6):
        trainer.done = False
        plan(ONE)
        assert trainer.done is True

    assert plan.ready


@pytest.mark.parametrize("name", ["keep_shape", "prepare", "mark"])
def test_what_stays_the_same_after_the_first_run_may_be_kept(name):
    plan = capture(getattr(Trainer(), name))
    for _ in range(4):
        plan(ONE)

    assert plan.ready


def test_gradients_and_data_may_be_written():
    w = tensor([1.0, 2.0], requires_grad=True)

    @capture
    def step(x):
        w.grad = None
        (w * x).sum().backward()
        return w

    for _ in range(4):
        step(ONE)

    assert step.ready
    assert w.grad.tolist() == [1, 1]


def test_a_module_that_keeps_what_it_has_seen_is_refused():
    class Kept(nn.Module):
        def forward(self, x):
            self.seen = x * 2
            return self.seen

    net = Kept()
    plan = capture(lambda x: -net(x))

    with pytest.raises(RuntimeError, match=r"puts another Tensor in the place of net\.seen; return it"):
        thrice(plan)


def test_a_value_kept_for_outside_is_refused():
    trainer, w = Trainer(), Value(2.0)

    def step(xs):
        trainer.last = w * xs[0]
        return trainer.last

    with pytest.raises(RuntimeError, match=r"leaves alone what it reads, but it changes trainer\.last"):
        capture(step)([1.0])
