"""Derivatives as functions: grad, and from it vjp, jvp, jacobian, hessian and hvp, of any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.notation import short
from tinygrad_edu.shaping import stack
from tinygrad_edu.tensor import Tensor, flow

Tensors = Tensor | Sequence[Tensor]
Function = Callable[..., Tensor]


def _several(call: str, what: str, tensors: Any) -> tuple[Tensor, ...]:
    found = (tensors,) if isinstance(tensors, Tensor) else tuple(tensors)
    for x in found:
        if not isinstance(x, Tensor):
            raise TypeError(f"{call} needs {what} as Tensors, got {type(x).__name__} {short(x)}")
    return found


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    *,
    retain_graph: bool | None = None,  # noqa: ARG001 - PyTorch's; the graph is always kept here
    create_graph: bool = False,
    allow_unused: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """d sum(outputs) / d x for every x of `inputs`, without touching any `.grad`.

    `grad_outputs`: dL / d output for each output that is not a single number. With `create_graph` the results have
    a graph themselves and can be differentiated again. An input that no output depends on is an error, or None with
    `allow_unused`, or zeros with `materialize_grads`.
    Raises `RuntimeError` for that, and where `backward` does.
    """
    results = _several("grad", "outputs", outputs)
    sources = _several("grad", "inputs", inputs)
    seeds = [None] * len(results) if grad_outputs is None else grad_outputs
    seeds = [seeds] if isinstance(seeds, Tensor | np.ndarray) else list(seeds)
    if len(seeds) != len(results):
        raise ValueError(f"grad needs one grad_outputs for each of {len(results)} outputs, got {len(seeds)}")
    totals: list[Any] = [None] * len(sources)
    for result, seed in zip(results, seeds, strict=True):
        found = flow("grad", result, seed, create_graph)
        for i, x in enumerate(sources):
            if x in found:
                totals[i] = found[x] if totals[i] is None else totals[i] + found[x]
    return tuple(
        _checked(x, g, allow_unused, materialize_grads) for x, g in zip(sources, totals, strict=True)
    )


def _checked(x: Tensor, g: Any, allow_unused: bool, materialize: bool) -> Tensor | None:
    if g is not None:
        return g if isinstance(g, Tensor) else Tensor(g)
    if materialize:
        return Tensor(np.zeros_like(x.raw))
    if allow_unused:
        return None
    raise RuntimeError(
        f"grad needs outputs that depend on every input, but none depends on {x.described()}; "
        "pass allow_unused=True to get None for it"
    )


def _leaves(call: str, inputs: Any) -> tuple[Tensor, ...]:
    values = (inputs,) if isinstance(inputs, Tensor | np.ndarray | float | int) else tuple(inputs)
    return tuple(
        x if isinstance(x, Tensor) and x.requires_grad else Tensor(x, requires_grad=True) for x in values
    )


def vjp(func: Function, inputs: Any, v: Any = None, *, create_graph: bool = False) -> tuple[Tensor, Any]:
    """`(func(*inputs), vᵀ J)`: the vector-Jacobian product, one per input (a single one if `inputs` is a Tensor)."""
    leaves = _leaves("vjp", inputs)
    result = func(*leaves)
    found = grad(result, leaves, v, create_graph=create_graph, materialize_grads=True)
    return result, found[0] if isinstance(inputs, Tensor) else found


def jvp(func: Function, inputs: Any, v: Any) -> tuple[Tensor, Tensor]:
    """`(func(*inputs), J v)`: the Jacobian-vector product, by differentiating uᵀ J with respect to u."""
    leaves = _leaves("jvp", inputs)
    directions = _leaves("jvp", v)
    result = func(*leaves)
    u = Tensor(np.zeros_like(result.raw), requires_grad=True)
    rows = grad(result, leaves, u, create_graph=True, materialize_grads=True)
    total = sum((row * d).sum() for row, d in zip(rows, directions, strict=True) if row is not None)
    if not isinstance(total, Tensor) or not total.requires_grad:
        return result, Tensor(np.zeros_like(result.raw))
    (product,) = grad(total, u, materialize_grads=True)
    assert product is not None
    return result, product


def jacobian(func: Function, inputs: Tensor, *, create_graph: bool = False) -> Tensor:
    """The Jacobian of `func` at one Tensor: shape (*result, *inputs), entry d result[i] / d inputs[j]."""
    (x,) = _leaves("jacobian", inputs)
    result = func(x)
    flat = result.reshape(-1)
    rows = [
        grad(flat[i], x, create_graph=create_graph, materialize_grads=True)[0] for i in range(flat.numel())
    ]
    return stack([row for row in rows if row is not None]).reshape((*result.shape, *x.shape))


def hessian(func: Function, inputs: Tensor) -> Tensor:
    """The second derivatives of a `func` that returns one number: shape (*inputs, *inputs)."""

    def first(x: Tensor) -> Tensor:
        (g,) = grad(func(x), x, create_graph=True, materialize_grads=True)
        assert g is not None
        return g

    return jacobian(first, inputs)


def hvp(func: Function, inputs: Tensor, v: Any) -> tuple[Tensor, Tensor]:
    """`(func(inputs), H v)`: the Hessian times a vector, without building the Hessian."""
    (x,) = _leaves("hvp", inputs)
    result = func(x)
    (g,) = grad(result, x, create_graph=True, materialize_grads=True)
    assert g is not None
    product = grad(g, x, v, materialize_grads=True)[0] if g.requires_grad else Tensor(np.zeros_like(x.raw))
    assert product is not None
    return result, product
