"""NumPy's functions on Tensors: `np.exp(t)`, `np.float64(2) * t`, `array @ t`, `np.mean(t, axis=0)` have a gradient."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.tensor.numpy_functions import FUNCTIONS
from tinygrad_edu.tensor.numpy_ufuncs import ACCUMULATIONS, REDUCTIONS, UFUNCS, accumulation, outer, reduction

# Questions about shapes and numbers: their answers have no gradient and nobody expects one.
OF_SHAPES = {
    np.shape,
    np.ndim,
    np.size,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.full_like,
    np.result_type,
    np.can_cast,
    np.min_scalar_type,
    np.common_type,
    np.iscomplexobj,
    np.isrealobj,
    np.shares_memory,
    np.may_share_memory,
}
QUESTIONS = OF_SHAPES | {
    np.allclose,
    np.array_equal,
    np.array_equiv,
    np.isclose,
    np.isreal,
    np.iscomplex,
    np.array_repr,
    np.array_str,
    np.nonzero,
    np.flatnonzero,
    np.argwhere,
    np.count_nonzero,
    np.searchsorted,
    np.digitize,
    np.argpartition,
    np.lexsort,
}


# What a ufunc can do but be called.
METHODS: dict[tuple[str, np.ufunc], Callable[..., Any]] = {
    **{("reduce", ufunc): reduction(ufunc, 0) for ufunc in REDUCTIONS},
    **{("accumulate", ufunc): accumulation(ufunc, 0) for ufunc in ACCUMULATIONS},
    **{("outer", ufunc): outer(ufunc) for ufunc in UFUNCS if ufunc.nin == 2 and ufunc.signature is None},
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
        options.pop("out", None)
        ours = METHODS.get((method, ufunc))
        if ours is not None and (fit := _fitting(ours, inputs, options)):
            return ours(*fit[0], **fit[1])
        if method == "__call__" and ufunc in UFUNCS and not options:
            return UFUNCS[ufunc](*inputs)
        return _without_gradient(name, ufunc, getattr(ufunc, method), inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        kwargs = {key: x for key, x in kwargs.items() if x is not _default(function, key)}
        ours = FUNCTIONS.get(function)
        if ours is not None and (fit := _fitting(ours, args, kwargs)):
            return ours(*fit[0], **fit[1])
        name = f"{function.__module__.replace('numpy', 'np')}.{function.__name__}"
        options = f" with {', '.join(kwargs)}" if ours is not None and kwargs else ""
        return _without_gradient(name + options, function, function, args, kwargs)


_signature = functools.cache(inspect.signature)


def _default(function: Any, option: str) -> Any:
    """The value that an option of NumPy's function has where none is given, and that says nothing."""
    try:
        found = _signature(function).parameters.get(option)
    except ValueError:  # of a function written in C, before NumPy 2.4
        found = None
    return inspect.Parameter.empty if found is None else found.default


def _fitting(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Any] | None:
    """The arguments for `function`, or None if it does not know them all: NumPy's has more than ours.

    `axis=()` means no axis in NumPy and all in PyTorch; a reduction over none is one over a new axis of size 1.
    """
    try:
        given = _signature(function).bind(*args, **kwargs)
    except TypeError:
        return None
    if given.arguments.get("axis") != () or "keepdims" not in given.signature.parameters:
        return args, kwargs
    x = given.arguments.pop(next(iter(given.arguments)))
    return (x[None],), {**given.arguments, "axis": 0, "keepdims": False}


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
