"""A step on Values that a plan could not repeat runs as written, with a warning that says the line."""

from __future__ import annotations

import cProfile
import math
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_edu import Value
from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan import capture

p, q = Value(2.0, label="p"), Value(-3.0)
early = p * 2
hidden = []


@pytest.fixture(autouse=True)
def strangers():
    """New ones: what is as old as the tests the garbage collector does not list."""
    stranger = Value(4.0)
    hidden[:] = [stranger, stranger * 2]


def overwritten():
    h = p * q
    h.data = 5.0
    return h * p


def leaf_of_the_unrecorded():
    with no_grad():
        h = p * q
    return h * p


def step_with_two_backwards():
    loss = p * q
    loss.backward()
    loss.backward()
    return loss


def step_with_another_backward():
    (p * 2).backward()
    return p * q


def zeroing():
    loss = p * q
    p.zero_grad()
    return loss


def updating(v):
    loss = v * q
    v.data = v.data - 0.1
    return loss


def tried(function):
    try:
        return function()
    except Exception:
        return p


SURPRISES = {
    "comparison": (lambda: p if p > 0 else q, "a Value is compared"),
    "comparison with a Value": (lambda: max(p, q) * 1, "a Value is compared"),
    "data of one computed before": (lambda: q + hidden[1].data, r"add works with the plain number 8"),
    "branch on data": (lambda: p * q if p.data > 0 else p + q, r"gt\(\) of a number decides"),
    "rounded data": (lambda: p * round(q.data), r"round\(\) of a number decides"),
    "function of data": (lambda: q * math.gamma(p.data), r"gamma\(\) of a number decides"),
    "math decides": (lambda: q if math.isnan(p.data) else p * q, r"bool\(\) of a number decides"),
    "square root decides": (lambda: q if math.sqrt(p.data**2) > 9 else p * q, r"gt\(\) of a number decides"),
    "NumPy decides": (lambda: q if np.sign(p.data) > 0 else p * q, r"sign\(\) of a number decides"),
    "float decides": (lambda: q if float(p) > 9 else p * q, r"gt\(\) of a number decides"),
    "decision in a try": (lambda: tried(lambda: p * (p.data > 0)), r"gt\(\) of a number decides"),
    "print": (lambda: print(end="") or p * q, r"it calls print\(\)"),
    "file": (lambda: open(__file__).close() or p * q, r"it calls open\(\)"),  # noqa: PTH123
    "computed outside": (lambda: early * p, "it uses a Value that was computed before the step"),
}
# What once was left alone: numbers that are read are inputs of the program, and those that are set its results.
FOLLOWED = {
    "float": lambda: q * float(p),
    "signbit": lambda: q * OPERATIONS["signbit"](p),
    "greater": lambda: q * OPERATIONS["greater"](p, 0),
    "data": lambda: q * (p * 3).data,
    "data of a parameter": lambda: p + Value(p.data),
    "data of a stranger": lambda: q + Value(hidden[0].data),
    "gradient of a stranger": lambda: q + hidden[0].grad,
    "gradient": lambda: p + p.grad,
    "overwritten data": overwritten,
    "no_grad inside": leaf_of_the_unrecorded,
    "largest data": lambda: p * max(p.data, q.data, 1.0),
    "smallest data": lambda: p * min([p.data, q.data]) + (p * q).data,
    "two backwards": step_with_two_backwards,
    "another backward": step_with_another_backward,
    "zeroing": zeroing,
    "updating": lambda: updating(hidden[0]),
}


def assert_left_alone(step, message):
    """The second call says why, and all calls run as written; a strict plan refuses, and changes nothing."""
    plan, strict = capture(step), capture(step, strict=True)

    plan()
    with pytest.warns(UserWarning, match=f"runs as written from now on: .*{message}"):
        plan()
    assert not plan.ready
    strict()
    for value in (p, q):
        value.grad = 0.0
    with pytest.raises((RuntimeError, TypeError), match=message):
        strict()
    assert (p.data, p.grad, q.data, q.grad) == (2.0, 0.0, -3.0, 0.0)
    assert sys.getprofile() is None
    return plan


@pytest.mark.parametrize("name", SURPRISES)
def test_what_cannot_be_repeated_is_left_alone_with_the_line(name):
    step, message = SURPRISES[name]

    assert_left_alone(step, rf"{message}.* at test_value_surprises.py:\d+; ")


@pytest.mark.parametrize("name", SURPRISES)
def test_what_is_left_alone_gives_what_the_step_gives(name):
    step, _ = SURPRISES[name]
    plan = capture(step)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [plan().data for _ in range(5)]

    assert found == [step().data] * 5


@pytest.mark.parametrize("name", FOLLOWED)
def test_what_reads_and_sets_numbers_is_replayed(name):
    step, found = FOLLOWED[name], []
    for plan in (step, capture(step, strict=True, check="never")):
        hidden[0].data, p.grad, q.grad = 4.0, 0.5, 0.0
        found.append([])
        for i in range(4):
            p.data, q.data = 2.0 - i, -3.0 + 2 * i
            loss = plan()
            found[-1] += [loss.data, p.grad, q.grad, hidden[0].data, hidden[0].grad]
    p.data, p.grad, q.data, q.grad = 2.0, 0.0, -3.0, 0.0

    assert found[1] == pytest.approx(found[0], rel=1e-14)
    assert plan.ready


