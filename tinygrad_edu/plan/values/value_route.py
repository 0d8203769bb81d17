"""One kind of inputs of a step on Values, its program, and the numbers that the program and the step share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.plan.pytree import leaves, mapped
from tinygrad_edu.plan.values.capturing import Recorded, recorded, without_garbage_collection
from tinygrad_edu.plan.values.levels import Items
from tinygrad_edu.plan.values.memory_layout import Layout
from tinygrad_edu.plan.values.resident_value import Memory, memory_of
from tinygrad_edu.plan.values.state import Place, PlainNumbers
from tinygrad_edu.plan.values.step_result import Derivatives, Grads, StepResult, differentiated_before
from tinygrad_edu.plan.values.value_inputs import Inputs
from tinygrad_edu.plan.values.value_reach import Difference, ValueReach
from tinygrad_edu.plan.values.value_replay import Replay
from tinygrad_edu.plan.verification import Schedule

_OF_VALUES = ("data", "grad")  # in this order they stand in a memory
_LARGEST = 2**53  # up to which a float holds whole numbers
_TOLERANCE = 1e-9  # relative: NumPy's exp and Python's may differ in the last bit


class ValueRoute:
    """Replays a step. All numbers of the inputs are free; their sizes, and what the step reaches, are fixed.

    The program takes inputs, data and gradients of Values and plain numbers of the step; it computes the results, and
    what becomes of the others.
    """

    def __init__(
        self,
        step: Callable[..., Any],
        inputs: Inputs,
        check: str,
        make: Callable[[Layout], Replay],
        known: dict[Any, Place],
        differences: Sequence[Difference],
    ) -> None:
        self._step = step  # holds what the parameters are held by
        self.kind, self.differences = inputs.kind, differences
        self.checks, self._is_new = Schedule(check), True
        self.reach = ValueReach(step)
        plain = PlainNumbers(self.reach, known, differences)
        with without_garbage_collection():
            self._record(recorded(step, inputs, plain), plain, make)

    def _record(self, found: Recorded, plain: PlainNumbers, make: Callable[[Layout], Replay]) -> None:
        self._structure, self._results, self._goes_back = found.structure, found.returned, found.goes_back
        self._limits = list(found.program.limits.items())
        self._places = plain.places
        layout = Layout(Items(found.program))
        self.program = make(layout)
        self._find_shared(layout)

    def computes(self, inputs: Inputs) -> bool:
        """Run the program. True if it gives finite numbers; where it does not, Python may raise an error."""
        self._run(inputs)
        numbers = self.program.numbers
        if self._whole and (abs(numbers[self._whole]) > _LARGEST).any():
            return False
        return b"\0" not in np.isfinite(numbers[self._outputs]).tobytes()  # quicker than all()

    def is_due(self) -> bool:
        """True if this replay is to be checked: the first one always."""
        is_first, self._is_new = self._is_new, False
        return self.checks.is_due() or is_first

    def replayed(self) -> Any:
        """Let everything be what was computed, and return the results."""
        numbers, memory = self.program.numbers, self._memory.array
        results = [numbers.item(i) for i in self.program.layout.results]
        for where, became in self._written:
            memory[where] = numbers[became]
        for place, among, became in self._written_places:
            found = place.numbers.copy()
            found[among] = numbers[became]
            place.write(found)
        return self._returned(results)

    def admits(self, inputs: Inputs) -> bool:
        """True if all indices among the inputs are within what was seen."""
        return not self._limits or all(0 <= inputs.numbers[i] < limit for i, limit in self._limits)

    def checked(self, step: Callable[[], Any]) -> tuple[Any, bool]:
        """The result of the step as written, and whether the program has computed the same."""
        numbers, memory = self.program.numbers, self._memory
        version, expected = memory.version, [memory.array.copy(), numbers[self.program.layout.results]]
        for where, became in self._written:
            expected[0][where] = numbers[became]
        expected += [place.numbers.copy() for place in self._places]
        for place, among, became in self._written_places:
            expected[2 + self._places.index(place)][among] = numbers[became]
        returned = step()
        found = [memory.array, _data(returned), *[np.array(place.read(), float) for place in self._places]]
        return returned, memory.version != version or all(map(_alike, found, expected))

    def _find_shared(self, layout: Layout) -> None:
        """Where inputs, Values and plain numbers stand in the program, and what becomes of them."""
        items = layout.items
        names = [items.inputs[i] for i in layout.sources]
        became = {name: int(layout.place[i]) for name, i in items.changes.items()}
        self._inputs = np.array([name[1] for name in names if name[0] == "input"], np.intp)
        self._values = tuple(dict.fromkeys(x[1] for x in (*names, *became) if x[0] not in ("input", "place")))
        order = {x: i for i, x in enumerate(self._values)}
        found = [(order[x[1]], x[0], n) for n, x in enumerate(names) if x[0] in _OF_VALUES]
        changed = [(order[x[1]], x[0], n) for x, n in became.items() if x[0] in _OF_VALUES]
        self._read_of, self._written_of = _by_kind(found), _by_kind(changed)
        self._outputs = _compact(sorted({*layout.results, *became.values()}))
        derivatives = {x[1]: i for x, i in became.items() if x[0] == "derivative"}
        self._derived = [order[x] for x in derivatives]
        self._derivatives = _compact(list(derivatives.values()))
        self._rules = Derivatives([self._values[i] for i in self._derived])
        owners = [(place, i) for place in self._places for i in range(len(place.numbers))]
        in_places = [(owners[x[1]], n) for n, x in enumerate(names) if x[0] == "place"]
        becoming = [(owners[x[1]], n) for x, n in became.items() if x[0] == "place"]
        self._read_places, self._written_places = self._by_place(in_places), self._by_place(becoming)
        self._whole = [n for (place, _), n in becoming if place.is_whole]
        self._memory, self._version = Memory(), -1

    def _by_place(self, found: list[tuple[tuple[Place, int], int]]) -> list[tuple[Place, Any, Any]]:
        """For each place the numbers of it that are concerned, and where they stand in the program."""
        return [
            (place, _compact([i for i, _ in own]), _compact([n for _, n in own]))
            for place in self._places
            if (own := [(i, n) for (owner, i), n in found if owner is place])
        ]

    def _settle(self) -> None:
        """Let all Values reside in one memory; in that of another plan, if it has some of them."""
        memories = (memory_of(x) for x in self._values)
        self._memory = next((m for m in memories if m is not None), self._memory)
        self._memory.admit(self._values)
        self._version = self._memory.version
        places = self._memory.places(self._values)
        self._read = [(_compact(places[of] + shift), where) for shift, of, where in self._read_of]
        self._written = [(_compact(places[of] + shift), where) for shift, of, where in self._written_of]
        grads = places[self._derived] + 1 if self._derived else np.zeros(0, np.intp)
        self._grads = Grads(self._memory, self._version, grads)

    def _run(self, inputs: Inputs) -> None:
        if self._version != self._memory.version:
            self._settle()
        numbers = self.program.numbers
        numbers[: len(self._inputs)] = inputs.numbers[self._inputs]
        for places, where in self._read:
            numbers[where] = self._memory.array[places]
        for place, among, where in self._read_places:
            numbers[where] = place.refresh()[among]
        self.program.run()

    def _returned(self, results: list[float]) -> Any:
        values = [StepResult(x, label) for x, (label, _, _) in zip(results, self._results)]
        if self._goes_back:
            values[0].grad = 1.0
            differentiated_before(values)
        else:
            self._rules.give(values, self.program.numbers[self._derivatives], self._grads)
        if self._structure is None and self._results[0].own is None:
            return values[0]
        left = iter([values[place] if own is None else own for _, own, place in self._results])
        return mapped(lambda _: next(left), self._structure)

    def __repr__(self) -> str:
        return repr(self.program)


def _by_kind(found: list[tuple[int, str, int]]) -> list[tuple[int, list[int], Any]]:
    """For data, then gradients: 0 or 1, which Values, and where the numbers stand in the program."""
    kinds = [[(i, n) for i, kind, n in found if kind == each] for each in _OF_VALUES]
    return [
        (shift, [i for i, _ in own], _compact([n for _, n in own])) for shift, own in enumerate(kinds) if own
    ]


def _compact(places: Any) -> Any:
    """Places as a slice, if they grow by equal steps."""
    array = np.asarray(places, np.intp)
    steps = np.diff(array)
    if array.size > 1 and steps[0] > 0 and (steps == steps[0]).all():
        return slice(int(array[0]), int(array[-1]) + 1, int(steps[0]))
    return array


def _data(returned: Any) -> np.ndarray:
    return np.array([float(x.data) for x in leaves(returned)])


def _alike(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a, b, rtol=_TOLERANCE, atol=1e-12, equal_nan=True)
