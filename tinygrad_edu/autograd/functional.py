"""Derivatives of functions: vjp, jvp, jacobian, hessian and their products, as `torch.autograd.functional`.

`inputs` is a Tensor or a tuple of them, and so is what `func(*inputs)` returns; the derivatives have the same form.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.autograd.evaluation import Evaluation, Func, is_several
from tinygrad_edu.tensor.tensor import Tensor

Pair = tuple[Any, Any]


def _evaluated(call: str, func: Func, inputs: Any, create_graph: bool, strict: bool = False) -> Evaluation:
    several = is_several(inputs)
    args = [x if isinstance(x, Tensor) else Tensor(x) for x in (inputs if several else (inputs,))]
    argnums = tuple(range(len(args))) if several else 0
    at = Evaluation(call, func, args, argnums, create_graph=create_graph)
    if strict and not all(y.requires_grad for y in at.ys):
        raise RuntimeError(f"{call} with strict=True needs results that depend on the inputs")
    return at


def vjp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Pair:
    """`(func(*inputs), vᵀ J)`: the vector-Jacobian product. `v` may be left out if the result is one number."""
    at = _evaluated("vjp", func, inputs, create_graph, strict)
    return at.returned(at.output, at.pulled(v))


def jvp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Pair:
    """`(func(*inputs), J v)`: the Jacobian-vector product, by differentiating uᵀ J with respect to u."""
    at = _evaluated("jvp", func, inputs, create_graph, strict)
    return at.returned(at.output, at.pushed(v))


def jacobian(
    func: Func,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,  # noqa: ARG001 - how PyTorch computes it; the result is the same
    strategy: str = "reverse-mode",  # noqa: ARG001
) -> Any:
    """The Jacobian: shape (*result, *input), entry d result[i] / d input[j], for each result and each input."""
    at = _evaluated("jacobian", func, inputs, create_graph, strict)
    return at.returned(at.jacobian())


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
        return _evaluated("hessian", func, xs if is_several(inputs) else xs[0], create_graph=True).slopes()

    return jacobian(slopes, inputs, create_graph, strict)


def vhp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Pair:
    """`(func(*inputs), vᵀ H)`: a vector times the Hessian, without building the Hessian."""
    at = _evaluated("vhp", func, inputs, create_graph, strict)
    return at.returned(at.output, at.times_hessian(v))


def hvp(func: Func, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Pair:
    """`(func(*inputs), H v)`: the Hessian times a vector, the same as `vhp`, as the Hessian is symmetric."""
    at = _evaluated("hvp", func, inputs, create_graph, strict)
    return at.returned(at.output, at.times_hessian(v))
