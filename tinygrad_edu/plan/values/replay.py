"""The plan itself: two flat arrays, numbers and shares of gradients, and the calls that fill them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.modes import current
from tinygrad_edu.plan.values.inputs import fill
from tinygrad_edu.plan.values.items import Items, total
from tinygrad_edu.plan.values.layout import Group, Layout
from tinygrad_edu.scalar import Value


class _Call:
    """One operation on all members of a group: how their numbers come about, and how their gradients go on."""

    def __init__(self, group: Group, numbers: np.ndarray, shares: np.ndarray) -> None:
        assert group.operation is not None
        self._operation = group.operation.forward
        self._reads = [_reader(numbers, places) for places in group.reads]
        self._result = numbers[group.start : group.stop]
        self._writes = [(rule, _writer(shares, places)) for rule, places in group.writes]
        self._shares = _matrix(group, shares)
        self._values: list[np.ndarray] = []

    def forward(self) -> None:
        self._values = [read() for read in self._reads]
        self._result[...] = self._operation(*self._values)

    def backward(self) -> None:
        if self._writes:
            g = total(self._shares)
            for rule, write in self._writes:
                write(rule(g, self._result, *self._values))


class _Parameters:
    """The leaves of the graph: their data is read anew at every run, their gradients are added to."""

    def __init__(
        self, values: Sequence[Value], group: Group, numbers: np.ndarray, shares: np.ndarray
    ) -> None:
        self._references = [weakref.ref(x) for x in values]
        self._called = [repr(x.label) if x.label else f"that was {x.data:.6g}" for x in values]
        self._result = numbers[group.start : group.stop]
        self._shares = _matrix(group, shares)

    def forward(self) -> None:
        self._result[:] = [x.data for x in self._values()]

    def backward(self) -> None:
        if len(self._shares):
            for x, g in zip(self._values(), total(self._shares).tolist()):
                x.grad += g

    def _values(self) -> list[Value]:
        values: list[Any] = [reference() for reference in self._references]
        if None in values:
            raise RuntimeError(
                f"the plan needs its parameters, but the Value {self._called[values.index(None)]} no longer exists; "
                "change the data of a parameter instead of replacing it, or capture the step anew"
            )
        return values


class ValuePlan:
    """A captured step on Values: `plan(*inputs)` does what `loss = step(*inputs); loss.backward()` would do.

    Returns what the step returned, as new leaf Values. Adds to the `.grad` of every parameter; inside `no_grad()`
    it computes the results only. Not to be called from two threads at once.
    Raises `TypeError` or `ValueError` for inputs that are not like those it was captured with, `RuntimeError` if a
    parameter was replaced.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        shapes: list[tuple[int, ...]],
        items: Items,
        layout: Layout,
        kind: type | None,
    ) -> None:
        self._step = step  # holds what the parameters are held by
        self._shapes = shapes
        self._kind = kind  # of sequence that the step returned, if it was one
        self._results = layout.results
        self._numbers = np.zeros(layout.size)
        self._shares = np.zeros(layout.shares)
        self._inputs = self._numbers[: sum(int(np.prod(shape)) for shape in shapes)]
        self._numbers[len(self._inputs) :][: len(layout.constants)] = layout.constants
        self._seed = layout.seed
        self._calls = [self._call(group, items) for group in layout.groups]

    def _call(self, group: Group, items: Items) -> _Call | _Parameters:
        if group.operation is not None:
            return _Call(group, self._numbers, self._shares)
        values: Any = [items.sources[i] for i in group.members]
        return _Parameters(values, group, self._numbers, self._shares)

    def __call__(self, *inputs: Any) -> Any:
        fill(self._inputs, self._shapes, inputs)
        with np.errstate(all="ignore"):  # inf and nan are answers, as in the scalar engine
            for call in self._calls:
                call.forward()
            results = [Value(self._numbers.item(i)) for i in self._results]
            if current().recording:
                self._backward()
                results[0].grad = 1.0
        return results[0] if self._kind is None else self._kind(results)

    def _backward(self) -> None:
        if self._seed is not None:
            self._shares[self._seed] = 1.0
            for call in reversed(self._calls):
                call.backward()

    def __repr__(self) -> str:
        kinds = [type(call) for call in self._calls]
        return f"<plan of {self._numbers.size} numbers in {kinds.count(_Call)} calls>"


def _matrix(group: Group, shares: np.ndarray) -> np.ndarray:
    """The shares of a group, one row for each use."""
    count = len(group.members)
    return shares[group.share : group.share + group.uses * count].reshape(group.uses, count)


def _span(places: np.ndarray) -> slice | None:
    """The slice that `places` are, if they are one."""
    first = int(places.flat[0])
    consecutive = np.arange(first, first + places.size).reshape(places.shape)
    return slice(first, first + places.size) if np.array_equal(places, consecutive) else None


def _reader(numbers: np.ndarray, places: np.ndarray) -> Callable[[], np.ndarray]:
    """What gives the numbers at these places: a view where they stand side by side."""
    if places.ndim == 1 and (places == places[0]).all():
        places = places[:1]  # one number for all, which NumPy broadcasts
    span = _span(places)
    if span is None:
        return lambda: numbers.take(places)
    view = numbers[span].reshape(places.shape)
    return lambda: view


def _writer(shares: np.ndarray, places: np.ndarray) -> Callable[[np.ndarray], None]:
    """What puts shares at these places, all different."""
    span = _span(places)
    target, index = (shares, places) if span is None else (shares[span].reshape(places.shape), ...)

    def write(share: np.ndarray) -> None:
        target[index] = share

    return write
