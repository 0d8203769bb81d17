"""What a step reaches by names, attributes and containers, and whether all of it is still the same.

A pure plan asks this before each replay. It is no proof that the step would do the same: see `pure`.
"""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor import coerce
from tinygrad_edu.tensor.tensor import Tensor

MAX_PLACES = 20_000  # that are looked at in one step
_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_CLOSED = (*_PLAIN, Tensor, Value, np.ndarray, np.generic, types.ModuleType)
_BOOKKEEPING = (
    "_registered",
    "_parts",
    "_calls",
)  # of modules, about attributes that are looked at themselves
_contents = operator.attrgetter("cell_contents")


class _Attributes:
    """The attributes of an object as a dict has its keys, those of its class included."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __getitem__(self, name: str) -> Any:
        return getattr(self.x, name, None)


class Reach:
    """Places (a dict and a key, a list and an index, a closure variable) and what stood there.

    Followed are functions to the variables that they name, bound methods to their objects, objects to their attributes,
    and lists, dicts and sets to their contents; not the library's own code, nor what is inside Tensors and arrays.
    """

    def __init__(self, step: Any, *inputs: Any) -> None:
        self._owners: list[Any] = []
        self._keys: list[Any] = []
        self._values: list[Any] = []
        self._cells: list[Any] = []
        self._names: list[str] = []
        self._inside: list[Any] = []  # what the cells hold
        self._objects: list[Any] = []
        self._kinds: list[type] = []  # of which class each is
        self._sized: list[Any] = []
        self._sizes: list[int] = []
        self._kept: list[Any] = []  # an id means something only while the object lives
        self.iterators: list[Any] = []  # of which nobody can see how far they are
        self.optimizers: list[Optimizer] = []  # not looked into: a plan compares their updates itself
        seen: set[int] = set()
        self._place(vars(coerce), "_default_dtype")  # what zeros() in the step depends on
        waiting = [step, *inputs]
        for x in waiting:  # grows as it goes
            if id(x) not in seen and not isinstance(x, _CLOSED) and len(self._values) < MAX_PLACES:
                seen.add(id(x))
                self._kept.append(x)
                waiting += self._look(x)

    def unchanged(self) -> bool:
        """True if the very same things stand everywhere, or equal numbers and texts."""
        try:
            if (
                all(map(operator.is_, map(operator.getitem, self._owners, self._keys), self._values))
                and all(map(operator.is_, map(_contents, self._cells), self._inside))
                and all(map(operator.eq, map(len, self._sized), self._sizes))
                and all(map(operator.is_, map(type, self._objects), self._kinds))
            ):
                return True
            return not self.changed()
        except (LookupError, ValueError):  # a key or a closure variable that is gone
            return False

    def changed(self) -> list[str]:
        """What is another now, by its key, or its name as an attribute."""
        found = []
        for owner, key, value in zip(self._owners, self._keys, self._values):
            try:
                if not same(owner[key], value):
                    found.append(_named(owner, key))
            except LookupError:
                found.append(_named(owner, key))
        for cell, name, value in zip(self._cells, self._names, self._inside):
            if not same(_contents_or_none(cell), value):
                found.append(name)
        found += ["a class" for x, kind in zip(self._objects, self._kinds) if type(x) is not kind]
        found += [
            f"the size of a {type(x).__name__}" for x, size in zip(self._sized, self._sizes) if len(x) != size
        ]
        return found

    def attribute(self, x: Any, *names: str) -> None:
        """Look at these attributes of `x`."""
        own = vars(x)
        for name in names:
            if name in own:
                self._place(own, name)
        self._sized.append(own)  # what it has of its class it may get as its own
        self._sizes.append(len(own))

    def contents(self, container: Any) -> None:
        """Look at what is in a list or dict."""
        self._all_of(container)

    def also(self, owner: Any, keys: Any) -> None:
        """Look at these places, too."""
        for key in keys:
            self._place(owner, key)

    def _place(self, owner: Any, key: Any) -> Any:
        self._owners.append(owner)
        self._keys.append(key)
        self._values.append(owner[key])
        return owner[key]

    def _all_of(self, container: Any) -> list[Any]:
        self._sized.append(container)
        self._sizes.append(len(container))
        keys = list(container) if isinstance(container, dict) else range(len(container))
        return [self._place(container, key) for key in keys]

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
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            try:
                found.append(cell.cell_contents)
            except ValueError:  # not set yet
                continue
            self._cells.append(cell)
            self._names.append(name)
            self._inside.append(cell.cell_contents)
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
                    for key in names:
                        self._place(vars(each), key)
        self._objects.append(x)
        self._kinds.append(type(x))
        own = getattr(x, "__dict__", None)
        if isinstance(own, dict) and not isinstance(x, type):
            self._sized.append(own)
            self._sizes.append(len(own))
            found += [self._place(own, key) for key in own if key not in _BOOKKEEPING]
        for each in kind.__mro__[:-1]:
            slots = [] if isinstance(x, type) or _is_library(each) else vars(each).get("__slots__", ())
            slots = [key for key in ([slots] if isinstance(slots, str) else slots) if hasattr(x, key)]
            found += [self._place(_Attributes(x), key) for key in slots]
        return found


def _named(owner: Any, key: Any) -> str:
    return str(key) if isinstance(key, str | int) else f"an entry of a {type(owner).__name__}"


def _contents_or_none(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def same(a: Any, b: Any) -> bool:
    """True for one and the same thing, and for equal numbers and texts."""
    return a is b or (type(a) is type(b) and isinstance(a, _PLAIN) and repr(a) == repr(b))


def _names(code: types.CodeType) -> Iterator[str]:
    """The names in a function, and in those inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _is_library(x: Any) -> bool:
    name: str = x.__name__ if isinstance(x, types.ModuleType) else x.__module__
    return name.partition(".")[0] in ("tinygrad_edu", "numpy")
