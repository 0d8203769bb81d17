"""The graph in memory: freed as soon as the loss is, and few bytes a node. What watchers are told of it."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.tensor.tensor import Tensor, tensor


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


# Release and size.


def test_dropping_the_loss_frees_the_graph_at_once_without_the_garbage_collector():
    x = leaf([1.0, 2.0])
    h = (x * 2).exp()
    seen = [weakref.ref(h), weakref.ref(h.sum())]
    loss = (h.reshape(2, 1) @ h.reshape(1, 2)).softmax(1)[0].mean()
    seen.append(weakref.ref(loss))
    loss.backward()
    gc.collect()

    gc.disable()
    try:
        del h, loss
        alive = [ref() is not None for ref in seen]
    finally:
        gc.enable()

    assert alive == [False, False, False]


@pytest.mark.filterwarnings("ignore:.*create_graph=True.* leaves gradients")
def test_a_graph_of_gradients_is_freed_at_once_too():
    x = leaf([1.0, 2.0])
    loss = (x**3).sum()
    loss.backward(create_graph=True)
    second = (x.grad * x.grad).sum()
    second.backward()
    seen = [weakref.ref(loss), weakref.ref(second)]
    gc.collect()

    gc.disable()
    try:
        del loss, second
        x.grad = None
        alive = [ref() is not None for ref in seen]
    finally:
        gc.enable()

    assert alive == [False, False]


def test_an_error_during_backward_leaves_no_cycle():
    x = leaf([1.0])
    h = x * 2
    y = (h * h).sum()
    h.detach().mul_(2)
    seen = weakref.ref(y)

    gc.disable()
    try:
        with pytest.raises(RuntimeError, match="overwritten"):
            y.backward()
        del y
    finally:
        gc.enable()
    gc.collect()

    assert seen() is None


@pytest.mark.slow
def test_a_node_takes_less_than_600_bytes_whatever_attributes_others_were_given():
    count = 10_000
    y = leaf(0.0)
    for i in range(40):
        setattr(y, f"of_a_user_{i}", i)
    y = y + 1.0

    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            y = y + 1.0
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert used / count < 600


# Results.


def test_what_is_computed_from_a_kind_of_tensor_is_a_plain_tensor():
    class Weight(Tensor):
        pass

    assert type(Weight([1.0]) * 2) is Tensor


# Watchers.


def test_a_watcher_sees_every_operation_of_forward_and_backward():
    x, w = tensor([[1.0, 2.0]]), leaf([[0.5], [0.25]])
    seen = []

    with grad_mode.watch(lambda operation, inputs, settings, result: seen.append(operation.name)):
        loss = (x @ w).sigmoid().sum()
        forward = len(seen)
        loss.backward()

    assert seen[:forward] == ["matmul", "sigmoid", "sum"]
    assert {"expand", "multiply", "subtract", "permute", "matmul"} <= set(seen[forward:])


def test_what_a_watcher_saw_can_be_computed_again_from_its_notes():
    x, w = tensor([[1.0, 2.0]]), leaf([[0.5], [0.25]])
    notes = []

    with grad_mode.watch(lambda *note: notes.append(note)):
        ((x @ w).tanh() * 3).sum().backward()

    for operation, inputs, options, result in notes:
        raws = [i.raw if isinstance(i, Tensor) else i for i in inputs]
        np.testing.assert_array_equal(operation.forward(*raws, **options), result.raw)


def test_a_watcher_sees_overwriting():
    w = tensor([1.0])
    seen = []

    with grad_mode.watch(
        lambda operation, inputs, settings, result: seen.append((operation.name, result is w))
    ):
        w.add_(2)

    assert seen == [("add", False), ("assign", True)]


def test_gradients_while_watched_have_no_graph():
    w = leaf(2.0)

    with grad_mode.watch(lambda *note: None):
        (w * w).backward()

    assert not w.grad.requires_grad