def test_the_gradients_are_those_of_the_step_also_when_it_fails():
    def step():
        (p * q).backward()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        capture(step)()

    assert (p.grad, q.grad) == (-3.0, 2.0)
    p.grad = q.grad = 0.0


def test_a_step_on_values_is_not_written_for_jax_and_has_no_source_before_it_is_ready():
    plan = capture(lambda: p * q)
    plan()

    with pytest.raises(
        RuntimeError, match=r"source\('jax'\) are for steps on Tensors, .* once the plan is ready"
    ):
        plan.source()
    plan()
    with pytest.raises(RuntimeError, match=r"source\('jax'\) are for steps on Tensors"):
        plan.source("jax")


def test_a_counter_around_the_step_goes_on_counting():
    count = 0

    def step():
        nonlocal count
        count += 1
        return p * count

    plan = capture(step, check="never")

    assert [plan().data for _ in range(4)] == [2, 4, 6, 8]
    assert (count, type(count), plan.ready) == (4, int, True)


def test_a_list_that_grows_is_left_alone_and_grows_once_a_call():
    losses = []

    def step():
        loss = p * q
        losses.append(loss.data)
        return loss

    plan = capture(step)
    plan()
    with pytest.warns(UserWarning, match="leaves alone what it reads, but it changes a list of numbers"):
        plan()
    plan()

    assert losses == [-6.0] * 3


def growing_dict(kept):
    kept[f"loss {len(kept)}"] = p.data


def growing_list(kept):
    kept["list"].append(object())


def shrinking_list(kept):
    kept["list"].pop()


def shrinking_dict(kept):
    kept.pop(next(key for key in kept if key != "list"))


def sorting(kept):
    kept["list"].reverse()


def clearing_numbers(kept):
    if kept["numbers"]:
        kept["numbers"].pop()


CHANGES = [growing_dict, growing_list, shrinking_list, shrinking_dict, sorting, clearing_numbers]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_container_that_changes_does_so_once_a_call(change):
    def kept_by(wrap):
        kept = {"list": list("abcdef"), "numbers": [1.0, 2.0], **{str(i): i for i in range(7)}}

        def step():
            change(kept)
            return p * q

        run = wrap(step)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            losses = [run().data for _ in range(5)]
        kept["list"] = [x if isinstance(x, str) else "object" for x in kept["list"]]
        return kept, losses, len(said)

    *expected, _ = kept_by(lambda step: step)
    *found, warned = kept_by(capture)

    assert found == expected
    assert warned == 1


def test_a_step_that_raises_when_numbers_are_other_is_left_alone():
    def step():
        if f"{p.data}"[0] == "-":
            raise KeyError("negative")
        return p * q

    assert_left_alone(step, "run again with other numbers it raised KeyError")


def test_the_errors_of_a_step_are_its_own():
    with pytest.raises(ZeroDivisionError):
        capture(lambda: p * (1 / 0))()

    assert sys.getprofile() is None


@pytest.mark.parametrize("result", [None, 3.0, (), [3.0], "loss"], ids=repr)
def test_a_step_that_returns_no_values_runs_as_written(result):
    plan = capture(lambda: (p * q) and result)

    assert [plan() for _ in range(4)] == [result] * 4
    assert not plan.ready


def test_nothing_is_recorded_under_no_grad():
    plan = capture(lambda: p * q)

    with no_grad():
        assert [plan().data for _ in range(3)] == [-6.0] * 3

    assert not plan.ready


def test_a_parameter_that_was_replaced_by_name_is_followed():
    model = SimpleNamespace(w=Value(2.0, label="w"), b=Value(0.5))
    plan = capture(lambda x: model.w * x + model.b)
    plan(1.0)

    model.b = Value(0.75)
    plan(1.0).backward()

    assert (plan(2.0).data, model.b.grad) == (4.75, 1.0)


def test_a_parameter_that_was_replaced_in_a_list_is_followed():
    weights = [Value(2.0, label="w"), Value(0.5)]
    plan = capture(lambda x: weights[0] * x + weights[1])
    for _ in range(3):
        plan(1.0)

    weights[1] = Value(0.75)
    plan(1.0).backward()

    assert (plan(2.0).data, weights[1].grad) == (4.75, 1.0)
    assert plan.ready


def test_a_plan_keeps_alive_what_only_its_step_knows():
    def made():
        w = Value(2.0)
        return capture(lambda x: w * x)

    assert made()(4.0).data == 8.0


def test_printing_inside_a_step_is_no_decision(capsys):
    def step():
        h = p * q
        print(h, f"{h:.1f}")
        return h

    capture(step)()

    assert "-6.0" in capsys.readouterr().out


def test_a_running_profiler_goes_on():
    profiler = cProfile.Profile()
    profiler.enable()
    running = sys.getprofile()  # the profiler itself; from Python 3.12 on it runs elsewhere, and this is None
    try:
        capture(lambda: p * q)()
        assert sys.getprofile() is running
    finally:
        profiler.disable()


def test_a_dead_branch_costs_nothing():
    def step():
        for _ in range(100):
            p.exp()
        return p * q

    plan = capture(step)
    plan()
    plan()

    assert repr(plan) == "<plan of step: 10 numbers in 3 calls>"
