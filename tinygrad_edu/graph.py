"""The graph: what an operation is, what it leaves behind, and the walk that carries gradients back through it.

A result points to the inputs it was computed from and to nothing else, so there is no cycle and dropping the loss
frees the graph. Nothing here recurses. Nothing here knows NumPy: a rule is a plain expression, and what is passed
in (arrays, Variables, numbers, symbols) decides what comes out.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from tinygrad_edu import modes
from tinygrad_edu.source import Place, line_of, place_of_caller

Data = Any  # what rules work on: an array, a number, a Variable, a symbol
Rule = (
    Callable[..., Data] | None
)  # (g, result, *inputs, **settings) -> gradient of one input; None: no gradient
NUMBERS = frozenset({float, int, bool})

_serials = itertools.count(1)
_last_change = 0  # serial of the newest change to anything: most walks need look no further


class Traced:
    """What wants to be asked when an operation meets it: a Variable, a scalar Value, a symbol."""

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        raise NotImplementedError


class Operation:
    """How to compute something on raw values, and one derivative rule per input.

    `forward(*inputs, **settings)` returns a new array or a view and modifies nothing. A rule is
    `(g, result, *inputs, **settings) -> gradient of its input`; parameters it does not read start with `_`, and one
    of which it reads only shape and dtype is called `like`. `variadic` operations have one rule for all inputs,
    which is told the `position` of its own. `view`: the result may share the first input's memory.
    """

    def __init__(
        self,
        forward: Callable[..., Data],
        *rules: Rule,
        name: str | None = None,
        view: bool = False,
        variadic: bool = False,
    ) -> None:
        self.forward = forward
        self.rules = rules
        self.name = name or forward.__name__
        self.view = view
        self.variadic = variadic
        self.differentiable = any(rule is not None for rule in rules)
        self.__doc__ = forward.__doc__

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        for x in inputs:
            if isinstance(x, Traced):
                return x.apply(self, inputs, settings)
        return self.forward(*inputs, **settings)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> str:
        return self.name

    def rule_for(self, position: int) -> Rule:
        """The rule of the input at `position`."""
        if not self.variadic:
            return self.rules[position]
        rule = self.rules[0]
        assert rule is not None
        return lambda *values, **settings: rule(*values, position=position, **settings)

    def reads(self, position: int, count: int) -> list[int]:
        """Which values the rule of the input at `position` reads: 0 is the result, 1 the first of `count` inputs."""
        code = self.rules[0 if self.variadic else position].__code__  # type: ignore[union-attr]
        names = list(code.co_varnames[1 : code.co_argcount])
        if code.co_flags & inspect.CO_VARARGS:
            rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
            names += [rest] * (count + 1 - len(names))
        return [i for i, name in enumerate(names) if name != "like" and not name.startswith("_")]

    def fit(self, g: Data, x: Data) -> Data:
        """`g` in the shape of `x`; only elementwise operations broadcast."""
        raise AssertionError(
            f"the rule of {self.name} returned shape {g.shape} for an input of shape {x.shape}"
        )


def operation(*rules: Rule, **options: bool) -> Callable[[Callable[..., Data]], Operation]:
    """Make the decorated forward function an `Operation` with these rules."""
    return lambda forward: Operation(forward, *rules, **options)  # type: ignore[arg-type]


class Variable(Traced):
    """A node of the graph: its value, and how it was computed. The class attributes describe a leaf."""

    raw: Data  # the value itself: an array, for a Tensor
    _grad: Data = None  # raw, or a Variable once somebody has looked at it
    requires_grad = False
    operation: Operation | None = None
    inputs: tuple[Any, ...] = ()  # Variables and plain numbers
    settings: dict[str, Any] = {}
    serial = 0
    place: Place | None = None  # the line that computed it
    name: str | None = None
    cut: str | None = None  # why nothing flows back, though an input needed a gradient
    memory: list[Any] | None = (
        None  # [serial of the last change, its place], shared by all that share the array
    )

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
            else:
                return self.apply(operation, tuple(self.admit(x, operation) for x in inputs), settings)
        try:
            result = self.wrap(operation.forward(*values, **settings))
        except (ValueError, TypeError, IndexError) as error:
            raise self.complaint(error, operation, values, settings) from error
        recording, watchers = modes.current()[1:]
        if wanted and recording and operation.differentiable:
            result.requires_grad = True
            result.operation = operation
            result.inputs = inputs
            result.settings = settings
            result.serial = next(_serials)
            result.place = place_of_caller()
        elif wanted:
            why = (
                "no_grad()"
                if operation.differentiable
                else f"{operation.name}, whose derivative is zero or undefined,"
            )
            result.cut = f"{why} at {line_of(place_of_caller())}"
        else:
            for x in inputs:
                if isinstance(x, Variable) and x.cut:
                    result.cut = x.cut
        if operation.view:
            result.memory = inputs[0].shared_memory()
        for note in watchers:
            note(operation, inputs, settings, result)
        return result

    # What a subclass says about its raw values.

    def wrap(self, value: Data) -> Self:
        """A Variable around a value just computed."""
        raise NotImplementedError

    def admit(self, x: Any, operation: Operation) -> Any:
        """`x`, met among the inputs of `operation`, as a Variable or a plain number."""
        raise NotImplementedError

    def complaint(
        self, error: Exception, operation: Operation, values: Sequence[Data], settings: dict[str, Any]
    ) -> Exception:
        """What to raise when `operation` cannot compute from `values`."""
        return error

    def assign(self, value: Data) -> None:
        """Overwrite the value in place: the one door through which numbers change."""
        self.raw[...] = value.raw if isinstance(value, Variable) else value
        note_changes([self])
        for note in modes.current().watchers:
            note(ASSIGN, (self, value), {}, self)

    def shared_memory(self) -> list[Any]:
        """The record of changes, to be shared with whoever shares the array."""
        if self.memory is None:
            self.memory = [0, None]
        return self.memory


ASSIGN = Operation(lambda target, _value: target, name="assign")  # only watchers meet it


def note_changes(variables: Iterable[Variable]) -> None:
    """Note that these were just overwritten, so that no walk takes the new numbers for the old ones."""
    global _last_change
    _last_change = next(_serials)
    place = place_of_caller()
    for variable in variables:
        variable.shared_memory()[:] = _last_change, place


def newest_first(result: Variable) -> list[Variable]:
    """`result` and every computed Variable it depends on; each comes before all it was computed from."""
    found = {result}
    waiting = [result]
    nodes = []
    while waiting:
        node = waiting.pop()
        if node.operation is not None:
            nodes.append(node)
            for x in node.inputs:
                if isinstance(x, Variable) and x.requires_grad and x not in found:
                    found.add(x)
                    waiting.append(x)
    nodes.sort(key=_serial, reverse=True)
    return nodes


def _serial(node: Variable) -> int:
    return node.serial


def gradients(result: Variable, gradient: Data, *, create_graph: bool = False) -> dict[Variable, Data]:
    """The gradient of `result` with respect to every Variable it depends on, by the chain rule.

    First order hands the rules raw arrays. With `create_graph`, or when somebody watches, it hands them Variables:
    that is the whole difference. `gradient` is what flows into `result`, in the same form.
    """
    traced = create_graph or bool(modes.current().watchers)
    grads = {result: gradient}
    order = newest_first(result)
    check = bool(order) and _last_change > order[-1].serial
    for node in order:
        operation, inputs, settings = node.operation, node.inputs, node.settings
        assert operation is not None
        g = grads[node]
        if traced:
            values = [node, *inputs]
        else:
            values = [x.raw if isinstance(x, Variable) else x for x in (node, *inputs)]
        for position, x in enumerate(inputs):
            if not (isinstance(x, Variable) and x.requires_grad):
                continue
            rule = operation.rules[position] if not operation.variadic else operation.rule_for(position)
            if rule is None:
                continue
            if check:
                _check_unchanged(node, position)
            share = rule(g, *values, **settings)
            like = values[position + 1]
            if share.shape != like.shape:
                share = operation.fit(share, like)
            if share.dtype != like.dtype:
                share = share.astype(like.dtype)
            grads[x] = grads[x] + share if x in grads else share
    return grads


def _check_unchanged(node: Variable, position: int) -> None:
    assert node.operation is not None
    values = (node, *node.inputs)
    for i in node.operation.reads(position, len(node.inputs)):
        x = values[i]
        if isinstance(x, Variable) and x.memory is not None and x.memory[0] > node.serial:
            who = "its own result" if i == 0 else x.described()
            raise RuntimeError(
                f"backward needs the numbers that {node.operation.name} at {line_of(node.place)} worked with, but "
                f"{who} was overwritten at {line_of(x.memory[1])}; change it after backward(), or change a copy: x = x.clone()"
            )
