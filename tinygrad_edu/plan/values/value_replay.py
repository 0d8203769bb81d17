"""Running it: two flat arrays, numbers and shares of gradients, and the calls that fill them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.operation import Operation, Rule
from tinygrad_edu.plan.values.levels import Items, total
from tinygrad_edu.plan.values.memory_layout import Group, Layout
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


class Parameters:
    """The leaves of the graph: their data is read anew at every run."""

    def __init__(
        self, values: Sequence[Value], group: Group, numbers: np.ndarray, shares: np.ndarray
    ) -> None:
        self._references = [weakref.ref(x) for x in values]
        self._called = [repr(x.label) if x.label else f"that was {x.data:.6g}" for x in values]
        self._result = numbers[group.start : group.stop]
        self._shares = _matrix(group, shares)

    def forward(self) -> None:
        try:
            self._result[:] = [reference().data for reference in self._references]  # type: ignore[union-attr]
        except AttributeError:
            self.values()  # says which one is gone
            raise

    def derivatives(self) -> tuple[list[Value], list[float]]:
        """Those on which the first result depends, and its derivatives."""
        return (self.values(), total(self._shares).tolist()) if len(self._shares) else ([], [])

    def values(self) -> list[Value]:
        """The Values, which must still exist."""
        values: list[Any] = [reference() for reference in self._references]
        gone = [i for i, x in enumerate(values) if x is None]  # `in` would ask each whether it is equal
        if gone:
            raise RuntimeError(
                f"the plan needs its parameters, but the Value {self._called[gone[0]]} no longer exists; "
                "change the data of a parameter instead of replacing it, or capture the step anew"
            )
        return values


class Replay:
    """What a step computes, from other inputs and the present data of its parameters.

    Returns what the step returned. `backward()` of the first result adds its derivatives, computed already, to the
    gradients of the parameters; if the step itself called it, that is done. Inside `no_grad()` it has none.
    Raises `RuntimeError` if a parameter no longer exists.
    """

    def __init__(self, items: Items, layout: Layout, kind: type | None, goes_back: bool) -> None:
        self._kind = kind  # of sequence that the step returned, if it was one
        self._goes_back = goes_back
        self._results = layout.results
        self._numbers = np.zeros(layout.size)
        self._shares = np.zeros(layout.shares)
        self._inputs = self._numbers[: layout.inputs]
        self._numbers[layout.inputs :][: len(layout.constants)] = layout.constants
        self._seed = layout.seed
        arrays = self._numbers, self._shares
        self._calls = [_Call(group, *arrays) for group in layout.groups if group.operation is not None]
        self._parameters = [
            Parameters([items.sources[i] for i in group.members], group, *arrays)
            for group in layout.groups
            if group.operation is None
        ]
        rules = map(_share_of, range(len(items.parameters)))
        # The last input has no rule: its numbers are not one for each input.
        self._step = Operation(_replayed, *rules, None, name="step")
        items.sources = [None if isinstance(x, Value) else x for x in items.sources]  # they may go
        self.items, self.layout = items, layout

    def __call__(self, arrays: Sequence[np.ndarray]) -> Any:
        if arrays:
            np.concatenate(arrays, axis=None, out=self._inputs)
        for parameters in self._parameters:
            parameters.forward()
        with np.errstate(all="ignore"):  # inf and nan are answers, as in the scalar engine
            results = [Value(x) for x in self._forward()]
            if current().recording and self._seed is not None:
                self._differentiate(*results)
        if self._goes_back:
            results[0].backward()
        return results[0] if self._kind is None else self._kind(results)

    def parameters(self) -> list[Value]:
        """The Values that the step reads."""
        return [x for group in self._parameters for x in group.values()]

    def _differentiate(self, first: Value, *others: Value) -> None:
        """Let the first result know its derivatives, and the others that theirs are not known."""
        found = self._backward()
        values = tuple(chain.from_iterable(values for values, _ in found))
        derivatives: Any = list(chain.from_iterable(numbers for _, numbers in found))
        first.operation, first.inputs, first.numbers = self._step, values, (first.data, derivatives)
        for other in others:
            other.operation, other.inputs, other.numbers = _NOT_DIFFERENTIATED, values[:1], (other.data,)

    def _forward(self) -> list[float]:
        """Compute everything, of the present inputs and parameters; the numbers that the step returned."""
        for call in self._calls:
            call.forward()
        return [self._numbers.item(i) for i in self._results]

    def _backward(self) -> list[tuple[list[Value], list[float]]]:
        """Parameters, and the derivatives of the first result by them."""
        self._shares[self._seed] = 1.0
        for call in reversed(self._calls):
            call.backward()
        return [parameters.derivatives() for parameters in self._parameters]

    def __repr__(self) -> str:
        return f"{self._numbers.size} numbers in {len(self._calls)} calls"


def _replayed(*_: Any) -> Any:
    raise RuntimeError("a replayed step is computed by its plan; call the plan")


def _share_of(i: int) -> Rule:
    """The rule of a replayed step for its parameter i: its derivatives are numbers, kept beside the result."""
    return lambda g, _y, derivatives: g * derivatives[i]


def _refuse(*_: Any) -> Any:
    raise RuntimeError(
        "a plan of a step on Values differentiates the first result only; return what backward() is called on first"
    )


_NOT_DIFFERENTIATED = Operation(_replayed, _refuse, name="step")


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
