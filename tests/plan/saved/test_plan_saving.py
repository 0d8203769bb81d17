"""What cannot be saved is refused before anything is written."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
import pytest

import tinygrad_edu as torch
from tests.plan.conftest import bits
from tests.plan.saved.saved_steps import CLASSES, X, classes, ready
from tinygrad_edu import Value, capture, load_plan, nn, tensor
from tinygrad_edu.engine.operation import operation


@pytest.fixture
def file(tmp_path):
    return tmp_path / "step.npz"


class Pair(namedtuple("Pair", "a b")):
    pass


def own_operation():
    @operation(lambda g, _y, _x: 2 * g)
    def twice(x):
        return 2 * x

    return lambda x: twice(x).sum()


def reading():
    def step(x):
        y = x.sum()
        return x * 2 if y.item() > -1e9 else x

    return step


def changing():
    batches = iter(X)
    return lambda x: x + tensor(next(batches))


def numbers_beside():
    return lambda x: (x.sum(), len(x))


def gradient_of_an_input():
    def step(x):
        x.requires_grad_()
        loss = (x * x).sum()
        loss.backward()
        return loss

    return step


def part_of_another():
    whole = tensor(np.zeros((2, 8, 4)))
    row = whole[0]

    def step(x):
        row.add_(x)
        return whole * 2

    return step


def own_class():
    return lambda x: Pair(x + 1, x - 1)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            own_operation,
            "operations of the library, but twice, at test_plan_saving.py:.*, is one of your own; write it",
        ),
        (reading, "this one reads numbers of its results, to print or to decide; return them instead"),
        (changing, "its Python makes other numbers or arrays in every call; hand them in as inputs"),
        (numbers_beside, "this one returns 8, too, which no operation of it makes; leave it out"),
        (gradient_of_an_input, "the step leaves that of an input, or of a Tensor that it makes"),
        (part_of_another, "is a part of .*, which the step overwrites; clone"),
        (own_class, "what it returns has Pair .*, which would need the code of its class"),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_what_is_no_program_is_refused_before_anything_is_written(case, message, file):
    plan = capture(case())
    file.write_bytes(b"old")
    for _ in range(4):
        plan(tensor(X[0]))

    with pytest.raises((RuntimeError, TypeError), match=rf"save needs .*{message}"):
        plan.save(file)
    assert file.read_bytes() == b"old"


def test_a_warning_says_if_the_last_call_was_one_of_several_kinds(file):
    calls = []

    @capture
    def step(x):
        calls.append(1)
        return x.exp() if len(calls) % 3 else x.sin()

    for _ in range(10):
        step(tensor(X[0]))

    with pytest.warns(
        UserWarning, match="save writes what the last call did, which is one of 2 ways that calls with"
    ):
        step.save(file)
    assert bits(load_plan(file)(X[0]).numpy()) == bits(np.exp(X[0]))


def test_other_batch_sizes_are_other_programs(file):
    plan, _, batches = ready(classes)
    for rows in (3, 3, 3, 8):
        plan(*(part[:rows] for part in batches[0]))

    plan.save(file)

    loaded = load_plan(file)
    with pytest.raises(
        ValueError, match=r"step was saved with x of shape \(8, 4\) and float64, got shape \(3, 4\)"
    ):
        loaded(X[0, :3], CLASSES[0, :3])
    with pytest.raises(
        ValueError, match=r"with x of shape \(8, 4\) and float64, got shape \(8, 4\) and float32"
    ):
        loaded(X[0].astype(np.float32), CLASSES[0])
    with pytest.raises(TypeError, match=r"step needs y as an array or Tensor, got int 3"):
        loaded(X[0], 3)
    with pytest.raises(ValueError, match="class numbers from 0 to 2, got 5"):
        loaded(X[0], np.full(8, 5))


def test_a_program_that_made_up_numbers_stop_is_refused(file):
    plan = capture(torch.linalg.cholesky)
    for _ in range(4):
        plan(tensor(np.eye(3)))

    with pytest.raises(
        RuntimeError, match=r"tries it on made-up ones, but its call 1, of cholesky, cannot be made: "
    ):
        plan.save(file)


def test_a_plan_without_a_program_is_refused(file):
    with pytest.raises(
        RuntimeError, match=r"no program yet; call it with the same kind of inputs until plan.ready"
    ):
        capture(lambda x: x).save(file)


def test_a_step_on_values_is_refused(file):
    w = Value(2.0)
    plan = capture(lambda x: w * x)
    for _ in range(4):
        plan(3.0)

    with pytest.raises(
        RuntimeError, match=r"save is for steps on Tensors, but this one is on Values; save their data"
    ):
        plan.save(file)


def test_a_plan_on_jax_is_refused(file):
    pytest.importorskip("jax")

    with pytest.raises(RuntimeError, match=r"this plan runs on JAX; capture the step without engine"):
        capture(lambda x: x, engine="jax").save(file)


def test_an_object_as_an_input_is_refused(file):
    net = nn.Linear(4, 3)
    plan = capture(lambda model, x: model(x))
    for _ in range(4):
        plan(net, tensor(X[0]))

    with pytest.raises(
        TypeError, match=r"plain values, but model is Linear .*; let the step find it by name"
    ):
        plan.save(file)
