"""`Row`: a puzzle as a row of a table; its inputs, its right answer by the engine, and its wrong answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.autograd.functional import jacobian
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

FUNCTION = "grad"  # the name of the student's function
FLOWS_BACK = "g"  # the name of the gradient of the result
# Not square, other sizes, and one example.
SIZES = ({"N": 3, "K": 4, "M": 2, "T": 6}, {"N": 5, "K": 2, "M": 3, "T": 4}, {"N": 1, "K": 3, "M": 5, "T": 7})


@dataclass(frozen=True)
class Row:
    """A puzzle: the derivative of `forward(*arrays)` by its argument `wrt`, times the gradient `g` that flows back.

    `shapes` has a text for each array: "N K" is a matrix of random numbers, "T<K" a vector of whole numbers below K.
    `solution` is the body of the right function, `mistakes` are the bodies (or functions) of wrong ones by a sentence
    that completes "This is". `reference` computes the right answer where it is no derivative of `forward`. `bug` is
    what stands in the solution, what stands there in the program that is shown, and the name of the mistake.
    """

    name: str
    title: str
    text: str
    shapes: Mapping[str, str]
    wrt: str
    forward: Callable[..., Tensor] | None
    solution: str
    hints: tuple[str, str]
    mistakes: Mapping[str, str | Callable[..., Array]]
    reference: Callable[..., Any] | None = None
    jacobian: bool = False
    bug: tuple[str, str, str] | None = None

    def inputs(self, case: int) -> dict[str, Array]:
        """The arrays of a case, the same in every run."""
        rng = np.random.default_rng([case, len(self.name)])
        return {name: _array(spec, SIZES[case % len(SIZES)], rng) for name, spec in self.shapes.items()}

    def graph(self, inputs: Mapping[str, Array]) -> tuple[Tensor, Tensor]:
        """The number that is differentiated, `(y * g).sum()` or the loss itself, and the tensor `wrt`."""
        tensors = {
            name: Tensor(x.copy(), requires_grad=name == self.wrt, name=name) for name, x in inputs.items()
        }
        flows = tensors.pop(FLOWS_BACK, None)
        assert self.forward is not None, self.name
        y = self.forward(*tensors.values())
        return (y if flows is None else (y * flows).sum()), tensors[self.wrt]

    def true(self, inputs: Mapping[str, Array]) -> Array:
        """The right answer, by the engine."""
        if self.reference is not None:
            return np.asarray(self.reference(*inputs.values()), float)
        if self.jacobian:
            return self._jacobian(inputs)
        loss, x = self.graph(inputs)
        loss.backward()
        assert x.grad is not None, self.name
        return np.array(x.grad.numpy())

    def _jacobian(self, inputs: Mapping[str, Array]) -> Array:
        first, *others = (Tensor(x) for x in inputs.values())
        assert self.forward is not None, self.name
        forward = self.forward
        whole = np.array(jacobian(lambda x: forward(x, *others), first).numpy())
        return whole.reshape(-1, first.raw.size)

    def answer(self, body: str | Callable[..., Array], inputs: Mapping[str, Array]) -> Array:
        """The answer of a body such as the solution, or of a function of the arrays."""
        arrays = {name: x.copy() for name, x in inputs.items()}
        if callable(body):
            return np.asarray(body(*arrays.values()), float)
        names: dict[str, Any] = {}
        exec(self.program(body), names)
        return np.asarray(names[FUNCTION](**arrays), float)

    def program(self, body: str) -> str:
        """The function with this body, as a program; a body that is one expression is returned."""
        lines = body.splitlines() if "return" in body else [f"return {body}"]
        head = f"import numpy as np\n\n\ndef {FUNCTION}({', '.join(self.shapes)}):\n"
        return head + "".join(f"    {line}\n" for line in lines)

    @property
    def buggy(self) -> str:
        """The body with the planted bug."""
        assert self.bug is not None, self.name
        right, wrong, _ = self.bug
        return self.solution.replace(right, wrong)


def _array(spec: str, sizes: Mapping[str, int], rng: np.random.Generator) -> Array:
    dimensions, _, below = spec.partition("<")
    shape = tuple(_size(word, sizes) for word in dimensions.split())
    if not below:
        return rng.normal(size=shape).round(2)
    return rng.integers(0, _size(below, sizes), shape)


def _size(word: str, sizes: Mapping[str, int]) -> int:
    """The size that a word such as `N`, `K+M`, `T-2` or `5` means."""
    if "-" in word:
        first, second = word.split("-")
        return _size(first, sizes) - _size(second, sizes)
    return math.fsum(sizes[part] if part in sizes else int(part) for part in word.split("+")).__int__()
