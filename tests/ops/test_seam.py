"""The seam: one rule, run on floats, arrays, Tensors and symbols, gives the same derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_edu.engine.operation import Operation, Tracer
from tinygrad_edu.ops import OPERATIONS, elementwise
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.special_functions import unknown_derivative
from tinygrad_edu.tensor.tensor import Tensor

ROWS = {
    name: op
    for name, op in OPERATIONS.items()
    if isinstance(op, Elementwise) and op.differentiable and unknown_derivative not in op.rules
}


class Symbol(Tracer):
    """A text that grows: `Symbol('x') * 2` is `multiply(x, 2)`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Symbol:
        return Symbol(
            f"{operation.name}({', '.join(x.text if isinstance(x, Symbol) else repr(x) for x in inputs)})"
        )

    # fmt: off
    def __add__(self, other: Any) -> Any: return elementwise.add(self, other)
    def __radd__(self, other: Any) -> Any: return elementwise.add(other, self)
    def __sub__(self, other: Any) -> Any: return elementwise.subtract(self, other)
    def __rsub__(self, other: Any) -> Any: return elementwise.subtract(other, self)
    def __mul__(self, other: Any) -> Any: return elementwise.multiply(self, other)
    def __rmul__(self, other: Any) -> Any: return elementwise.multiply(other, self)
    def __truediv__(self, other: Any) -> Any: return elementwise.divide(self, other)
    def __neg__(self) -> Any: return elementwise.negative(self)
    # fmt: on


def numbers_for(name: str) -> list[float]:
    numbers = {"where": [1.0, 0.3, 0.7], "acosh": [1.3]}
    return numbers.get(name, [0.3, 0.7, 0.9][: len(ROWS[name].rules)])


def rules_of(name: str) -> list[Any]:
    return [rule for rule in ROWS[name].rules if rule is not None]


@pytest.mark.parametrize("name", ROWS)
def test_one_rule_gives_the_same_on_floats_arrays_tensors_and_symbols(name):
    numbers = numbers_for(name)
    values = [1.5, ROWS[name](*numbers), *numbers]
    arrays = [np.full((2, 3), value) for value in values]
    symbols = [Symbol(letter) for letter in "gzxyw"[: len(values)]]

    for rule in rules_of(name):
        on_floats = rule(*values)
        on_arrays = rule(*arrays)
        on_tensors = rule(*map(Tensor, arrays))
        on_symbols = rule(*symbols)
        text = on_symbols.text
        of_text = eval(text, dict(OPERATIONS), dict(zip("gzxyw", values, strict=False)))

        np.testing.assert_allclose(on_arrays, on_floats, rtol=1e-14)
        np.testing.assert_allclose(on_tensors.raw, on_floats, rtol=1e-14)
        assert of_text == pytest.approx(on_floats, rel=1e-14)


def test_a_symbol_reads_like_the_rule():
    g, y, x = Symbol("g"), Symbol("y"), Symbol("x")

    assert elementwise.tanh.rules[0](g, y, x).text == "multiply(g, subtract(1, multiply(y, y)))"


def test_a_traced_object_is_asked_by_every_operation_with_its_settings():
    asked = []

    class Asked(Tracer):
        def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
            asked.append((operation.name, len(inputs), settings))

    OPERATIONS["sum"](Asked(), dims=None, keepdim=True)
    OPERATIONS["add"](np.ones(2), Asked())

    assert asked == [("sum", 1, {"dims": None, "keepdim": True}), ("add", 2, {})]


def test_traced_itself_does_nothing():
    with pytest.raises(NotImplementedError):
        OPERATIONS["exp"](Tracer())
