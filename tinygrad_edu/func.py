"""Transformations of functions: grad, vjp, jvp, jacrev, jacfwd, hessian and vmap, as `torch.func`.

A function that a transformation returns may be transformed again. Arguments are Tensors, and structures of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from tinygrad_edu.autograd.evaluation import Argnums, Evaluation, Func
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.nested import leaves, rebuilt
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "vjp",
    "vmap",
]


def grad(func: Func, argnums: Argnums = 0, has_aux: bool = False) -> Func:
    """The function that returns d func / d argument, of the form of that argument; `func` returns one number.

    With `has_aux`, `func` returns `(number, anything)`, and the result is `(gradient, anything)`.
    """

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        at = Evaluation("grad", func, args, argnums, options, has_aux=has_aux)
        return at.returned(at.slopes())

    return call


def grad_and_value(func: Func, argnums: Argnums = 0, has_aux: bool = False) -> Func:
    """The function that returns `(gradient, value)`, or `(gradient, (value, anything))` with `has_aux`."""

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        at = Evaluation("grad_and_value", func, args, argnums, options, has_aux=has_aux)
        return at.settled(at.slopes()), at.returned(at.output)

    return call


def vjp(func: Func, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`(result, vjp_fn)`: `vjp_fn(v)` is vᵀ J by every primal; with `has_aux` also what else `func` returns."""
    at = Evaluation("vjp", func, primals, tuple(range(len(primals))), has_aux=has_aux)
    return at.returned(at.output, lambda *v: at.settled(at.pulled(list(leaves(v)))))


def jvp(func: Func, primals: Any, tangents: Any, *, has_aux: bool = False) -> tuple[Any, ...]:
    """`(result, J v)` for the tangents v, one for each primal; with `has_aux` also what else `func` returns."""
    at = Evaluation("jvp", func, primals, tuple(range(len(primals))), has_aux=has_aux)
    return at.returned(at.output, at.pushed(list(leaves(tangents))))


def linearize(func: Func, *primals: Any) -> tuple[Any, Func]:
    """`(result, jvp_fn)`: `jvp_fn(*tangents)` is J v at the primals."""
    return func(*primals), lambda *tangents: jvp(func, primals, tangents)[1]


def jacrev(func: Func, argnums: Argnums = 0, has_aux: bool = False) -> Func:
    """The function that returns the Jacobian, row by row: of each result by each argument of `argnums`."""

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        at = Evaluation("jacrev", func, args, argnums, options, has_aux=has_aux)
        return at.returned(at.jacobian())

    return call


def jacfwd(func: Func, argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error") -> Func:  # noqa: ARG001
    """The same Jacobian as `jacrev`, by forward mode in PyTorch; here both are computed row by row."""
    return jacrev(func, argnums, has_aux)


def hessian(func: Func, argnums: Argnums = 0) -> Func:
    """The function that returns the second derivatives: `jacfwd(jacrev(func))`."""
    return jacfwd(jacrev(func, argnums), argnums)


def vmap(
    func: Func,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",  # noqa: ARG001 - each example draws its own numbers
    *,
    chunk_size: int | None = None,  # noqa: ARG001 - examples are computed one by one
) -> Func:
    """The function that maps `func` over a dimension of its arguments and stacks the results.

    `in_dims` says for each argument over which dimension, None for one that is the same for all. Examples are computed
    one after the other.
    """

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        mapped = list(zip(leaves(args), _spread(in_dims, args), strict=True))
        sizes = {x.shape[dim] for x, dim in mapped if dim is not None}
        if len(sizes) != 1:
            raise ValueError(
                f"vmap needs one size of all mapped dimensions, got {sorted(sizes) or 'none mapped'}"
            )
        results = []
        for i in range(sizes.pop()):
            example = (x if dim is None else x.select(dim, i) for x, dim in mapped)
            results.append(func(*rebuilt(args, example), **options))
        columns = zip(zip(*map(leaves, results)), _spread(out_dims, results[0]))
        return rebuilt(results[0], (stack(column, dim) for column, dim in columns))

    return call


def _spread(dims: Any, args: Any) -> Iterator[Any]:
    """One of `dims` for each Tensor in a structure."""
    if isinstance(args, Tensor):
        yield dims
    elif isinstance(args, dict | tuple | list):
        for key, part in args.items() if isinstance(args, dict) else enumerate(args):
            yield from _spread(dims[key] if isinstance(dims, dict | tuple | list) else dims, part)


def functional_call(
    module: Module, parameters: Any, args: Any = (), kwargs: dict[str, Any] | None = None, **_ties: Any
) -> Any:
    """`module(*args, **kwargs)` with other parameters: a dict by path, or several; the module stays as it is."""
    given = parameters if isinstance(parameters, tuple | list) else (parameters,)
    with ExitStack() as stack:
        for path, value in (pair for each in given for pair in each.items()):
            owner, name = _owner(module, path)
            stack.callback(vars(owner).__setitem__, name, vars(owner)[name])
            vars(owner)[name] = value
        return module(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))


def _owner(module: Module, path: str) -> tuple[Any, str]:
    """The module that has the parameter or buffer at `path`, and its name there."""
    parts, _, name = path.rpartition(".")
    owner = module.get_submodule(parts)
    if name not in vars(owner):
        raise KeyError(
            f"functional_call needs names of parameters, and {type(module).__name__} has no {path!r}"
        )
    return owner, name
