"""A function evaluated at a point, and its derivatives there: what `autograd.functional` and `func` have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.autograd.derivatives import grad
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.nested import leaves, rebuilt
from tinygrad_edu.tensor.tensor import Tensor, tensor

Func = Callable[..., Any]
Argnums = int | tuple[int, ...]


class Evaluation:
    """The call `func(*args)` with new Tensors in the arguments to differentiate by.

    `by` are these arguments, one or a tuple as `argnums` is, and `output` is the result; derivatives have the same
    form. With `has_aux` the function returns `(output, anything)`. `create_graph`: whether the derivatives have a
    graph; with None those have, whose graph leads to other Tensors than the new ones.
    """

    def __init__(
        self,
        call: str,
        func: Func,
        args: Sequence[Any],
        argnums: Argnums,
        options: dict[str, Any] | None = None,
        *,
        has_aux: bool = False,
        create_graph: bool | None = None,
    ) -> None:
        given = list(args)
        for i in (argnums,) if isinstance(argnums, int) else argnums:
            given[i] = rebuilt(given[i], map(_variable, leaves(given[i])))
        self.by = given[argnums] if isinstance(argnums, int) else tuple(given[i] for i in argnums)
        self.xs = _tensors(call, "Tensors to differentiate by", self.by)
        self.output = func(*given, **(options or {}))
        self.aux: list[Any] = []
        if has_aux:
            if not isinstance(self.output, tuple) or len(self.output) != 2:
                raise RuntimeError(
                    f"has_aux=True needs a function that returns (result, anything), got {short(self.output)}"
                )
            self.output, *self.aux = self.output
        self.ys = _tensors(call, "a function that returns a Tensor", self.output)
        self.call, self.create_graph = call, create_graph

    # Derivatives.

    def _back(self, ys: Sequence[Tensor], seeds: Sequence[Any], create_graph: bool | None = None) -> Any:
        """vᵀ J of `ys` by every x, of the form of `by`, for the vectors v of `seeds`."""
        records = self.create_graph is not False if create_graph is None else create_graph
        return rebuilt(self.by, iter(_pulled(ys, self.xs, seeds, records)))

    def pulled(self, v: Any = None) -> Any:
        """vᵀ J, of the form of `by`; `v` may be left out if every result is one number."""
        return self._back(self.ys, self._vectors(v, self.ys, "the results"))

    def pushed(self, v: Any = None) -> Any:
        """J v, of the form of `output`, by differentiating uᵀ J with respect to u."""
        us = [Tensor(np.zeros_like(y.raw), requires_grad=True) for y in self.ys]
        slopes = list(leaves(self._back(self.ys, us, create_graph=True)))
        vectors = self._vectors(v, self.xs, "the inputs")
        return rebuilt(self.output, iter(_pulled(slopes, us, vectors, self.create_graph is not False)))

    def slopes(self) -> Any:
        """The gradient of the only number that the function returned, of the form of `by`, with a graph."""
        if not isinstance(self.output, Tensor) or self.output.numel() != 1:
            shapes = ", ".join(str(y.shape) for y in self.ys)
            raise RuntimeError(
                f"{self.call} needs a function that returns a single number, got shape {shapes}"
            )
        return self._back(self.ys, [None], create_graph=True)

    def times_hessian(self, v: Any) -> Any:
        """vᵀ H and H v, of the form of `by`, without building the Hessian."""
        return self._back(list(leaves(self.slopes())), self._vectors(v, self.xs, "the inputs"))

    def jacobian(self) -> Any:
        """Of the form of `output`, and in each place of that of `by`: d y[i] / d x[j], of shape (*y, *x)."""
        return rebuilt(self.output, iter([self._rows(y) for y in self.ys]))

    def _rows(self, y: Tensor) -> Any:
        """d y / d x for every x, of the form of `by`: one gradient for each number of y."""
        rows = [leaves(self._back([number], [None])) for number in y.reshape(-1)]
        columns = map(stack, zip(*rows)) if rows else (Tensor(np.zeros(0, x.dtype)) for x in self.xs)
        return rebuilt(self.by, (g.reshape(*y.shape, *x.shape) for x, g in zip(self.xs, columns)))

    # What people pass in, and what they get.

    def _vectors(self, v: Any, like: list[Tensor], of_what: str) -> list[Tensor]:
        """`v` as Tensors of the shapes of `like`; 1 for single numbers if it is left out."""
        needed = [x.shape for x in like]
        if v is None:
            if all(x.numel() == 1 for x in like):
                return [tensor(np.ones_like(x.raw)) for x in like]
            raise RuntimeError(f"{self.call} needs v of the shapes of {of_what}, {needed}, got none")
        several = is_several(v) or (isinstance(v, list) and len(like) > 1)
        vectors = [x if isinstance(x, Tensor) else tensor(x) for x in (v if several else [v])]
        shapes = [x.shape for x in vectors]
        if shapes != needed:
            raise ValueError(f"{self.call} needs v of the shapes of {of_what}, {needed}, got {shapes}")
        return vectors

    def settled(self, found: Any) -> Any:
        """`found`, out of the graph unless `create_graph` says otherwise."""
        return rebuilt(found, (self._settled(y) for y in leaves(found)))

    def returned(self, *found: Any) -> Any:
        """`found`, settled, and what else the function returned: a tuple if that is more than one."""
        settled = self.settled((*found, *self.aux))
        return settled if len(settled) > 1 else settled[0]

    def _settled(self, y: Tensor) -> Tensor:
        stays = self.create_graph
        if stays is None and y.requires_grad:
            sources = {y, *(x for node in newest_first(y) for x in node.inputs if isinstance(x, Tensor))}
            stays = any(x.requires_grad and x.operation is None for x in sources.difference(self.xs))
        return y if stays or not y.requires_grad else y.detach()


def is_several(x: Any) -> bool:
    """True for a tuple, and for a list with Tensors in it; a list of numbers is a single vector."""
    return isinstance(x, tuple) or (isinstance(x, list) and any(isinstance(part, Tensor) for part in x))


def _tensors(call: str, what: str, x: Any) -> list[Tensor]:
    if not (found := list(leaves(x))):
        raise TypeError(f"{call} needs {what}, got {type(x).__name__} {short(x)}")
    return found


def _variable(x: Tensor) -> Tensor:
    """A Tensor of its own to differentiate by: behind it is `x`, if that has a graph, else a new leaf."""
    if not x.requires_grad:
        return Tensor(x, requires_grad=True)
    alias = x.reshape(x.shape)
    alias.name = x.name
    return alias


def _pulled(
    ys: Sequence[Tensor], xs: Sequence[Tensor], seeds: Sequence[Any], create_graph: bool
) -> Sequence[Tensor]:
    """vᵀ J by every x, for the vectors v of `seeds`; zeros where nothing depends on it."""
    tracked = [(y, v) for y, v in zip(ys, seeds, strict=True) if y.requires_grad]
    if not tracked:
        return [Tensor(np.zeros_like(x.raw)) for x in xs]
    results, vectors = zip(*tracked)
    return grad(results, xs, list(vectors), create_graph=create_graph, materialize_grads=True)
