"""A function with inputs on which it is tried: its results and gradients in whatever form the inputs come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.checks.comparison import drawn, upstream_generator
from tinygrad_edu.tensor.nested import leaves
from tinygrad_edu.tensor.tensor import Tensor, tensor

Array = Any


class Trial:
    """`function(*inputs)` of Tensors; floats become float64, and get gradients.

    `weights` flow back into the results: random numbers, never ones.
    """

    def __init__(self, function: Callable[..., Any], inputs: Sequence[Any]) -> None:
        self.function = function
        self.arrays = [_array(x) for x in inputs]
        self.floats = [i for i, array in enumerate(self.arrays) if array.dtype.kind == "f"]
        rng = upstream_generator()
        self.outputs = [y.raw for y in self.results(map(Tensor.around, self.copies()))]
        self.weights = [drawn(rng, y) for y in self.outputs]

    @property
    def differentiable(self) -> bool:
        """Whether gradients flow from the results to any input."""
        xs = [Tensor(x, requires_grad=i in self.floats) for i, x in enumerate(self.arrays)]
        return any(y.requires_grad for y in self.results(xs))

    def copies(self) -> list[Array]:
        """The arrays of the inputs, to be overwritten by nobody else."""
        return [array.copy() for array in self.arrays]

    def results(self, xs: Iterable[Tensor]) -> list[Tensor]:
        """The results that are floats."""
        return [y for y in leaves(self.function(*xs)) if y.dtype.kind == "f"]

    def total(self, xs: Iterable[Tensor]) -> Tensor:
        """The results, each times its weight, as one number."""
        parts = [(y * Tensor(w, y.dtype)).sum() for y, w in zip(self.results(xs), self.weights, strict=True)]
        return sum(parts[1:], parts[0])

    def gradients(self, arrays: Sequence[Array], chosen: Sequence[int] | None = None) -> dict[int, Array]:
        """The gradients by the inputs at some places, or by all that are floats."""
        places = self.floats if chosen is None else chosen
        xs = [Tensor.around(x) for x in arrays]
        for place in places:
            xs[place] = Tensor.around(arrays[place]).requires_grad_()
        total = self.total(xs)
        if total.requires_grad:
            total.backward()
        grads = {place: xs[place].grad for place in places}
        return {i: np.zeros_like(arrays[i]) if g is None else g.raw for i, g in grads.items()}


def _array(x: Any) -> Array:
    array = tensor(x).detach().numpy(force=True)
    return array.astype(np.float64) if array.dtype.kind == "f" else array
