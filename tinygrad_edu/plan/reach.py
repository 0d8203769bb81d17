"""What a step reaches by names, attributes and containers, and whether all of it is still the same.

A pure plan asks this before each replay. It is no proof that the step would do the same: see `pure`.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.plan.watched_places import PLAIN, Places
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor import coerce
from tinygrad_edu.tensor.tensor import Tensor

MAX_PLACES = 20_000  # that are looked at in one step
_METHODS = (types.FunctionType, property, classmethod, staticmethod)  # which no step sets
_CLOSED = (*PLAIN, Tensor, Value, np.ndarray, np.generic, types.ModuleType)
# Of modules, about attributes that are looked at themselves.
BOOKKEEPING = ("_registered", "_parts", "_calls")


class _Attributes:
    """The attributes of an object as a dict has its keys, those of its class included; of a class its own."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __getitem__(self, name: str) -> Any:
        return vars(self.x)[name] if isinstance(self.x, type) else getattr(self.x, name, None)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self.x, name, value)


class Reach(Places):
    """The places that a step reaches.

    Followed are functions to the variables that they name, bound methods to their objects, objects to their attributes,
    and lists, dicts and sets to their contents; not the library's own code, nor what is inside Tensors and arrays.
    """

    def __init__(self, step: Any, *inputs: Any) -> None:
        super().__init__()
        self._kept: list[Any] = []  # an id means something only while the object lives
        self.namespaces: dict[int, dict[str, Any]] = {}  # of the functions, by identity
        self.iterators: list[Any] = []  # of which nobody can see how far they are
        self.optimizers: list[Optimizer] = []  # not looked into: a plan compares their updates itself
        seen: set[int] = set()
        self._place(vars(coerce), "_default_dtype")  # what zeros() in the step depends on
        waiting = [step, *inputs]
        for x in waiting:  # grows as it goes
            if isinstance(x, Value | np.ndarray):
                self._kept.append(x)
            if isinstance(x, Value) and vars(x) and id(x) not in seen:
                seen.add(id(x))
                waiting += self._all_of(vars(x))
            if id(x) not in seen and not isinstance(x, _CLOSED) and len(self._values) < MAX_PLACES:
                seen.add(id(x))
                self._kept.append(x)
                waiting += self._look(x)

    def _look(self, x: Any) -> list[Any]:
        """Note the places in `x`; returns what stands there."""
        if isinstance(x, Iterator):
            self.iterators.append(x)
            return []
        if isinstance(x, types.BuiltinMethodType | types.MethodWrapperType):
            return [x.__self__]
        if isinstance(x, functools.partial):
            return [x.func, *x.args, *x.keywords.values()]
        if isinstance(x, types.MethodType):
            return [x.__self__, x.__func__]
        if isinstance(x, types.FunctionType):
            return self._function(x)
        if isinstance(x, list | dict):
            return self._all_of(x)
        if isinstance(x, tuple | frozenset):
            return list(x)
        if isinstance(x, set):
            self._sized.append(x)
            self._sizes.append(len(x))
            return list(x)
        if isinstance(x, Optimizer):
            self.optimizers.append(x)
            return []
        return self._object(x)

    def _function(self, function: types.FunctionType) -> list[Any]:
        function = getattr(function, "__wrapped__", function)
        if not isinstance(function, types.FunctionType) or is_own(function.__code__):
            return []
        found: list[Any] = [function.__defaults__, function.__kwdefaults__]
        found += [self._place(vars(function), key) for key in vars(function)]
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            try:
                found.append(cell.cell_contents)
            except ValueError:  # not set yet
                continue
            self._cells.append(cell)
            self._names.append(name)
            self._inside.append(cell.cell_contents)
        self.namespaces[id(function.__globals__)] = function.__globals__
        names = set(_names(function.__code__))
        found += [
            self._place(function.__globals__, key) for key in sorted(names & function.__globals__.keys())
        ]
        for module in [y for y in found if isinstance(y, types.ModuleType) and not _is_library(y)]:
            found += [self._place(vars(module), key) for key in sorted(names & vars(module).keys())]
        return found

    def _object(self, x: Any) -> list[Any]:
        kind = x if isinstance(x, type) else type(x)
        if kind.__module__ == "tinygrad_edu.plan.plan" and "__wrapped__" in vars(x):
            return [x.__wrapped__]  # a plan, this one perhaps: only its step is the user's
        if kind.__module__ in ("builtins", "typing") or (isinstance(x, type) and _is_library(x)):
            return []
        found: list[Any] = []
        if issubclass(kind, Module):
            for each in kind.__mro__:
                if "forward" in vars(each):
                    self._place(vars(each), "forward")
                    break
                self._sized.append(vars(each))  # where another forward may be put
                self._sizes.append(len(vars(each)))
        if not _is_library(kind):  # attributes and methods of a user's class
            for each in kind.__mro__[:-1]:
                if not _is_library(each):
                    names = [key for key in vars(each) if not key.startswith("__") or key == "__call__"]
                    found += [
                        getattr(y, "fget", None) or getattr(y, "__func__", y)
                        for y in map(vars(each).get, names)
                    ]
                    own_of_class = _Attributes(each)
                    for key in names:
                        is_method = isinstance(vars(each)[key], _METHODS)
                        self._place(vars(each) if is_method else own_of_class, key)
        self._objects.append(x)
        self._kinds.append(type(x))
        own = getattr(x, "__dict__", None)
        if isinstance(own, dict) and not isinstance(x, type):
            self._sized.append(own)
            self._sizes.append(len(own))
            found += [self._place(own, key) for key in own if key not in BOOKKEEPING]
        for each in kind.__mro__[:-1]:
            slots = [] if isinstance(x, type) or _is_library(each) else vars(each).get("__slots__", ())
            slots = [key for key in ([slots] if isinstance(slots, str) else slots) if hasattr(x, key)]
            found += [self._place(_Attributes(x), key) for key in slots]
        return found


def _names(code: types.CodeType) -> Iterator[str]:
    """The names in a function, and in those inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _is_library(x: Any) -> bool:
    name: str = x.__name__ if isinstance(x, types.ModuleType) else x.__module__
    is_example = name.startswith("tinygrad_edu.examples")
    return name.partition(".")[0] in ("tinygrad_edu", "numpy") and not is_example
