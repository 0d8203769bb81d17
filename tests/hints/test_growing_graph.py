"""Graphs that grow from step to step, or are never freed: told, with the line that keeps them."""

from __future__ import annotations

import re
import warnings

import pytest

from tinygrad_edu import tensor
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.growing_graph import EVERY, SAMPLES
from tinygrad_edu.hints.warnings import GrowingGraphWarning

STEPS = EVERY * (SAMPLES + 2)  # enough to be noticed


def leaf(*numbers):
    return tensor(list(numbers), requires_grad=True)


def said(run):
    """What is said about growing graphs while `run` is running."""
    teaching.on()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run()
    return [str(warning.message) for warning in told if warning.category is GrowingGraphWarning]


def here(function, offset):
    return f"test_growing_graph.py:{function.__code__.co_firstlineno + offset}"


# Graphs that grow.


def update_by_a_new_tensor():
    w = leaf(1.0)
    for _ in range(3 * EVERY):
        (w * w).sum().backward()
        w = w - 0.1 * w.grad


def test_an_update_that_makes_a_new_tensor_is_told_soon():
    (text,) = said(update_by_a_new_tensor)

    assert re.match(
        rf"the graph of this loss has grown for ({EVERY}|{2 * EVERY}) steps, from \d+ to \d+ tensors: ", text
    )
    assert text.endswith(
        f": each subtract at {here(update_by_a_new_tensor, 4)} makes a new tensor that remembers the one before; "
        "write with no_grad(): w -= lr * w.grad, or use SGD([w], lr).step()"
    )


def mean_of_a_total():
    w, total = leaf(1.0), 0
    for i in range(STEPS):
        w.grad = None
        total = total + (w * w).sum()
        (total / (i + 1)).backward()


def test_a_total_that_remembers_every_step_is_told():
    (text,) = said(mean_of_a_total)

    assert text.startswith(f"the graph of this loss has grown for {EVERY * SAMPLES} steps, from ")
    assert text.endswith(
        f" tensors: the sum at {here(mean_of_a_total, 4)} remembers every step; write total += loss.item()"
    )


def carried(name=None, detach=False):
    w, h = leaf(0.5), tensor([1.0])
    for _ in range(STEPS):
        w.grad = None
        h = (h * w).tanh()
        h.name = name
        h.sum().backward()
        h = h.detach() if detach else h


@pytest.mark.parametrize(("name", "called"), [(None, "what"), ("h", "'h', which")])
def test_a_state_that_is_carried_from_step_to_step_is_told(name, called):
    (text,) = said(lambda: carried(name))

    line = here(carried, 4)
    assert text.endswith(
        f"multiply at {line} uses {called} an earlier step computed at {line}; "
        "use x.detach() of it if no gradient shall flow into earlier steps"
    )


def sums_in_two_lines():
    w, h = leaf(1.0), tensor([1.0])
    for _ in range(STEPS):
        w.grad = None
        y = h + w
        h = y + w
        h.sum().backward()


def a_sum_of_a_product():
    w, h = leaf(0.5), tensor([1.0])
    for _ in range(STEPS):
        w.grad = None
        h = (h + w) * w
        h.sum().backward()


@pytest.mark.parametrize(("run", "old"), [(sums_in_two_lines, 5), (a_sum_of_a_product, 4)])
def test_a_sum_of_what_another_operation_carried_over_is_no_total_of_losses(run, old):
    (text,) = said(run)

    assert text.endswith(
        f"add at {here(run, 4)} uses what an earlier step computed at {here(run, old)}; "
        "use x.detach() of it if no gradient shall flow into earlier steps"
    )


def test_a_detached_state_is_fine():
    assert said(lambda: carried("h", detach=True)) == []


def test_a_graph_that_has_grown_and_shrinks_again_is_fine():
    def run():
        w = leaf(1.0)
        for i in range(3 * STEPS):
            w.grad, loss = None, w
            for _ in range(1 + i // EVERY % (SAMPLES - 1)):
                loss = loss * w
            loss.backward()

    assert said(run) == []


def test_a_part_that_is_computed_once_and_used_in_every_step_is_fine():
    def run():
        w, k = leaf(0.5), leaf(2.0)
        features = (w * 3).tanh()
        for _ in range(STEPS):
            k.grad = w.grad = None
            (features * k).sum().backward()

    assert said(run) == []


def test_a_leaf_as_its_own_loss_is_fine():
    def run():
        w = tensor(1.0, requires_grad=True)
        for _ in range(STEPS):
            w.backward()

    assert said(run) == []


# Losses that are never freed.

IN_MEMORY = (
    f"the losses of the last {EVERY * (SAMPLES - 1)} steps are still in memory, each with its graph of "
)
A_SQUARE = "2 tensors (1 kB): "


def list_of_losses():
    w, losses = leaf(1.0), []
    for _ in range(STEPS):
        w.grad = None
        losses.append((w * w).sum())
        losses[-1].backward()


def test_losses_in_a_list_are_told():
    (text,) = said(list_of_losses)

    assert text == f"{IN_MEMORY}{A_SQUARE}something keeps them, perhaps a list; keep loss.item() instead"


def test_what_the_graph_of_a_large_loss_holds_is_counted():
    def run():
        w, losses = leaf([1.0] * 1_000), []
        for _ in range(STEPS):
            w.grad = None
            losses.append((w * w).sum())
            losses[-1].backward()

    (text,) = said(run)

    assert text.startswith(f"{IN_MEMORY}2 tensors (9 kB): ")


def total_of_losses():
    w, total = leaf(1.0), 0
    for _ in range(STEPS):
        w.grad = None
        loss = (w * w).sum()
        loss.backward()
        total = total + loss


def test_losses_in_a_total_are_told_with_the_line_that_adds_them():
    (text,) = said(total_of_losses)

    line = here(total_of_losses, 6)
    assert text == (
        f"{IN_MEMORY}{A_SQUARE}add at {line} uses them, and its result remembers all; write total += loss.item()"
    )


def test_losses_that_were_all_computed_before_the_first_backward_are_fine():
    def run():
        w = leaf(1.0)
        losses = [(w * w).sum() for _ in range(STEPS)]
        for loss in losses:
            loss.backward()

    assert said(run) == []


def test_losses_that_were_told_of_are_not_told_of_again_from_another_line():
    def run():
        w, losses = leaf(1.0), []
        for _ in range(STEPS):
            losses.append((w * w).sum())
            losses[-1].backward()
        for _ in range(2 * EVERY):
            losses.append((w * w).sum())
            losses[-1].backward()

    assert len(said(run)) == 1
