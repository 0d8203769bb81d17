"""Value: the scalar engine. One number that remembers how it was computed; the same rules, run on plain floats.

Names are micrograd's: `data`, `grad`, `_prev`, `_op`, `label`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import NO_SETTINGS, Operation, Rule, Tracer
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.tensor.arithmetic import Arithmetic

_serials = itertools.count(1)
_new = object.__new__
_SIGNS: dict[Operation, str] = {
    ops.add: "+",
    ops.subtract: "-",
    ops.multiply: "*",
    ops.divide: "/",
    ops.negative: "neg",
    ops.relu: "ReLU",
    ops.absolute: "abs",
}


class Value(Node, Arithmetic["Value"]):
    """One real number that takes part in a graph. First derivatives; for higher ones use `Tensor`.

    `v.backward()` puts d v / d x into `x.grad` for every Value x it was computed from. `label` is shown in pictures.
    `<` and its kin compare the numbers; `==` asks whether it is the same Value, as graph walks need.
    Gradients are taken at the numbers that were computed with, also if `data` was overwritten since.
    """

    settings = NO_SETTINGS

    # fmt: off
    __slots__ = (
        "__dict__",  # empty, unless somebody sets an attribute, as some optimizers do
        "__weakref__",
        "_first",
        "_rest",
        "_second",
        "data",
        "grad",
        "label",
        "numbers",
        "operation",
        "serial",
    )
    # fmt: on

    def __init__(self, data: Any, label: str = "") -> None:
        if isinstance(data, bool) or not isinstance(data, int | float | np.integer | np.floating):
            raise TypeError(
                f"Value needs a single number, got {type(data).__name__} {short(data)}; use Tensor for arrays"
            )
        self.data = _float("Value", data)
        self.grad = 0.0
        self.operation: Operation | None = None
        self._first = self._second = None  # of its inputs, which are Values and plain numbers
        self._rest = ()
        self.numbers: tuple[float, ...] = ()  # the result and the inputs, as computed
        self.serial = 0
        self.label = label

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Compute `operation(*inputs)` on floats, and remember how."""
        numbers = []
        for x in inputs:
            if x.__class__ is Value:
                numbers.append(x.data)
            elif x.__class__ is float:
                numbers.append(x)
            elif x.__class__ is int:
                numbers.append(_float(operation.name, x))
            elif isinstance(x, np.ndarray) and operation in _OF_ARRAYS:
                return NotImplemented  # NumPy does it number by number, as for array + value
            else:
                return self.apply(operation, tuple([_admitted(operation, x) for x in inputs]), settings)
        if not isinstance(operation, ops.Elementwise):
            raise TypeError(f"{operation.name} works on Tensors, not on Values; write it with +, * and so on")
        data = operation.on_numbers(*numbers)
        if not operation.differentiable:
            return data
        result = _new(Value)
        result.data = data
        result.grad = 0.0
        result.label = ""
        result.serial = next(_serials)
        if current().recording:
            result.operation = operation
            result.numbers = (data, *numbers)
            if len(inputs) == 2:
                (result._first, result._second), result._rest = inputs, ()
            else:
                result.inputs = inputs
        else:
            result.operation = None
            result.inputs = result.numbers = ()
        return result

    def backward(self) -> None:
        """Add d self / d x to `x.grad`, for every leaf x that self was computed from; inner values start anew."""
        nodes = self._results_first()
        for node in nodes:
            node.grad = 0.0
        self.grad += 1.0
        for node in nodes:
            assert node.operation is not None
            g, rules, numbers = node.grad, node.operation.rules, node.numbers
            x, y = node._first, node._second
            if y is not None and None not in rules:  # nearly always, and twice as quick as the loop
                z, a, b = numbers
                try:
                    share = rules[0](g, z, a, b) if x.__class__ is Value else 0.0  # type: ignore[misc]
                    if y.__class__ is Value:
                        y.grad += rules[1](g, z, a, b)  # type: ignore[misc]
                    if x.__class__ is Value:
                        x.grad += share
                except ArithmeticError:
                    pass
                else:
                    continue
            for position, (x, rule) in enumerate(zip(node.inputs, rules)):
                if x.__class__ is Value and rule is not None:
                    try:
                        x.grad += rule(g, *numbers)
                    except ArithmeticError:
                        x.grad += float(node.share(position, g))

    def share(self, position: int, g: float, rule: Rule = None) -> np.float64:
        """The part of the gradient of one input that comes through this value; see `Node.share`."""
        assert self.operation is not None
        chosen = rule or self.operation.rules[position]
        assert chosen is not None
        with np.errstate(all="ignore"):  # NumPy's floats divide by zero and overflow to inf and nan
            return np.float64(chosen(np.float64(g), *map(np.float64, self.numbers)))

    def _results_first(self) -> list[Value]:
        """Every computed value that self depends on; each comes before all it was computed from."""
        order: list[Value] = []
        found = set()
        waiting: list[Any] = [] if self.operation is None else [self]
        while waiting:
            node = waiting.pop()
            if node is None:  # all that the next one was computed from stands in the order
                order.append(waiting.pop())
            elif node not in found:
                found.add(node)
                waiting.append(node)
                waiting.append(None)
                for x in node._rest or (node._first, node._second):
                    if x.__class__ is Value and x.operation is not None and x not in found:
                        waiting.append(x)  # noqa: PERF401 - a comprehension takes twice the time here
        order.reverse()
        return order

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = 0.0

    @property
    def _backward(self) -> Callable[[], None]:
        """One step back by hand, as in micrograd: adds the shares of this value's gradient to those of its inputs."""

        def step() -> None:
            for position, x in self.edges():
                x.grad += float(self.share(position, self.grad))

        return step

    @_backward.setter
    def _backward(self, _rule: Any) -> None:
        raise AttributeError(
            "Value has no place for a derivative rule of its own; write the operation as "
            "Elementwise(on_arrays, on_floats, lambda g, y, x: ...), which Values and Tensors take"
        )

    @property
    def _prev(self) -> set[Value]:
        return {x for x in self.inputs if isinstance(x, Value)}

    @property
    def _op(self) -> str:
        if self.operation is None:
            return ""
        if self.operation is ops.power and not isinstance(self.inputs[1], Value):
            return f"**{self.inputs[1]}"
        return _SIGNS.get(self.operation, self.operation.name)

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.operation is not None:
            raise RuntimeError(
                "copying and pickling need a leaf, but this Value was computed; use Value(v.data)"
            )
        return Value, (self.data, self.label), vars(self)

    # fmt: off
    # Comparisons are about the numbers; equality stays identity, as graph walks need it.
    def __lt__(self, other: Any) -> bool: return self.data < _number(other)
    def __le__(self, other: Any) -> bool: return self.data <= _number(other)
    def __gt__(self, other: Any) -> bool: return self.data > _number(other)
    def __ge__(self, other: Any) -> bool: return self.data >= _number(other)
    def __float__(self) -> float: return float(self.data)
    # fmt: on


_OF_ARRAYS = (ops.add, ops.subtract, ops.multiply, ops.divide, ops.power)  # what has an operator


def _number(x: Any) -> Any:
    return x.data if isinstance(x, Value) else _plain("a comparison", x)


def _admitted(operation: Operation, x: Any) -> Any:
    return x if isinstance(x, Value) or x.__class__ is int else _plain(operation.name, x)


def _plain(call: str, x: Any) -> float:
    if isinstance(x, int | float | np.integer | np.floating | np.bool_):
        return _float(call, x)
    hint = "; Values and Tensors do not mix" if isinstance(x, Tracer) else ""
    raise TypeError(f"{call} takes Values and numbers, got {type(x).__name__} {short(x)}{hint}")


def _float(call: str, x: Any) -> float:
    try:
        return float(x)
    except OverflowError:
        raise ValueError(f"{call} needs numbers that a float can hold, got {short(x)}") from None
