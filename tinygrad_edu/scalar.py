"""Value: the scalar engine. One number that remembers how it was computed; the same rules, run on plain floats.

Names are micrograd's: `data`, `grad`, `_prev`, `_op`, `label`.
"""

from __future__ import annotations

import itertools
import operator
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.operation import NO_SETTINGS, Operation, Rule
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.tensor.arithmetic import Arithmetic
from tinygrad_edu.tensor.micrograd_names import MicrogradNames
from tinygrad_edu.tensor.plain_number import as_float, as_plain_number

_serials = itertools.count(1)
_new = object.__new__
_SERIAL = operator.attrgetter("serial")


def _both(operation: Operation) -> tuple[Any, Any]:
    """The operator of `x + y`, and the reflected one: the short way for a Value with a Value or a plain number."""

    def direct(self: Value, other: Any) -> Any:
        if other.__class__ is Value:
            y = other.data
        elif other.__class__ is float:
            y = other
        elif other.__class__ is int:
            y = as_float(operation.name, other)
        else:
            return self.apply(operation, (self, other), {})
        if not current().recording:
            return self.apply(operation, (self, other), {})
        return _of_two(operation, self, other, self.data, y)

    def reflected(self: Value, other: Any) -> Any:
        if other.__class__ not in (float, int) or not current().recording:
            return self.apply(operation, (other, self), {})
        return _of_two(operation, other, self, as_float(operation.name, other), self.data)

    return direct, reflected


def _of_two(operation: Any, first: Any, second: Any, x: float, y: float) -> Value:
    """The recorded result of an operation on the numbers of its two inputs."""
    result = _new(Value)
    result.data = result._z = operation.on_numbers(x, y)
    result._x, result._y = x, y
    result._first, result._second = first, second
    result.grad = 0.0
    result.operation = operation
    result.serial = next(_serials)
    return result


class Value(MicrogradNames, Arithmetic["Value"]):
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
        "_first", "_second",
        "_x", "_y", "_z",
        "data", "grad",
        "operation",
        "serial",
    )
    # fmt: on

    # The result and the numbers of two inputs, as computed with. The garbage collector visits the slots of each node
    # again and again, so they are no tuple, and what is rare has no slot.
    _z: Any
    _x: Any
    _y: Any
    _rest = ()
    _numbers: tuple[Any, ...] = ()
    label = ""

    def __init__(self, data: Any, label: str = "") -> None:
        if isinstance(data, bool) or not isinstance(data, int | float | np.integer | np.floating):
            raise TypeError(
                f"Value needs a single number, got {type(data).__name__} {short(data)}; use Tensor for arrays"
            )
        self.data = as_float("Value", data)
        self.grad = 0.0
        self.operation: Operation | None = None
        self._first = self._second = None  # of its inputs, which are Values and plain numbers
        self.serial = 0
        if label:
            self.label = label

    def __init_subclass__(cls) -> None:
        if not vars(cls).keys() & {"apply", "__class__"}:
            raise TypeError(f"Value has no subclasses; let {cls.__name__} keep a Value as an attribute")

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Compute `operation(*inputs)` on floats, and remember how."""
        numbers = []
        for x in inputs:
            if x.__class__ is Value:
                numbers.append(x.data)
            elif x.__class__ is float:
                numbers.append(x)
            elif x.__class__ is int:
                numbers.append(as_float(operation.name, x))
            elif isinstance(x, Value) and type(x).apply is not Value.apply:
                return x.apply(operation, inputs, settings)
            elif isinstance(x, np.ndarray) and operation in _OF_ARRAYS:
                return NotImplemented  # NumPy does it number by number, as for array + value
            else:
                return self.apply(operation, tuple([_admitted(operation, x) for x in inputs]), settings)
        if not isinstance(operation, ops.Elementwise):
            raise TypeError(f"{operation.name} works on Tensors, not on Values; write it with +, * and so on")
        recording = current().recording
        if recording and len(inputs) == 2 and operation.differentiable:
            return _of_two(operation, *inputs, *numbers)
        data = operation.on_numbers(*numbers)
        if not operation.differentiable:
            return data
        result = _new(Value)
        result.data, result.grad = data, 0.0
        result.operation = operation if recording else None
        result.inputs = inputs if recording else ()
        result._z, result._x = data, numbers[0]
        if recording and len(numbers) > 2:
            result.numbers = (data, *numbers)
        result.serial = next(_serials)
        return result

    @property
    def numbers(self) -> tuple[Any, ...]:
        """The result and the inputs, as computed; of a leaf none."""
        if self._numbers or self.operation is None:
            return self._numbers
        return (self._z, self._x) if self._second is None else (self._z, self._x, self._y)

    @numbers.setter
    def numbers(self, numbers: tuple[Any, ...]) -> None:
        self._numbers = numbers

    def backward(self) -> None:
        """Add d self / d x to `x.grad`, for every leaf x that self was computed from; inner values start anew."""
        nodes = self._results_first()
        for node in nodes:
            node.grad = 0.0
        self.grad += 1.0
        for node in nodes:
            assert node.operation is not None
            g, rules = node.grad, node.operation.rules
            x, y = node._first, node._second
            if y is not None and None not in rules:  # nearly always, and twice as quick as the loop
                z, a, b = node._z, node._x, node._y
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
                        x.grad += rule(g, *node.numbers)
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
        order: list[Any] = [] if self.operation is None else [self]
        found = set(order)
        waiting = order.copy()
        while waiting:
            node = waiting.pop()
            for x in (node._first, node._second) if node._first is not None else node._rest:
                if x.__class__ is Value and x.operation is not None and x not in found:
                    found.add(x)
                    order.append(x)
                    waiting.append(x)
        order.sort(key=_SERIAL, reverse=True)
        return order

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = 0.0

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

    __add__, __radd__ = _both(ops.add)
    __sub__, __rsub__ = _both(ops.subtract)
    __mul__, __rmul__ = _both(ops.multiply)
    __truediv__, __rtruediv__ = _both(ops.divide)
    __pow__, __rpow__ = _both(ops.power)

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
    return x.data if isinstance(x, Value) else as_plain_number("a comparison", x)


def _admitted(operation: Operation, x: Any) -> Any:
    return x if isinstance(x, Value) or x.__class__ is int else as_plain_number(operation.name, x)
