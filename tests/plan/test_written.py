"""What a step leaves in attributes and variables around it: a plan leaves it, too."""

from __future__ import annotations

import pytest

from tinygrad_edu import tensor
from tinygrad_edu.plan import capture

ONE = tensor([1.0, 1.0])
latest = None


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
        self.last = (x * 2).shape
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


KEEPING = {"keep": "last", "keep_new": "new", "keep_in_place_of_its_class": "weight", "keep_shape": "last"}


@pytest.mark.parametrize("kind", [Trainer, Slotted])
@pytest.mark.parametrize("name", KEEPING)
def test_what_is_kept_for_outside_is_that_of_this_call(kind, name):
    if not hasattr(kind, name):
        pytest.skip("only an object with __dict__ does that")
    ends = []
    for wrap in (capture, lambda step: step):
        owner = kind()
        step = wrap(getattr(owner, name))
        found = []
        for i in range(6):
            step(ONE * i)
            kept = getattr(owner, KEEPING[name])
            found.append(kept.tolist() if hasattr(kept, "tolist") else kept)
        ends.append(found)

    assert ends[0] == ends[1]


def test_a_tensor_kept_globally_is_that_of_this_call():
    plan = capture(Trainer().keep_globally)

    for i in range(6):
        plan(ONE * i)
        assert latest.tolist() == [2 * i, 2 * i]


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
