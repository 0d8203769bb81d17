"""Formulas as a list of instructions, for a machine that computes on arrays: the JavaScript of a page.

    ["multiply", [0, [2.0]]]      the numbers in slot 0 times 2; the result goes into the next free slot

The formulas come from the operations and their rules, run on symbols; the machine adds only arithmetic.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.index import filled
from tinygrad_edu.ops.shape import cast
from tinygrad_edu.symbolic.expression import Expression, rebuilt
from tinygrad_edu.symbolic.on_paper import on_paper

MAX_ELEMENTS = 5_000  # that an index picks

Instruction = list[Any]

# The functions of NumPy that JavaScript has under the same name.
_NAMES = (
    "acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh exp expm1 floor hypot log log10 log1p log2 sign sin "
    "sinh sqrt tan tanh trunc"
)
_MATH = frozenset(_NAMES.split())
_ARITHMETIC = re.compile(r"[\w\s<>=!+/*-]+")  # which Python and JavaScript write alike


def javascript_kernel(operation: Operation) -> str:
    """The function that computes `operation` on arrays of a page; "" if there is none."""
    kernel = operation.readings.javascript
    if not isinstance(operation, Elementwise):
        return kernel or ""
    names = ", ".join(operation.input_names)
    if kernel is None:
        line, known = operation.readings.numpy, getattr(operation.forward, "__name__", "")
        if isinstance(line, str) and _ARITHMETIC.fullmatch(line):
            kernel = line
        elif isinstance(operation.forward, np.ufunc) and known in _MATH:
            kernel = f"Math.{known}({names})"
    return f"each(({names}) => {kernel})" if kernel else ""


class Instructions:
    """The `lines`, and the slot of each symbol (`slots`, by id): first the `given` symbols, then the results of lines.

    `kernels` are the functions that the lines call, by name. `values` are the arrays of symbols that do not change,
    for indices that were computed.
    """

    def __init__(self, given: Sequence[Expression], values: Mapping[Expression, Any] | None = None) -> None:
        self.lines: list[Instruction] = []
        self.kernels: dict[str, str] = {}
        self.slots = {id(x): i for i, x in enumerate(given)}
        self._given = len(given)
        self._values = values or {}

    def compute(self, formula: Expression, name: Expression | None = None) -> int:
        """Append the lines that compute `formula`, whose symbols have slots; the slot of the result, then of `name`.

        Raises `NotImplementedError` for an operation that the machine does not know.
        """
        slot = int(rebuilt(on_paper(formula, _is_known), self._append))
        if name is not None:
            self.slots[id(name)] = slot
        return slot

    def _append(self, node: Expression, inputs: tuple[Any, ...]) -> int:
        """The slot of `node`, from the slots of its `inputs`."""
        if node.operation is None:
            return self.slots[id(node)]
        kernel = javascript_kernel(node.operation)
        if not kernel:
            raise NotImplementedError(node.operation.name)
        settings = {name: x for name, x in node.settings.items() if name != "dtype"}  # a page has one
        if "index" in settings:
            count = sum(not name.startswith("*") for name in node.operation.input_names)
            settings["places"] = self._places(node, node.inputs[count:])
            del settings["index"]
            inputs = inputs[:count]
        if "shape" in node.settings or "places" in settings:
            settings["shape"] = node.shape
        slots = [slot if isinstance(x, Expression) else [_number(x)] for slot, x in zip(inputs, node.inputs)]
        self.lines.append([self._name(node.operation, kernel), slots, *([settings] if settings else [])])
        return self._given + len(self.lines) - 1

    def _name(self, operation: Operation, kernel: str) -> str:
        """The name of an operation in the lines: its own, with a number if another operation has that name."""
        names = (f"{operation.name}{i or ''}" for i in itertools.count())
        return next(name for name in names if self.kernels.setdefault(name, kernel) == kernel)

    def _places(self, node: Expression, arrays: Sequence[Any]) -> list[int]:
        """The places of the elements that an index picks, counted row by row in the larger array."""
        shape = node.settings.get("shape", node.inputs[0].shape)
        picked = tuple(np.asarray(self._values[x]) for x in arrays)
        all_places = np.arange(math.prod(shape)).reshape(shape)
        places = np.asarray(all_places[filled(node.settings["index"], picked)])
        if places.size > MAX_ELEMENTS:
            raise NotImplementedError("an index of so many elements")
        return [int(place) for place in places.ravel()]


def _is_known(node: Expression) -> bool:
    """True if the machine has a kernel for the operation, or the operation is a cast: a page has one dtype."""
    return node.operation is cast or bool(javascript_kernel(node.operation))  # type: ignore[arg-type]


def _number(x: Any) -> Any:
    """The number in JSON, which knows no NaN and no infinity."""
    return x if math.isfinite(x) else str(float(x))
