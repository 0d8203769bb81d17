"""Derivatives as functions: grad, and from it vjp, jvp, jacobian, hessian and hvp, of any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.gradient_flow import flow
from tinygrad_edu.tensor.tensor import Tensor, tensor

Tensors = Tensor | Sequence[Tensor]
_Func = Callable[..., Tensor]


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    *,
    retain_graph: bool | None = None,  # noqa: ARG001 - PyTorch's; the graph is always kept here
    create_graph: bool = False,
    allow_unused: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor, ...]:  # as PyTorch annotates it; there is a None only where `allow_unused` asks for it
    """d sum(outputs) / d x for every x of `inputs`, without touching any `.grad`.

    `grad_outputs`: dL / d output for each output that is not a single number. With `create_graph` the results have
    a graph themselves and can be differentiated again. An input that no output depends on is an error, or None with
    `allow_unused`, or zeros with `materialize_grads`.
    Raises `RuntimeError` for that, and where `backward` does.
    """
    results = _several("grad", "outputs", outputs)
    sources = _several("grad", "inputs", inputs)
    found: list[Any] = _flows("grad", results, sources, _seeds("grad", grad_outputs, results), create_graph)
    if not (allow_unused or materialize_grads):
        for x, g in zip(sources, found):
            if g is None:
                raise RuntimeError(
                    f"grad needs outputs that depend on every input, but none depends on {x.described()}; "
                    "pass allow_unused=True to get None for it"
                )
    return tuple(_zeros(x) if g is None and materialize_grads else g for x, g in zip(sources, found))


def vjp(func: _Func, inputs: Any, v: Any = None, *, create_graph: bool = False) -> tuple[Tensor, Any]:
    """`(func(*inputs), vᵀ J)`: the vector-Jacobian product, one per input (a single one if `inputs` is a Tensor)."""
    leaves = _leaves(inputs)
    result = _result("vjp", func, leaves)
    products = _pulled("vjp", result, leaves, v, create_graph)
    return result, products if isinstance(inputs, list | tuple) else products[0]


def jvp(func: _Func, inputs: Any, v: Any, *, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """`(func(*inputs), J v)`: the Jacobian-vector product, by differentiating uᵀ J with respect to u."""
    leaves = _leaves(inputs)
    directions = _directions(v, leaves)
    result = _result("jvp", func, leaves)
    u = Tensor(np.zeros_like(result.raw), requires_grad=True)
    rows = _pulled("jvp", result, leaves, u, True)
    total = stack([(row * d).sum() for row, d in zip(rows, directions)]).sum()
    return result, _pulled("jvp", total, (u,), None, create_graph)[0]


def jacobian(func: _Func, inputs: Tensor, *, create_graph: bool = False) -> Tensor:
    """The Jacobian of `func` at one Tensor: shape (*result, *inputs), entry d result[i] / d inputs[j]."""
    (x,) = _leaves(_single("jacobian", inputs))
    return _rows("jacobian", _result("jacobian", func, (x,)), x, create_graph)


def hessian(func: _Func, inputs: Tensor, *, create_graph: bool = False) -> Tensor:
    """The second derivatives of a `func` that returns one number: shape (*inputs, *inputs)."""
    (x,) = _leaves(_single("hessian", inputs))
    (slope,) = _pulled("hessian", _result("hessian", func, (x,)), (x,), None, True)
    return _rows("hessian", slope, x, create_graph)


def hvp(func: _Func, inputs: Tensor, v: Any, *, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """`(func(inputs), H v)`: the Hessian times a vector, without building the Hessian."""
    (x,) = _leaves(_single("hvp", inputs))
    result = _result("hvp", func, (x,))
    (slope,) = _pulled("hvp", result, (x,), None, True)
    return result, _pulled("hvp", slope, (x,), v, create_graph)[0]


def _flows(
    call: str,
    results: Sequence[Tensor],
    sources: Sequence[Tensor],
    seeds: Sequence[Any],
    create_graph: bool,
) -> list[Tensor | None]:
    """The gradient of every source, summed over the results; None where nothing flows."""
    totals: list[Any] = [None] * len(sources)
    for result, seed in zip(results, seeds):
        found = flow(call, result, seed, create_graph)
        for i, x in enumerate(sources):
            if x in found:
                totals[i] = found[x] if totals[i] is None else totals[i] + found[x]
    # A gradient without a graph is copied: its memory may be that of another one, or of a shared constant.
    return [g if g is None or getattr(g, "requires_grad", False) else _copy(g) for g in totals]


def _copy(g: Any) -> Tensor:
    """In memory of its own; that of a Tensor so that watchers know where it comes from."""
    return g.clone() if isinstance(g, Tensor) else tensor(g)


def _pulled(
    call: str, result: Tensor, leaves: Sequence[Tensor], v: Any, create_graph: bool
) -> tuple[Tensor, ...]:
    """vᵀ J for every leaf; zeros for one that the result does not depend on."""
    if not result.requires_grad:
        return tuple(map(_zeros, leaves))
    found = _flows(call, (result,), leaves, _seeds(call, v, (result,)), create_graph)
    return tuple(_zeros(x) if g is None else g for x, g in zip(leaves, found))


def _rows(call: str, result: Tensor, x: Tensor, create_graph: bool) -> Tensor:
    """One gradient for each number of `result`."""
    rows = [_pulled(call, one, (x,), None, create_graph)[0] for one in result.reshape(-1)]
    shape = (*result.shape, *x.shape)
    return stack(rows).reshape(shape) if rows else Tensor(np.zeros(shape, x.dtype))


def _zeros(x: Tensor) -> Tensor:
    return Tensor(np.zeros_like(x.raw))


# What people pass in.


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


def _single(call: str, inputs: Any) -> Any:
    if isinstance(inputs, tuple):
        raise TypeError(
            f"{call} needs one Tensor, got a tuple of {len(inputs)}; keep the others fixed: "
            f"{call}(lambda x: f(x, y), x)"
        )
    return [inputs]


def _leaves(inputs: Any) -> tuple[Tensor, ...]:
    values = inputs if isinstance(inputs, list | tuple) else (inputs,)
    return tuple(
        x if isinstance(x, Tensor) and x.requires_grad else Tensor(x, requires_grad=True) for x in values
    )


def _directions(v: Any, leaves: Sequence[Tensor]) -> list[Tensor]:
    values = v if isinstance(v, list | tuple) and len(leaves) > 1 else [v]
    directions = [x if isinstance(x, Tensor) else tensor(x) for x in values]
    shapes, needed = [d.shape for d in directions], [x.shape for x in leaves]
    if shapes != needed:
        raise ValueError(f"jvp needs v of the shapes of the inputs, {needed}, got {shapes}")
    return directions


def _result(call: str, func: _Func, leaves: Sequence[Tensor]) -> Tensor:
    result = func(*leaves)
    if not isinstance(result, Tensor):
        raise TypeError(
            f"{call} needs a function that returns a Tensor, got {type(result).__name__} {short(result)}"
        )
    return result


def __getattr__(name: str) -> Any:
    if name == "Function":
        raise AttributeError(
            "autograd.Function is not there; write an operation with a rule per input instead: Operation(forward, "
            "lambda g, y, x: ...), or Elementwise for numbers one by one"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
