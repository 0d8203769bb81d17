"""Recording a step: it is run twice, with different numbers everywhere, and must compute the same way both times."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.values.levels import Items
from tinygrad_edu.plan.values.memory_layout import Layout
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.plan.values.tape import Run, common_tape
from tinygrad_edu.plan.values.value_inputs import Inputs
from tinygrad_edu.plan.values.value_replay import Replay
from tinygrad_edu.plan.values.watching import Watch
from tinygrad_edu.scalar import Value


@contextmanager
def _without_garbage_collection() -> Generator[None]:
    """Two graphs are built and none of it is garbage, so looking for some would take longer than all the rest."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_garbage_collection()
def recorded(step: Callable[..., Any], inputs: Inputs, make: Callable[..., Replay] = Replay) -> Replay:
    """What the step computes, found by running it twice, and made ready; data and gradients are left as they were.

    In the second run every Value there is has other data, so no other thread should work with Values meanwhile.
    Raises `RuntimeError`, naming the line, for a step whose way depends on its numbers or that changes parameters;
    `TypeError` for results of another kind.
    """
    if not current().recording:
        raise RuntimeError("capture needs to record, but no_grad() is on; call the plan outside of it first")
    outside = [x for x in gc.get_objects() if type(x) is Value]  # also those of which only the data is read
    with _put_back_if_refused(outside):
        return _recorded(step, inputs, make, outside)


@contextmanager
def _put_back_if_refused(values: list[Value]) -> Generator[None]:
    """Data and gradients as before a recording that was refused: the step runs as written then."""
    before = [(x.data, x.grad) for x in values]
    try:
        yield
    except (RuntimeError, TypeError, ValueError):
        for x, (data, grad) in zip(values, before):
            x.data, x.grad = data, grad
        raise


def _recorded(
    step: Callable[..., Any], inputs: Inputs, make: Callable[..., Replay], outside: list[Value]
) -> Replay:
    with Watch() as watch:
        returned = step(*inputs.numbers())
    first = Run(_results(returned), inputs.known)
    first.check_untouched(watch.places)
    _check_backward(watch, first.results[0])
    with _other_numbers(dict.fromkeys([*outside, *first.leaves, *watch.leaves(), *inputs.elements])):
        second = Run(_results(_run_again(step, inputs)), inputs.known)
        tape = common_tape(first, second, watch.places)
    items = Items(tape, inputs.elements)
    kind = None if isinstance(returned, Value) else list if isinstance(returned, list) else tuple
    return make(items, Layout(items, len(inputs.elements)), kind, bool(watch.backwards))


def _results(returned: Any) -> Sequence[Value]:
    results = (returned,) if isinstance(returned, Value) else returned
    if not isinstance(results, tuple | list) or not results or not all(isinstance(x, Value) for x in results):
        raise TypeError(
            "capture needs a step on Values, or with lists as inputs, that returns the loss as a Value, or first in a "
            f"tuple or list of Values, got {type(returned).__name__} {short(returned)}; return the loss, "
            "or for a step on Tensors, hand over arrays"
        )
    return results


def _check_backward(watch: Watch, loss: Value) -> None:
    for i, (value, place) in enumerate(watch.backwards):
        if i or value is not loss:
            raise refusal(
                f"backward was called {'again' if i else 'on another Value than the first result'}",
                place,
                "a plan differentiates the first result once; capture one step for each loss",
            )


def _run_again(step: Callable[..., Any], inputs: Inputs) -> Any:
    try:
        return step(*inputs.numbers())
    except Exception as error:
        raise RuntimeError(
            "capture needs a step that computes the same way whatever its numbers are, but run again with other "
            f"numbers it raised {type(error).__name__}: {error}"
        ) from error


@contextmanager
def _other_numbers(leaves: Collection[Value]) -> Generator[None]:
    """Other data everywhere, of the other sign where it matters, and gradients of nan; all is put back afterwards."""
    before = [(x.data, x.grad) for x in leaves]
    others = [0.7 - 1.3 * float(x.data) for x in leaves]
    try:
        for x, other in zip(leaves, others):
            x.data, x.grad = other, math.nan
        yield
        for x, other in zip(leaves, others):
            _check_left_alone(x, other)
    finally:
        for x, (data, grad) in zip(leaves, before):
            x.data, x.grad = data, grad


def _check_left_alone(x: Value, data: float) -> None:
    if x.data is not data or not math.isnan(x.grad):
        what = "data" if x.data is not data else "gradient"
        called = f" {x.label!r}" if x.label else ""
        raise RuntimeError(
            f"capture needs a step that leaves parameters alone, but it sets the {what} of a Value{called}; "
            "zero gradients before plan(...) and update after it"
        )
