"""The graph: a Variable remembers how it was computed, and the walk carries gradients back through it.

A result points to the inputs it was computed from and to nothing else, so there is no cycle and dropping the loss
frees the graph. Nothing here recurses. Nothing here knows NumPy: a rule is a plain expression, and what is passed
in (arrays, Variables, numbers, symbols) decides what comes out.
"""

from __future__ import annotations

import operator
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from tinygrad_edu.engine import detachment
from tinygrad_edu.engine.call_site import Place, line_of, place_of_call
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.operation import NO_SETTINGS, NUMBERS, Computed, Data, Operation, Setting
from tinygrad_edu.engine.versions import ASSIGN, Change, any_since, note_changes, overwritten_at, serials

Call = tuple[
    weakref.ref[Any], int, Any
]  # of a module, the serial number when it began, and the call inside it

_new = object.__new__


class Variable(Computed):
    """A node of the graph: its value, and how it was computed. The class attributes describe a constant.

    Few objects and few bytes a node matter in long graphs: the garbage collector looks at each again and again.
    """

    # What a subclass says about raw values.
    kind: type[Variable]  # the class of results
    holds: type  # the class of raw values
    holding: Callable[[Any], Data]  # makes one from what an operation returned
    shares: Callable[[Data, Data], bool]  # whether two of them may share memory

    raw: Data  # the value itself: an array, for a Tensor
    _grad: Data = None  # raw, or a Variable once somebody has looked at it
    requires_grad = False
    operation: Operation | None = None  # what computed it; None for a leaf
    _first = _second = None  # of its inputs
    _several = ()
    settings: Mapping[str, Any] = NO_SETTINGS
    common: Data = None  # what its forward function and its rules share, if anything
    serial = 0  # grows with every computation
    place: Place | None = None  # the line of the program that asked for it
    name: str | None = None
    cut: detachment.Cut | None = None  # what ended the way back, and where
    call: Call | None = None  # of the outermost module that returned it
    memory: list[Change] | None = None  # [the last one], one list for all that share the array

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Compute `operation(*inputs, **settings)`, and remember how unless nobody will ask."""
        values = []
        wanted = False
        for x in inputs:
            if isinstance(x, Variable):
                values.append(x.raw)
                if x.requires_grad:
                    wanted = True
            elif x.__class__ in NUMBERS:
                values.append(x)
            elif x.__class__ is Setting:
                values.append(float(x))  # NumPy would take a subclass of float for float64
            else:
                return self.apply(operation, tuple([self.admit(x, operation) for x in inputs]), settings)
        try:
            common = None
            if operation.common is not None:
                common = operation.common(*values, **settings)
                values.append(common)
            raw = operation.forward(*values, **settings)
        except (ValueError, TypeError, IndexError) as error:
            raise self.complaint(error, operation, values, settings) from error
        result = _new(self.kind)
        result.raw = raw if raw.__class__ is self.kind.holds else self.kind.holding(raw)
        mode = current()
        if not wanted:
            result.cut = detachment.inherited(operation, inputs)
        elif mode.recording and operation.differentiable:
            result.requires_grad = True
            result.operation = operation
            if len(inputs) == 2:
                result._first, result._second = inputs
            else:
                result.inputs = inputs
            result.serial = next(serials)
            result.place = place_of_call(operation)
            if settings:
                result.settings = settings
            if common is not None:
                result.common = common
        else:
            result.cut = detachment.made_here(operation, inputs, mode.recording)
        if operation.view and self.kind.shares(raw, values[0]):
            result.memory = inputs[0].shared_memory()
        if mode.watchers:
            for note in mode.watchers:
                note(operation, inputs, settings, result)
        return result

    def given(self, inputs: tuple[Any, ...] | None = None) -> list[Data]:
        """What the rules read, raw: its `inputs`, and what they share with the forward function.

        Not kept but read off the inputs, whose numbers change only where `memory` tells.
        """
        values = []
        for x in self._inputs() if inputs is None else inputs:
            if isinstance(x, Variable):
                values.append(x.raw)
            else:
                values.append(float(x) if x.__class__ is Setting else x)
        if self.common is not None:
            values.append(self.common)
        return values

    # What a subclass says to strangers, and in messages.

    def admit(self, x: Any, operation: Operation) -> Any:
        """`x`, met among the inputs of `operation`, as a Variable or a plain number."""
        raise NotImplementedError

    def described(self) -> str:
        """How messages call it."""
        return repr(self.name) if self.name else "a value"

    complaint: Callable[..., Exception]  # (error, operation, values, settings) -> what to raise instead

    def why_no_gradient(self) -> str:
        """Where the way back ends: `the graph was cut by detach() at train.py:12`."""
        if self.cut is None:
            return "nothing it was computed from has requires_grad=True (plain numbers from .item() remember nothing)"
        return detachment.described(self.cut)

    def assign(self, value: Data) -> None:
        """Overwrite the value in place: the one door through which numbers change."""
        self.raw[...] = value.raw if isinstance(value, Variable) else value
        note_changes([self])
        announce(ASSIGN, self, value, result=self)

    def shared_memory(self) -> list[Change]:
        """The record of changes, to be shared with whoever shares the array."""
        if self.memory is None:
            self.memory = [(0, None)]
        return self.memory


DETACH = Operation(lambda x: x, name="detach", view=True)

# What only watchers meet, like ASSIGN: numbers new from outside, read out of the graph, added to an older gradient.
CREATE = Operation(lambda data: data, name="create")
READ = Operation(lambda x: x, name="read")
ACCUMULATE = Operation(lambda x: x, name="accumulate")


def announce(operation: Operation, *inputs: Any, result: Any = None, **settings: Any) -> None:
    """Tell the watchers, if there are any, of what is no operation on Variables."""
    for note in current().watchers:
        note(operation, inputs, settings, result)


def newest_first(result: Variable) -> list[Variable]:
    """`result` and every computed Variable it depends on; each comes before all it was computed from."""
    nodes = [] if result.operation is None else [result]
    found = set(nodes)
    for node in nodes:  # grows as it goes
        for x in node._several or (node._first, node._second):
            if isinstance(x, Variable) and x.operation is not None and x not in found:
                found.add(x)
                nodes.append(x)
    nodes.sort(key=_serial, reverse=True)
    return nodes


_serial = operator.attrgetter("serial")


def gradients(result: Variable, gradient: Data, *, create_graph: bool = False) -> dict[Variable, Data]:
    """The gradient of `result` with respect to every Variable it depends on, by the chain rule.

    First order hands the rules raw arrays. With `create_graph`, or when somebody watches, it hands them Variables:
    that is the whole difference. `gradient` is what flows into `result`, in the same form.
    """
    traced = create_graph or bool(current().watchers)
    grads = {result: gradient}
    order = newest_first(result)
    check = bool(order) and any_since(order[-1].serial)
    for node in order:
        g = grads.get(node)
        if g is None:
            continue  # reached only through inputs without a rule
        operation, inputs, settings = node.operation, node._inputs(), node.settings
        assert operation is not None
        if traced:
            y, values = node, list(inputs)
            if operation.common is not None:
                values.append(operation.common(*inputs, **settings))
        else:
            y, values = node.raw, node.given(inputs)
        if check:
            _check_unchanged(node, traced)
        for x, like, rule in zip(inputs, values, operation.rules):
            if rule is None or not isinstance(x, Variable) or not x.requires_grad:
                continue
            share = rule(g, y, *values, **settings)
            if operation.exact:
                if share.nbytes != like.nbytes:  # of another dtype
                    share = operation.fit(share, like)
            elif share.shape != like.shape or share.dtype is not like.dtype:
                share = operation.fit(share, like)
            grads[x] = grads[x] + share if x in grads else share
    return grads


def _check_unchanged(node: Variable, traced: bool) -> None:
    """Raise if a value that the rules of `node` are about to read is not the one it was computed with."""
    operation, inputs = node.operation, node.inputs
    assert operation is not None
    values = (node, *inputs)
    wanting = [i for i, x in enumerate(inputs) if isinstance(x, Variable) and x.requires_grad]
    read = {i for position in wanting for i in operation.reads(position, len(inputs))}
    if traced and operation.common is not None:
        read.update(range(1, len(values)))  # what is common was kept raw, but is computed anew on Variables
    for i, x in enumerate(values):
        change = overwritten_at(x, node.serial) if i in read and isinstance(x, Variable) else None
        if change is not None:
            raise RuntimeError(
                f"backward needs the numbers that {operation.name} worked with at {line_of(node.place)}, but "
                f"{'its result' if i == 0 else x.described()} was overwritten at {line_of(change[1])}; "
                "overwrite it after backward(), or work on a copy: x = x.clone()"
            )
