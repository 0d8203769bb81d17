"""How plans are called, and what comes back: methods, inputs by name, and results in structures of every type."""

from __future__ import annotations

import collections
import copy
import dataclasses
import gc
import operator
import re
import weakref

import numpy as np
import pytest

from tinygrad_edu import nn, tensor
from tinygrad_edu.plan import capture

ONES = tensor([1.0, 1.0])


class Scaled:
    def __init__(self, factor):
        self.factor = factor

    @capture
    def step(self, x):
        """Scale."""
        return x * self.factor


class Twice(Scaled):
    @capture
    def step(self, x):
        return super().step(x) * 2


def test_a_method_has_a_plan_for_every_object():
    two, three = Scaled(2.0), Scaled(3.0)

    for _ in range(4):
        assert two.step(ONES).tolist() == [2, 2]
        assert three.step(ONES).tolist() == [3, 3]

    assert two.step.ready
    assert two.step is two.step is not three.step
    assert Scaled.step.__doc__ == "Scale."
    two.factor = 5.0
    assert two.step(ONES).tolist() == [5, 5]


def test_an_overridden_method_and_its_own_are_two_plans():
    scaled = Twice(2.0)

    for _ in range(4):
        assert scaled.step(ONES).tolist() == [4, 4]

    assert scaled.step.ready


def test_an_object_with_a_plan_can_be_freed():
    scaled = Scaled(2.0)
    for _ in range(4):
        scaled.step(ONES)
    known = weakref.ref(scaled)

    del scaled
    gc.collect()

    assert known() is None


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter([1.0, 2.0])
        self.kept = capture(self.forward)

    def forward(self, x):
        return (x * self.weight).sum()

    @capture
    def step(self, x):
        return self.forward(x)


@pytest.mark.parametrize(
    ("copied", "name"), [(copy.deepcopy, "step"), (copy.copy, "step"), (copy.deepcopy, "kept")]
)
def test_the_copy_of_an_object_with_a_plan_has_its_own(copied, name):
    net = Net()
    for _ in range(4):
        getattr(net, name)(ONES)
    other = copied(net)
    other.weight = nn.Parameter([10.0, 20.0])

    for _ in range(4):
        assert getattr(other, name)(ONES).item() == 30
        assert getattr(net, name)(ONES).item() == 3

    assert getattr(other, name).ready
    assert [name for name, _ in net.named_parameters()] == ["weight"]


def test_an_object_that_cannot_keep_a_plan_is_refused():
    class Bare:
        __slots__ = ()
        step = Scaled.step

    with pytest.raises(TypeError, match='Bare has __slots__; add "__dict__"'):
        Bare().step(ONES)


def test_inputs_may_be_given_by_name():
    plan = capture(lambda x, y=2.0, z=1.0: x * y + z)

    for _ in range(4):
        assert (
            plan(ONES, 3.0).tolist() == plan(x=ONES, y=3.0).tolist() == plan(y=3.0, x=ONES).tolist() == [4, 4]
        )
        assert plan(ONES, z=5.0).tolist() == plan(ONES, 2.0, 5.0).tolist() == [7, 7]
        assert plan(x=ONES).tolist() == plan(ONES).tolist() == [3, 3]

    assert plan.ready


def test_inputs_by_name_for_a_step_with_any_number_of_them():
    plan = capture(lambda x, *others: sum(others, x))

    assert [plan(x=ONES).tolist() for _ in range(4)] == [[1, 1]] * 4


MISFITS = {
    "unknown": (lambda x: x, {"y": ONES}),
    "twice": (lambda x: x, {"x": ONES}),
    "no names": (operator.itemgetter(0), {"x": ONES}),
}


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("name", MISFITS)
def test_names_that_do_not_fit_are_refused_as_by_the_step(name, pure):
    step, named = MISFITS[name]
    plan = capture(step, pure=pure)
    with pytest.raises(TypeError) as refusal:
        step(ONES, **named)

    with pytest.raises(TypeError, match=f"^{re.escape(str(refusal.value))}$"):
        plan(ONES, **named)


BY_NAME = {"by name only": lambda x, *, y: x * y, "any": lambda x, **others: x * others["y"]}


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("name", BY_NAME)
def test_inputs_may_be_taken_by_name_only(name, pure):
    plan = capture(BY_NAME[name], pure=pure)

    found = [plan(ONES, y=tensor(float(i))).tolist() for i in range(6)]

    assert found == [[i, i] for i in range(6)]
    assert plan.ready


Pair = collections.namedtuple("Pair", "a b")


class Checked(Pair):
    def __new__(cls, a, b, c):
        return super().__new__(cls, a, b + c)


@dataclasses.dataclass
class Batch:
    """A batch as users write it."""

    x: object
    y: object
    weight: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenBatch:
    """One that nobody can change, without a dict."""

    x: object
    y: object
    weight: float = 1.0


def filled(kind):
    return lambda x: kind([("a", x), ("b", [x * 2])])


RESULTS = {
    "OrderedDict": filled(collections.OrderedDict),
    "defaultdict": filled(lambda pairs: collections.defaultdict(list, pairs)),
    "dict": filled(dict),
    "namedtuple": lambda x: Pair(x * 1, [x * 2]),
    "a namedtuple with a constructor": lambda x: Checked(x * 1, x, x),
    "dataclass": lambda x: Batch(x * 1, [x * 2], 3.0),
    "frozen dataclass": lambda x: FrozenBatch(x * 1, {"a": x * 2}),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_the_step_returns_keeps_its_type(name):
    plan, step = capture(RESULTS[name]), RESULTS[name]

    for i in range(5):
        found, expected = plan(ONES * i), step(ONES * i)
        assert type(found) is type(expected)
        assert repr(found) == repr(expected)

    assert plan.ready
    assert getattr(found, "default_factory", None) is getattr(expected, "default_factory", None)


@pytest.mark.parametrize("options", [{}, {"pure": True}], ids=["followed", "pure"])
@pytest.mark.parametrize("kind", [Batch, FrozenBatch])
def test_dataclasses_of_arrays_are_inputs(kind, options):
    w = tensor([1.0, 2.0, 3.0])

    def step(batch):
        return ((w * tensor(batch.x) - batch.y) ** 2).sum() * batch.weight

    plan = capture(step, strict=True, **options)
    rng = np.random.default_rng(0)

    for _ in range(8):
        batch = kind(rng.normal(size=3), tensor(rng.normal(size=3)))
        assert plan(batch).item() == step(batch).item()

    assert plan.ready


def test_a_dataclass_of_another_class_is_another_kind_of_input():
    def step(batch):
        return batch.x + batch.x if isinstance(batch, Batch) else batch.x * batch.x

    plan = capture(step, pure=True, check="never")

    found = [plan(kind(ONES, ONES)).tolist() for kind in (Batch, FrozenBatch) * 4]

    assert found == [[2.0, 2.0], [1.0, 1.0]] * 4
