"""The gradient as a function, of any order: `grad`, and `backward` of several results at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.tensor.gradient_flow import flow
from tinygrad_edu.tensor.tensor import Tensor, tensor

Tensors = Tensor | Sequence[Tensor]


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,  # noqa: ARG001 - PyTorch's; the graph is always kept here
    create_graph: bool = False,
    only_inputs: bool = True,  # noqa: ARG001 - PyTorch's, which knows no other way either
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:  # as PyTorch annotates it; there is a None only where `allow_unused` asks for it
    """d sum(outputs) / d x for every x of `inputs`, without touching any `.grad`.

    `grad_outputs`: dL / d output for each output that is not a single number. With `create_graph` the results have
    a graph themselves and can be differentiated again. An input that no output depends on is an error, or None with
    `allow_unused`, or zeros with `materialize_grads`.
    Raises `RuntimeError` for that, and where `backward` does.
    """
    if is_grads_batched:
        raise NotImplementedError(
            "grad takes one grad_outputs for each output, not a batch (is_grads_batched); call it for each, or "
            "func.vmap over a function that calls it"
        )
    results = _several("grad", "outputs", outputs)
    sources = _several("grad", "inputs", inputs)
    totals: dict[Tensor, Any] = {}
    for result, seed in zip(results, _seeds("grad", grad_outputs, results)):
        found = flow("grad", result, seed, create_graph, set(sources))
        for x in filter(found.__contains__, dict.fromkeys(sources)):
            totals[x] = totals[x] + found[x] if x in totals else found[x]
    absent = [x for x in sources if x not in totals]
    if absent and not (allow_unused or materialize_grads):
        raise RuntimeError(
            f"grad needs outputs that depend on every input, but none depends on {absent[0].described()}; "
            "pass allow_unused=True to get None for it"
        )
    rest: dict[Tensor, Any] = {
        x: Tensor(np.zeros_like(x.form)) if materialize_grads else None for x in absent
    }
    return tuple(rest[x] if x in rest else _own(totals[x]) for x in sources)


def backward(
    tensors: Tensors,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """`x.backward(g)` for every x of `tensors` with its g of `grad_tensors`: the gradients in `.grad` add up."""
    results = _several("backward", "tensors", tensors)
    seeds = _seeds("backward", grad_tensors, results)
    for i, (result, seed) in enumerate(zip(results, seeds, strict=True), 1):
        keep = retain_graph if i == len(results) else None
        result.backward(seed, retain_graph=keep, create_graph=create_graph, inputs=inputs)


def _own(g: Any) -> Tensor:
    """A gradient in memory of its own, if it has no graph: it may be that of another one, or a shared constant."""
    if not isinstance(g, Tensor):
        return tensor(g)
    return g if g.requires_grad and not g.is_leaf else g.clone()  # watchers know a clone


def _several(call: str, what: str, tensors: Any) -> tuple[Tensor, ...]:
    alone = isinstance(tensors, Tensor | str) or not isinstance(tensors, Iterable)
    found = (tensors,) if alone else tuple(tensors)
    for x in found:
        if not isinstance(x, Tensor):
            raise TypeError(f"{call} needs {what} as Tensors, got {type(x).__name__} {short(x)}")
    return found


def _seeds(call: str, v: Any, results: Sequence[Tensor]) -> list[Any]:
    """The gradient that flows into each result; for a single one, a list of plain numbers is one vector."""
    if v is None:
        return [None] * len(results)
    several = isinstance(v, list | tuple) and not all(isinstance(item, int | float) for item in v)
    seeds = list(v) if several else [v]
    if len(seeds) != len(results):
        raise ValueError(
            f"{call} needs one grad_outputs for each of {len(results)} outputs, got {len(seeds)}"
        )
    return seeds
