"""Transformations of functions: grad, vjp, jvp, jacrev, jacfwd, hessian and vmap, as `torch.func`.

A function that a transformation returns may be transformed again. Arguments are Tensors, and structures of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from tinygrad_edu.autograd import functional
from tinygrad_edu.autograd.vectorized_map import vmap
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.structures import leaves, rebuilt
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

Func = Callable[..., Any]
Argnums = int | tuple[int, ...]


def grad(func: Func, argnums: Argnums = 0, has_aux: bool = False) -> Func:
    """The function that returns d func / d argument, of the form of that argument; `func` returns one number.

    With `has_aux`, `func` returns `(number, anything)`, and the result is `(gradient, anything)`.
    """
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        slopes, value = both(*args, **options)
        return (slopes, value[1]) if has_aux else slopes

    return call


def grad_and_value(func: Func, argnums: Argnums = 0, has_aux: bool = False) -> Func:
    """The function that returns `(gradient, value)`, or `(gradient, (value, anything))` with `has_aux`."""

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        given, xs = _variables(args, argnums)
        output, aux = _split_aux(func(*given, **options), has_aux)
        functional.one_number("grad", output)
        slopes = functional.pulled(output, xs, None, True)
        found = _settled((slopes, output), xs)
        value = (found[1], _settled(aux, xs)) if has_aux else found[1]
        return _like(given, argnums, found[0]), value

    return call


def vjp(func: Func, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """`(result, vjp_fn)`: `vjp_fn(v)` is vᵀ J by every primal; with `has_aux` also what else `func` returns."""
    args, xs = _variables(primals, tuple(range(len(primals))))
    output, aux = _split_aux(func(*args), has_aux)

    def vjp_fn(*v: Any) -> tuple[Any, ...]:
        products = functional.pulled(tuple(leaves(output)), xs, list(leaves(v)), True)
        return tuple(rebuilt(list(args), iter(_settled(products, xs))))

    result = _settled(output, xs)
    return (result, vjp_fn, _settled(aux, xs)) if has_aux else (result, vjp_fn)


def jvp(func: Func, primals: Any, tangents: Any, *, has_aux: bool = False) -> tuple[Any, ...]:
    """`(result, J v)` for the tangents v, one for each primal; with `has_aux` also what else `func` returns."""
    args, xs = _variables(tuple(primals), tuple(range(len(primals))))
    output, aux = _split_aux(func(*args), has_aux)
    products = functional.pushed(tuple(leaves(output)), xs, list(leaves(tangents)), True)
    result, slopes = _settled((output, rebuilt(output, iter(products))), xs)
    return (result, slopes, _settled(aux, xs)) if has_aux else (result, slopes)


def linearize(func: Func, *primals: Any) -> tuple[Any, Func]:
    """`(result, jvp_fn)`: `jvp_fn(*tangents)` is J v at the primals."""
    return func(*primals), lambda *tangents: jvp(func, primals, tangents)[1]


def jacrev(func: Func, argnums: Argnums = 0, has_aux: bool = False) -> Func:
    """The function that returns the Jacobian, row by row: of each result by each argument of `argnums`."""

    @functools.wraps(func)
    def call(*args: Any, **options: Any) -> Any:
        given, xs = _variables(args, argnums)
        output, aux = _split_aux(func(*given, **options), has_aux)
        found = [_like(given, argnums, _settled(functional.rows(y, xs, True), xs)) for y in leaves(output)]
        jacobian = rebuilt(output, iter(found))
        return (jacobian, _settled(aux, xs)) if has_aux else jacobian

    return call


def jacfwd(func: Func, argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error") -> Func:  # noqa: ARG001
    """The same Jacobian as `jacrev`, by forward mode in PyTorch; here both are computed row by row."""
    return jacrev(func, argnums, has_aux)


def hessian(func: Func, argnums: Argnums = 0) -> Func:
    """The function that returns the second derivatives: `jacfwd(jacrev(func))`."""
    return jacfwd(jacrev(func, argnums), argnums)


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


# Arguments and results.


def _numbers(argnums: Argnums) -> tuple[int, ...]:
    return (argnums,) if isinstance(argnums, int) else argnums


def _variables(args: tuple[Any, ...], argnums: Argnums) -> tuple[list[Any], list[Tensor]]:
    """The arguments, with Tensors of their own in those to differentiate by, and these Tensors."""
    chosen = {i % len(args) for i in _numbers(argnums)}
    fresh = [
        rebuilt(x, map(functional.variable, leaves(x))) if i in chosen else x for i, x in enumerate(args)
    ]
    return fresh, [x for i in sorted(chosen) for x in leaves(fresh[i])]


def _like(args: list[Any], argnums: Argnums, found: Iterable[Any]) -> Any:
    """What was found for each Tensor, in the form of the arguments."""
    waiting = iter(found)
    chosen = sorted(i % len(args) for i in _numbers(argnums))
    parts = {i: rebuilt(args[i], waiting) for i in chosen}
    return (
        parts[argnums % len(args)]
        if isinstance(argnums, int)
        else tuple(parts[i % len(args)] for i in argnums)
    )


def _split_aux(output: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return output, None
    if not isinstance(output, tuple) or len(output) != 2:
        raise RuntimeError(
            f"has_aux=True needs a function that returns (result, anything), got {output!r:.80}"
        )
    return output


def _settled(found: Any, xs: list[Tensor]) -> Any:
    """The results, out of the graph where that leads to nothing but the Tensors made for the transformation."""
    own = {x for x in xs if x.operation is None}
    return rebuilt(found, (y if _leads_beyond(y, own) else y.detach() for y in leaves(found)))


def _leads_beyond(y: Tensor, own: set[Tensor]) -> bool:
    if y.operation is None:
        return y not in own
    sources = (x for node in newest_first(y) for x in node.inputs if isinstance(x, Tensor))
    return any(x.requires_grad and x.operation is None and x not in own for x in sources)


def _owner(module: Module, path: str) -> tuple[Any, str]:
    *parts, name = path.split(".")
    owner: Any = module
    for part in parts:
        owner = owner[int(part)] if isinstance(owner, list | tuple) else getattr(owner, part)
    if name not in vars(owner):
        raise KeyError(
            f"functional_call needs names of parameters, and {type(module).__name__} has no {path!r}"
        )
    return owner, name
