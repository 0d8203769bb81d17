"""NumPy's functions on Tensors: `np.exp(t)`, `np.float64(2) * t`, `array @ t`, `np.mean(t, axis=0)` have a gradient."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.ops import OPERATIONS, contractions, elementwise, step_functions
from tinygrad_edu.tensor.functions.diagonals import diag
from tinygrad_edu.tensor.functions.joining import cat, stack

# What NumPy calls a ufunc is an operation of ours, known by its forward function.
UFUNCS: dict[Any, Callable[..., Any]] = {
    op.forward: op for op in reversed(OPERATIONS.values()) if isinstance(op.forward, np.ufunc)
}
UFUNCS |= {
    np.matmul: contractions.matmul,
    np.power: elementwise.power,
    np.sign: elementwise.sign,
    np.positive: lambda x: x,
    np.square: lambda x: x * x,
    np.fmod: step_functions.fmod,
    np.remainder: step_functions.remainder,
    np.floor_divide: step_functions.floor_divide,
}
# The method that does what `ufunc.reduce` does, and the number with which it begins.
REDUCTIONS: dict[Any, tuple[str, float]] = {
    np.add: ("sum", 0),
    np.maximum: ("amax", -np.inf),
    np.minimum: ("amin", np.inf),
    np.logical_and: ("all", 1),
    np.logical_or: ("any", 0),
}


def _reduction(ufunc: Any) -> Callable[..., Any]:
    """The reduction by `ufunc` with all options that NumPy has."""

    def reduced(x: Any, axis: Any = None, dtype: Any = None, **options: Any) -> Any:
        name, begin = REDUCTIONS[ufunc]
        x = x if dtype is None else x.astype(dtype)
        if "where" in options:
            x = elementwise.where(options.pop("where"), x, begin)
        initial = options.pop("initial", None)
        result = getattr(x, name)(axis=axis, **options)
        return result if initial is None else UFUNCS[ufunc](result, initial)

    return reduced


def _squeeze(x: Any, axis: Any = None) -> Any:
    """np.squeeze: without dimensions of size 1; PyTorch leaves the others alone, NumPy refuses."""
    for i in () if axis is None else np.atleast_1d(axis):
        if x.shape[i] != 1:
            raise ValueError(
                f"np.squeeze needs dimensions of size 1, but dimension {i} of {x.described()} has {x.shape[i]}"
            )
    return x.squeeze(axis)


def _dot(a: Any, b: Any) -> Any:
    """np.dot: a product of numbers, vectors or matrices; on stacks it is not `a @ b`."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(a) > 1 and np.ndim(b) > 2:
        raise NotImplementedError(
            f"np.dot needs vectors or matrices, got shapes {np.shape(a)} and {np.shape(b)}; "
            "use a @ b for stacks"
        )
    return contractions.matmul(a, b)


def _where(condition: Any, x: Any, y: Any) -> Any:
    return elementwise.where(condition, x, y)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.sum: _reduction(np.add),
    np.max: _reduction(np.maximum),
    np.min: _reduction(np.minimum),
    np.amax: _reduction(np.maximum),
    np.amin: _reduction(np.minimum),
    np.all: _reduction(np.logical_and),
    np.any: _reduction(np.logical_or),
    np.mean: lambda x, axis=None, keepdims=False: x.mean(axis, keepdims),
    np.var: lambda x, axis=None, ddof=0, keepdims=False: x.var(axis, correction=ddof, keepdim=keepdims),
    np.std: lambda x, axis=None, ddof=0, keepdims=False: x.std(axis, correction=ddof, keepdim=keepdims),
    np.argmax: lambda x, axis=None, keepdims=False: x.argmax(axis, keepdims),
    np.argmin: lambda x, axis=None, keepdims=False: x.argmin(axis, keepdims),
    np.round: lambda x, decimals=0: x.detach().round(decimals=decimals),  # to be shown; it has no slope
    np.clip: lambda x, a_min=None, a_max=None: x.clamp(a_min, a_max),
    np.reshape: lambda x, shape: x.reshape(shape),
    np.ravel: lambda x: x.flatten(),
    np.transpose: lambda x, axes=None: x.T if axes is None else x.permute(axes),
    np.swapaxes: lambda x, axis1, axis2: x.transpose(axis1, axis2),
    np.squeeze: _squeeze,
    np.expand_dims: lambda x, axis: x.unsqueeze(axis),
    np.broadcast_to: lambda x, shape: x.expand(shape),
    np.dot: _dot,
    np.outer: lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1)),
    np.diag: lambda v, k=0: diag(v, k),
    np.where: _where,
    np.concatenate: lambda arrays, axis=0: (
        cat([np.ravel(x) for x in arrays]) if axis is None else cat(arrays, axis)
    ),
    np.stack: lambda arrays, axis=0: stack(arrays, axis),
    np.copy: lambda x: x.clone(),
}

# Questions about shapes and numbers: their answers have no gradient and nobody expects one.
OF_SHAPES = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like}
QUESTIONS = OF_SHAPES | {
    np.allclose,
    np.array_equal,
    np.isclose,
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
        if method == "at" and isinstance(inputs[0], Variable):  # NumPy writes into read-only arrays, too
            raise TypeError(f"{name} cannot overwrite the numbers of a Tensor; call it on an array")
        if method == "reduce" and ufunc in REDUCTIONS:
            return _reduction(ufunc)(*inputs, **{"axis": 0, **options})
        if method == "__call__" and ufunc in UFUNCS and not options:
            return UFUNCS[ufunc](*inputs)
        return _without_gradient(name, ufunc, getattr(ufunc, method), inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        kwargs = {key: x for key, x in kwargs.items() if x is not None or key != "out"}
        if function in FUNCTIONS and _accepts(FUNCTIONS[function], args, kwargs):
            return FUNCTIONS[function](*args, **kwargs)
        name = f"{function.__module__.replace('numpy', 'np')}.{function.__name__}"
        options = f" with {', '.join(kwargs)}" if function in FUNCTIONS and kwargs else ""
        return _without_gradient(name + options, function, function, args, kwargs)


def _accepts(function: Callable[..., Any], args: Any, kwargs: Any) -> bool:
    """True if `function` knows all these arguments: NumPy's has more than ours."""
    try:
        inspect.signature(function).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def _without_gradient(name: str, function: Any, call: Any, args: Any, kwargs: Any) -> Any:
    """The result of `call` (`function`, or a method of it) on plain numbers, unless that loses a gradient."""
    plain = [_plain(name, function, x) for x in args]
    return call(*plain, **{key: _plain(name, function, x) for key, x in kwargs.items()})


def _plain(name: str, function: Any, x: Any) -> Any:
    if isinstance(x, list | tuple):
        return type(x)(_plain(name, function, item) for item in x)
    if not isinstance(x, Variable):
        return x
    if x.requires_grad and function not in QUESTIONS:
        raise NotImplementedError(
            f"{name} has no gradient rule here; write it with operations that have one, or use x.detach()"
        )
    return x.raw if function in OF_SHAPES else x.numpy(force=True)  # type: ignore[attr-defined]
