"""The graph: a Variable remembers how it was computed.

A result points to the inputs it was computed from, a view to its base, and nothing to its results: there is no cycle,
and dropping the loss frees the graph. Nothing here recurses. Nothing here knows NumPy: a rule is a plain expression,
and what is passed in (arrays, Variables, numbers, symbols) decides what comes out.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tinygrad_edu.engine import detachment, provenance
from tinygrad_edu.engine.call_site import CallSite, call_site_of
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import NO_SETTINGS, NUMBERS, Data, Operation, Rule
from tinygrad_edu.engine.rebinding import Views, note_view
from tinygrad_edu.engine.versions import ASSIGN, Memory, copied, note_overwritten, serials

# A call of a module: the module, the serial number when it began, and the call inside it.
Call = tuple[weakref.ref[Any], int, Any]

# The computation of a view: operation, inputs, settings.
Origin = tuple[Operation, tuple[Any, ...], Any]

_new = object.__new__

# What every node has. Python keeps the names of attributes once for a class, but only so many, first come first served:
# in Python 3.14, a node with an attribute that came too late has a dictionary of its own, of 400 bytes.
_OF_NODES = ("raw", "requires_grad", "operation", "_first", "_second", "serial", "call_site")


class Variable(Node):
    """A node of the graph on raw values. The class attributes describe a constant.

    Few objects and few bytes a node matter in long graphs: the garbage collector visits each again and again.
    """

    # What a subclass says about raw values.
    holds: type  # the class of raw values
    holding: Callable[[Any], Data]  # makes one from what an operation returned
    shares_memory: Callable[[Data, Data], bool]  # whether two of them may share memory
    result_kind: type[Variable]  # the class of results: see `__init_subclass__`

    def __init_subclass__(cls, *, of_results: bool = False) -> None:
        """`class Tensor(Variable, of_results=True)`: the results of operations on its objects are Tensors."""
        super().__init_subclass__()
        if of_results:
            cls.result_kind = cls
            first = _new(cls)
            for name in _OF_NODES:
                setattr(first, name, None)

    raw: Data  # the value itself: an array, for a Tensor
    _grad: Data = None  # raw, or a Variable once somebody has looked at it; or a `Promise`
    requires_grad = False
    operation: Operation | None = None  # what computed it; None for a leaf
    _first = _second = None  # of its inputs
    settings: Mapping[str, Any] = NO_SETTINGS
    common: Data = None  # what its forward function and its rules share, if anything
    serial = 0
    call_site: CallSite | None = None  # the line of the program that asked for it
    name: str | None = None
    detachment: detachment.Detachment | None = None  # why it has no history, if it was computed
    provenance: provenance.Provenance | None = None  # of a constant: how it was computed from others
    call: Call | None = None  # of the outermost module that returned it
    memory: Memory | None = None  # the version of its array, shared with its views

    # For in-place operations: see `rebinding`.
    base: Variable | None = None  # the Variable that it is a view of, as a part of the graph
    origin: Origin | None = None  # of a view that needs no gradient: how it was made
    views: Views | None = None  # of a base
    born = 0  # of a leaf: a serial number from before its first use
    severed: set[int] | None = (
        None  # of a base: serial numbers of the nodes behind it that do not refer to it
    )
    hidden_base: weakref.ref[Any] | None = None  # of a view that no_grad() kept out of the graph

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:  # noqa: PLR0915
        """Compute `operation(*inputs, **settings)`, and remember how unless nobody will ask.

        One long function: a second call for every operation makes the training step of a small network 2 % slower.
        """
        mode = current()
        follower = mode.follower
        if follower is not None and follower.active:
            return follower.operation(self, operation, inputs, settings, mode.recording)
        values, dtype = [], self.raw.dtype
        tracked = mixed = False
        for x in inputs:
            if isinstance(x, Variable):
                raw = x.raw
                values.append(raw)
                if raw.dtype is not dtype:
                    mixed = True
                if x.requires_grad:
                    tracked = True
            elif x.__class__ in NUMBERS:
                values.append(x)
            elif isinstance(x, Hyperparameter):
                values.append(float(x))  # NumPy would take a subclass of float for float64
            else:
                return self.apply(operation, tuple([self.admit(x, operation) for x in inputs]), settings)
        if operation.promotes and (mixed or dtype.kind != "f"):
            cast = self.promoted(operation, inputs, values)
            if cast is not None:
                return self.apply(operation, cast, settings)
        try:
            common = None
            if operation.common is not None:
                common = operation.common(*values, **settings)
                values.append(common)
            raw = operation.forward(*values, **settings)
        except (ValueError, TypeError, IndexError) as error:
            raise self.complaint(error, operation, values, settings) from error
        kind = self.result_kind
        result = _new(kind)
        result.raw = raw if raw.__class__ is kind.holds else kind.holding(raw)
        if not tracked:
            result.detachment = detachment.inherited(operation, inputs)
            if mode.recording:
                result.provenance = provenance.made_by(operation, inputs, settings)
        elif mode.recording and operation.differentiable:
            result.requires_grad = True
            result.operation = operation
            if len(inputs) == 2:
                result._first, result._second = inputs
            elif len(inputs) == 1:
                (result._first,) = inputs
            else:
                result._rest = inputs
            result.serial = next(serials)
            result.call_site = call_site_of(operation)
            if settings:
                result.settings = settings
            if common is not None:
                result.common = common
        else:
            result.detachment = detachment.made_by(operation, inputs, mode.recording)
        if operation.view and kind.shares_memory(raw, values[0]):
            note_view(result, operation, inputs, settings, mode.recording)
        if mode.watchers:
            for note in mode.watchers:
                note(operation, inputs, settings, result)
        return result

    def values(self, inputs: Sequence[Any] | None = None) -> list[Data]:
        """The raw values that the rules read: the numbers of `inputs`, and what they share with the forward function.

        Not kept but read off the inputs, whose numbers change only where `memory` tells.
        """
        values = []
        for x in self.inputs if inputs is None else inputs:
            if isinstance(x, Variable):
                values.append(x.raw)
            else:
                values.append(float(x) if isinstance(x, Hyperparameter) else x)
        if self.common is not None:
            values.append(self.common)
        return values

    def share(self, position: int, g: Data, rule: Rule = None) -> Data:
        """The part of the gradient of one input that comes through this node; see `Node.share`."""
        operation, values = self.operation, self.values()
        assert operation is not None
        chosen = rule or operation.rules[position]
        assert chosen is not None
        share, like = self.holding(chosen(g, self.raw, *values, **self.settings)), values[position]
        return (
            share if share.shape == like.shape and share.dtype == like.dtype else operation.fit(share, like)
        )

    @property
    def form(self) -> Data:
        """An array of its shape, dtype and strides: itself, unless it is not computed yet."""
        return self.raw

    # What a subclass says to strangers, and in messages.

    def admit(self, x: Any, operation: Operation) -> Any:
        """`x`, met among the inputs of `operation`, as a Variable or a plain number."""
        raise NotImplementedError

    def described(self) -> str:
        """Its name for messages."""
        return repr(self.name) if self.name else "a value"

    complaint: Callable[..., Exception]  # (error, operation, values, settings) -> what to raise instead
    promoted: Callable[..., Any]  # (operation, inputs, values) -> inputs of one dtype, or None if they are

    def why_no_gradient(self) -> str:
        """The end of the way back in words: `the graph was cut by detach() at train.py:12`."""
        if self.detachment is None:
            return "nothing it was computed from has requires_grad=True (plain numbers from .item() remember nothing)"
        return detachment.described(self.detachment)

    def assign(self, value: Data) -> None:
        """Overwrite the numbers in place, and tell the version counter and the watchers."""
        follower = current().follower
        if follower is not None and follower.active:
            follower.assign(self, value)
            return
        before = copied(self.raw) if self.operation is None else None
        self.raw[...] = value.raw if isinstance(value, Variable) else value
        note_overwritten([self], before=[before])
        announce(ASSIGN, self, value, result=self)

    def copy_numbers_to(self, former: Any) -> None:
        """Give `former`, which shares this memory, numbers of its own, as those here will be overwritten."""
        raise NotImplementedError

    def shared_memory(self) -> Memory:
        """The version of its array, to be shared with a view."""
        if self.memory is None:
            self.memory = Memory()
        return self.memory


# What only watchers meet, like ASSIGN: numbers new from outside, read out of the graph, added to an older gradient.
CREATE = Operation(lambda data: data, name="create")
READ = Operation(lambda x: x, name="read")
ACCUMULATE = Operation(lambda x: x, name="accumulate")


def announce(operation: Operation, *inputs: Any, result: Any = None, **settings: Any) -> None:
    """Tell the watchers, if there are any, of what is no operation on Variables."""
    for note in current().watchers:
        note(operation, inputs, settings, result)
