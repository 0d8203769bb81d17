"""Recording a step: it is run twice or more, with other numbers everywhere, and must compute the same way each time."""

from __future__ import annotations

import gc
import itertools
import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.pytree import leaves, mapped
from tinygrad_edu.plan.values.common_way import Returned, Run, compared
from tinygrad_edu.plan.values.number import Decision
from tinygrad_edu.plan.values.picks import UnclearError, shifted
from tinygrad_edu.plan.values.recorded_functions import recorded_functions
from tinygrad_edu.plan.values.resident_value import leave, set_class
from tinygrad_edu.plan.values.state import PlainNumbers
from tinygrad_edu.plan.values.value_inputs import Inputs, shown
from tinygrad_edu.plan.values.value_program import Program
from tinygrad_edu.plan.values.value_recording import Name, Recording
from tinygrad_edu.plan.values.watched_value import WatchedValue
from tinygrad_edu.scalar import Value

_NUMBERS = (int, float, np.integer, np.floating)


class Recorded(NamedTuple):
    """The program of a step, and how it returns results: their structure, and each of them.

    `goes_back`: the step calls backward.
    """

    program: Program
    structure: Any
    returned: list[Returned]
    goes_back: bool


def recorded(step: Callable[..., Any], inputs: Inputs, plain: PlainNumbers) -> Recorded:
    """What the step computes, found by running it; data, gradients and plain numbers are left as they were.

    In the later runs every Value there is has other data, so no other thread should work with Values meanwhile.
    Raises `RuntimeError`, naming the line, for a step whose way depends on its numbers; `TypeError` for results of
    another kind.
    """
    if not current().recording:
        raise RuntimeError("capture needs to record, but no_grad() is on; call the plan outside of it first")
    # Also those that only their data is read of, or that only the step knows, or not the garbage collector.
    kinds = {Value, *Value.__subclasses__()}  # isinstance would ask every object for its class, too
    known = (x for x in gc.get_objects() if type(x) in kinds)
    # No list, which would be taken for one of the step's.
    outside = tuple(filter(_holds_numbers, dict.fromkeys(itertools.chain(plain.values(), known))))
    leave(outside)
    numbers, whole = inputs.numbers.tolist(), inputs.whole
    with plain.without_random_numbers():
        keeps_lists = any(whole)  # then one may be an index
        while True:
            first = _run(step, inputs, numbers, plain, outside, 0, keeps_lists)
            grows, looks = plain.grow(), bool(first.recording.asked) and not keeps_lists
            keeps_lists = keeps_lists or looks
            if grows or looks:
                continue
            indices = [int(x) for x, is_whole in zip(numbers, whole) if is_whole]
            if first.recording.asked and max(indices) == 0:
                raise UnclearError("capture needs inputs that are not all 0 to see which rows they pick")
            others = [
                _run(step, inputs, _others(numbers, whole, row), plain, outside, turn)
                for turn, row in enumerate(shifted(indices), 1)
            ]
            more = set(first.recording.made).intersection(others[0].recording.made)
            if not more:
                break
            outside += tuple(more)  # which the garbage collector did not know
    picks = compared([first, *others])
    program = Program(first.recording, picks, first.results, first.changes)
    return Recorded(program, first.structure, first.returned, first.recording.goes_back)


def _holds_numbers(x: Value) -> bool:
    return isinstance(x.data, _NUMBERS) and isinstance(x.grad, _NUMBERS)


def _others(numbers: Sequence[float], whole: Sequence[bool], row: Sequence[int]) -> list[float]:
    left = iter(row)
    return [next(left) if is_whole else _other(x) for x, is_whole in zip(numbers, whole)]


def _other(x: float) -> float:
    """Another number, of the other sign where it matters."""
    return 0.7 - 1.3 * x


