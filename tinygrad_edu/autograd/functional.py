"""Derivatives of functions: vjp, jvp, jacobian, hessian and their products, as `torch.autograd.functional`.

`inputs` is a Tensor or a tuple of them, and so is what `func(*inputs)` returns; the derivatives have the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.autograd.derivatives import grad
from tinygrad_edu.ops import shape
from tinygrad_edu.tensor.tensor import Tensor, tensor

Func = Callable[..., Any]


def vjp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`(func(*inputs), vᵀ J)`: the vector-Jacobian product. `v` may be left out if the result is one number."""
    xs, outputs = _computed("vjp", func, inputs, strict)
    products = pulled(outputs, xs, _like("vjp", v, outputs, "the results"), create_graph)
    return _as_given(outputs, create_graph), _packed(products, inputs)


def jvp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`(func(*inputs), J v)`: the Jacobian-vector product, by differentiating uᵀ J with respect to u."""
    xs, outputs = _computed("jvp", func, inputs, strict)
    return _as_given(outputs, create_graph), pushed(
        outputs, xs, _like("jvp", v, xs, "the inputs"), create_graph
    )


def jacobian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,  # noqa: ARG001 - how PyTorch computes it; the result is the same
    strategy: str = "reverse-mode",  # noqa: ARG001
) -> Any:
    """The Jacobian: shape (*result, *input), entry d result[i] / d input[j], for each result and each input."""
    xs, outputs = _computed("jacobian", func, inputs, strict)
    found = tuple(_packed(rows(y, xs, create_graph), inputs) for y in _tuple(outputs))
    return _packed(found, outputs)


def hessian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,  # noqa: ARG001
    outer_jacobian_strategy: str = "reverse-mode",  # noqa: ARG001
) -> Any:
    """The second derivatives of a `func` that returns one number: shape (*input, *other input), for each pair."""

    def slopes(*xs: Tensor) -> Any:
        return pulled(one_number("hessian", func(*xs)), xs, None, True)

    found = jacobian(slopes, _tuple(inputs), create_graph, strict)
    return found if _several(inputs) else found[0][0]


def vhp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`(func(*inputs), vᵀ H)`: a vector times the Hessian, without building the Hessian."""
    return _times_hessian("vhp", func, inputs, v, create_graph, strict)


def hvp(
    func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """`(func(*inputs), H v)`: the Hessian times a vector, the same as `vhp`, as the Hessian is symmetric."""
    return _times_hessian("hvp", func, inputs, v, create_graph, strict)


def _times_hessian(call: str, func: Func, inputs: Any, v: Any, create_graph: bool, strict: bool) -> Any:
    xs, output = _computed(call, func, inputs, strict)
    slopes = pulled(one_number(call, output), xs, None, True)
    products = pulled(slopes, xs, _like(call, v, xs, "the inputs"), create_graph)
    return _as_given(output, create_graph), _packed(products, inputs)


# The walks behind them.


def pulled(outputs: Any, xs: Sequence[Tensor], v: Any, create_graph: bool) -> tuple[Tensor, ...]:
    """vᵀ J by every x; zeros where nothing depends on it."""
    results = _tuple(outputs)
    seeds = [None] * len(results) if v is None else v
    tracked = [(y, g) for y, g in zip(results, seeds, strict=True) if y.requires_grad]
    if not tracked:
        return tuple(Tensor(np.zeros_like(x.raw)) for x in xs)
    ys, gs = zip(*tracked)
    return grad(ys, xs, list(gs), create_graph=create_graph, materialize_grads=True)


def pushed(outputs: Any, xs: Sequence[Tensor], v: Any, create_graph: bool) -> Any:
    """J v for every result."""
    us = [Tensor(np.zeros_like(y.raw), requires_grad=True) for y in _tuple(outputs)]
    slopes = pulled(outputs, xs, us, True)
    return _packed(pulled(slopes, us, v, create_graph), outputs)


def rows(result: Tensor, xs: Sequence[Tensor], create_graph: bool) -> tuple[Tensor, ...]:
    """The Jacobian of one result by every x: one gradient for each of its numbers."""
    found = [pulled(number, xs, None, create_graph) for number in result.reshape(-1)]
    return tuple(
        shape.cat(*(g.reshape(1, *x.shape) for g in column), dim=0).reshape(*result.shape, *x.shape)
        if column
        else Tensor(np.zeros((*result.shape, *x.shape), x.dtype))
        for x, column in zip(xs, zip(*found) if found else [()] * len(xs))
    )


# What people pass in, and what they get.


def _several(x: Any) -> bool:
    """True for a tuple, or a list with Tensors in it; one of numbers is a single vector."""
    return isinstance(x, tuple) or (isinstance(x, list) and any(isinstance(part, Tensor) for part in x))


def _tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if _several(x) else (x,)


def _packed(found: tuple[Tensor, ...], like: Any) -> Any:
    return found if _several(like) else found[0]


def _as_given(outputs: Any, create_graph: bool) -> Any:
    results = tuple(y if create_graph else y.detach() for y in _tuple(outputs))
    return _packed(results, outputs)


def variable(x: Any) -> Tensor:
    """A Tensor of its own to differentiate by: behind it is `x`, if that has a graph, else a new leaf."""
    if isinstance(x, Tensor) and x.requires_grad:
        alias = x.reshape(x.shape)
        alias.name = x.name
        return alias
    return Tensor(x, requires_grad=True)


def _computed(call: str, func: Func, inputs: Any, strict: bool) -> tuple[tuple[Tensor, ...], Any]:
    """The inputs to differentiate by, and what `func` makes of them."""
    xs = tuple(map(variable, _tuple(inputs)))
    outputs = func(*xs)
    for y in _tuple(outputs):
        _check_tensor(call, y)
        if strict and not y.requires_grad:
            raise RuntimeError(f"{call} with strict=True needs results that depend on the inputs")
    return xs, outputs


def one_number(call: str, y: Any) -> Any:
    """`y`, which must be a Tensor with a single number."""
    _check_tensor(call, y)
    if y.numel() != 1:
        raise RuntimeError(f"{call} needs a function that returns a single number, got shape {y.shape}")
    return y


def _check_tensor(call: str, y: Any) -> None:
    if not isinstance(y, Tensor):
        raise TypeError(f"{call} needs a function that returns a Tensor, got {type(y).__name__} {short(y)}")


def _like(call: str, v: Any, xs: Any, of_what: str) -> Any:
    """`v` as a list of Tensors of the shapes of `xs`; 1 for single numbers if it is left out."""
    expected = _tuple(xs)
    if v is None:
        if all(x.numel() == 1 for x in expected):
            return [tensor(np.ones_like(x.raw)) for x in expected]
        raise RuntimeError(
            f"{call} needs v of the shapes of {of_what}, {[x.shape for x in expected]}, got none"
        )
    given = v if _several(v) or (isinstance(v, list) and len(expected) > 1) else [v]
    vectors = [x if isinstance(x, Tensor) else tensor(x) for x in given]
    shapes, needed = [x.shape for x in vectors], [x.shape for x in expected]
    if shapes != needed:
        raise ValueError(f"{call} needs v of the shapes of {of_what}, {needed}, got {shapes}")
    return vectors
