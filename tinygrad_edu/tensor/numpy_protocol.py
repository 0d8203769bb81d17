"""NumPy's functions on Tensors: `np.exp(t)`, `np.float64(2) * t`, `array @ t`, `np.mean(t, axis=0)` have a gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import READ, Variable, announce
from tinygrad_edu.ops import OPERATIONS, elementwise, linalg
from tinygrad_edu.tensor.shaping import cat, stack

# What NumPy calls a ufunc is an operation of ours, known by its forward function.
UFUNCS: dict[Any, Callable[..., Any]] = {op.forward: op for op in OPERATIONS.values()}
UFUNCS |= {np.matmul: OPERATIONS["matmul"], np.power: elementwise.power, np.positive: lambda x: x}
UFUNCS |= {np.square: lambda x: x * x, np.logaddexp: lambda x, y: y + elementwise.softplus(x - y)}
REDUCTIONS = {np.add: "sum", np.maximum: "max", np.minimum: "min"}


def _dot(a: Any, b: Any) -> Any:
    """np.dot: a product of numbers, vectors or matrices; on stacks it is not `a @ b`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(a) > 1 and np.ndim(b) > 2:
        raise NotImplementedError(
            f"np.dot needs vectors or matrices, got shapes {np.shape(a)} and {np.shape(b)}; "
            "use a @ b for stacks"
        )
    return linalg.matmul(a, b)


def _where(condition: Any, x: Any, y: Any) -> Any:
    return elementwise.where(condition, x, y)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: lambda x, axis=None, keepdims=False: x.sum(axis, keepdims),
    np.mean: lambda x, axis=None, keepdims=False: x.mean(axis, keepdims),
    np.max: lambda x, axis=None, keepdims=False: x.amax(axis, keepdims),
    np.min: lambda x, axis=None, keepdims=False: x.amin(axis, keepdims),
    np.amax: lambda x, axis=None, keepdims=False: x.amax(axis, keepdims),
    np.amin: lambda x, axis=None, keepdims=False: x.amin(axis, keepdims),
    np.var: lambda x, axis=None, ddof=0, keepdims=False: x.var(axis, correction=ddof, keepdim=keepdims),
    np.std: lambda x, axis=None, ddof=0, keepdims=False: x.std(axis, correction=ddof, keepdim=keepdims),
    np.argmax: lambda x, axis=None, keepdims=False: x.argmax(axis, keepdims),
    np.argmin: lambda x, axis=None, keepdims=False: x.argmin(axis, keepdims),
    np.round: lambda x, decimals=0: x.round(decimals=decimals),
    np.clip: lambda x, a_min=None, a_max=None: x.clamp(a_min, a_max),
    np.reshape: lambda x, shape: x.reshape(shape),
    np.ravel: lambda x: x.flatten(),
    np.transpose: lambda x, axes=None: x.T if axes is None else x.permute(axes),
    np.swapaxes: lambda x, axis1, axis2: x.transpose(axis1, axis2),
    np.squeeze: lambda x, axis=None: x.squeeze(axis),
    np.expand_dims: lambda x, axis: x.unsqueeze(axis),
    np.broadcast_to: lambda x, shape: x.expand(shape),
    np.dot: _dot,
    np.outer: lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
    np.diag: lambda v: v.unsqueeze(0) * np.eye(len(v)) if v.ndim == 1 else v[(np.arange(min(v.shape)),) * 2],
    np.where: _where,
    np.concatenate: lambda arrays, axis=0: cat(arrays, axis),
    np.stack: lambda arrays, axis=0: stack(arrays, axis),
    np.copy: lambda x: x.clone(),
}

# Questions about shapes and numbers: their answers have no gradient and nobody expects one.
OF_SHAPES = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like}
QUESTIONS = OF_SHAPES | {
    np.allclose,
    np.array_equal,
    np.isclose,
    np.isfinite,
    np.isnan,
    np.isinf,
    np.array_repr,
    np.array_str,
}


class NumpyProtocol:
    """`__array_ufunc__` and `__array_function__` for Tensor."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        name = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else "")
        if options.get("out") is not None:
            raise TypeError(
                f"{name} cannot write a Tensor into an array (out=, or array += tensor); write x = x + y"
            )
        if method == "reduce" and ufunc in REDUCTIONS:
            reduced = getattr(inputs[0], REDUCTIONS[ufunc])
            return reduced(axis=options.get("axis", 0), keepdims=options.get("keepdims", False))
        if method == "__call__" and ufunc in UFUNCS and not options:
            return UFUNCS[ufunc](*inputs)
        return _without_gradient(name, getattr(ufunc, method), inputs, options, asked=ufunc)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in FUNCTIONS and _accepts(FUNCTIONS[function], args, kwargs):
            return FUNCTIONS[function](*args, **kwargs)
        name = f"{function.__module__.replace('numpy', 'np')}.{function.__name__}"
        options = f" with {', '.join(kwargs)}" if function in FUNCTIONS and kwargs else ""
        return _without_gradient(name + options, function, args, kwargs, asked=function)


def _accepts(function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    """Whether `function` knows all these arguments: NumPy's has more than ours."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _without_gradient(name: str, function: Any, args: Any, kwargs: Any, *, asked: Any) -> Any:
    """NumPy's own result on the plain numbers, unless that would lose a gradient."""

    def plain(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return type(x)(plain(item) for item in x)
        if isinstance(x, Variable) and x.requires_grad and asked not in QUESTIONS:
            raise NotImplementedError(
                f"{name} has no gradient rule here; write it with operations that have one, or use x.detach()"
            )
        if isinstance(x, Variable) and asked not in OF_SHAPES:
            announce(READ, x)
        return x.raw if isinstance(x, Variable) else x

    return function(*map(plain, args), **{key: plain(value) for key, value in kwargs.items()})