def _run(
    step: Callable[..., Any],
    inputs: Inputs,
    numbers: Sequence[float],
    plain: PlainNumbers,
    outside: tuple[Value, ...],
    turn: int,
    keeps_lists: bool = False,
) -> Run:
    """Run the step on these inputs, in later turns with other numbers in all Values, and put everything back."""
    kept = [(x, type(x), x.data, x.grad) for x in outside]
    there: dict[Name, float] = {("input", i): x for i, x in enumerate(numbers)}
    for x, _, data, grad in kept:
        there["data", x], there["grad", x, 0] = float(data), float(grad)
    there |= {("place", i): x for i, x in enumerate(plain.read())}
    for _ in range(turn):
        there |= {name: _other(x) for name, x in there.items() if name[0] != "input"}
    whole = {("input", i): int(x) for i, x in enumerate(numbers) if inputs.whole[i]}
    recording = Recording(there, whole, keeps_lists, turn)
    with _watched(recording, kept), plain.replaced(lambda i: recording.source(("place", i))):
        sources = [recording.source(("input", i)) for i in range(len(numbers))]
        given = inputs.made_of(sources)
        returned = _called(step, given, plain.namespaces, turn)
        if shown(given) != shown(inputs.made_of(sources)):
            raise RuntimeError("capture needs a step that leaves its inputs alone; copy what it changes")
        results = _results(returned)
        for x in results:
            recording.admit(x)
        names = [recording.name_of(x.data) for x in results]
        changes: dict[Name, Name] = {}
        for x in [x for x in outside if x.operation is None]:
            changes["data", x], changes["grad", x, 0] = recording.name_of(x.data), recording.name_of(x.grad)
        changes |= {("place", i): recording.name_of(x) for i, x in enumerate(plain.read())}
        if not recording.goes_back:
            changes |= recording.derivatives(results[0])
    changes = {name: became for name, became in changes.items() if became != name}
    own = [x if recording.names[x] is x else None for x in results]
    known = [Returned(x.label, y, results.index(x)) for x, y in zip(results, own)]
    return Run(recording.detached(), mapped(lambda _: None, returned), known, names, changes)


def _called(
    step: Callable[..., Any], inputs: list[Any], namespaces: Sequence[dict[str, Any]], turn: int
) -> Any:
    try:
        with recorded_functions(namespaces), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about numbers that are not the user's
            return step(*inputs)
    except Decision as decision:
        raise decision.args[0] from None
    except Exception as error:
        if isinstance(error, RuntimeError) and str(error).startswith("capture needs"):
            raise
        again = "run again with other numbers " if turn else ""
        raise RuntimeError(
            "capture needs a step that computes the same way whatever its numbers are, but "
            f"{again}it raised {type(error).__name__}: {error}"
        ) from error


def _results(returned: Any) -> Sequence[Value]:
    results = leaves(returned)
    if not results or not all(isinstance(x, Value) for x in results):
        raise TypeError(
            "capture needs a step on Values, or with lists as inputs, that returns the loss as a Value, or first in a "
            f"tuple, list or dict of Values, got {type(returned).__name__} {short(returned)}; return the loss, "
            "or for a step on Tensors, hand over arrays"
        )
    return results


@contextmanager
def _watched(recording: Recording, kept: list[tuple[Value, type, Any, Any]]) -> Generator[None]:
    """Values of a class that records, and those from outside with Numbers of the recording in them."""
    WatchedValue.recorder = recording
    for x, *_ in kept:
        recording.names[x] = x
        set_class(x, WatchedValue)
        data, grad = recording.source(("data", x)), recording.source(("grad", x, 0))
        # What was computed before the step is no source: other numbers in it must not matter.
        x.data, x.grad = (
            (data, grad) if x.operation is None else (float.__float__(data), float.__float__(grad))
        )
    try:
        yield
    finally:
        WatchedValue.recorder = None
        recording.close()
        for x in recording.names:
            set_class(x, Value)
            x.data, x.grad = _float(x.data), _float(x.grad)
        for x, kind, data, grad in [*kept, *((x, Value, *held) for x, held in recording.made.items())]:
            set_class(x, kind)
            x.data, x.grad = data, grad


def _float(x: Any) -> Any:
    return float.__float__(x) if isinstance(x, float) else x


@contextmanager
def without_garbage_collection() -> Generator[None]:
    """Graphs are built and none of them is garbage, so looking for some would take longer than all the rest."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
