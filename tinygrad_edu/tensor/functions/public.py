"""Public functions: each is stated once, and users find it under every name that PyTorch has for it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, Protocol, TypeVar, overload

from tinygrad_edu.engine.operation import Operation, Tracer
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.arithmetic import method_of
from tinygrad_edu.tensor.pair import ValuesAndIndices, refuse

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", bound=Tracer)


class Function(Protocol):
    """An operation, for type checkers: its result is a Tensor where its first input is one, and so for Values."""

    @overload
    def __call__(self, input: T, *others: Any, **named: Any) -> T: ...
    @overload
    def __call__(self, *inputs: Any, **named: Any) -> Any: ...


# By module (the top level is ""): what users find in it, by name.
MODULES: defaultdict[str, dict[str, Any]] = defaultdict(dict)
METHODS: dict[str, Callable[..., Any]] = {}
IN_PLACE: dict[str, Callable[..., Any]] = {}


def public(*aliases: str, within: str = "", method: bool = True, in_place: bool = False) -> Callable[[F], F]:
    """Make a function public under its own name in the module `within`, and under the `aliases`.

    Names at the top level, without a dot, are methods of Tensor too unless `method=False`, and with `in_place` also
    methods `name_` that overwrite; names within "Tensor" are methods only. A function whose first parameter is `input`
    is called with a Tensor only.
    """

    def register(function: F) -> F:
        own = f"{within}.{function.__name__}" if within else function.__name__
        for name in (own, *aliases):
            _publish(name, _checked(function, name), function if method else None, in_place)
        return function

    return register


def _publish(name: str, function: Any, method: Any, in_place: bool) -> None:
    module, _, own = name.rpartition(".")
    MODULES[module][own] = function
    if method is not None and module in ("", "Tensor"):
        METHODS[own] = method
        if in_place:
            IN_PLACE[own] = method


def _checked(function: F, name: str) -> F:
    """The function for users: it takes Tensors, and says where something else is given."""
    takes_any = function.__code__.co_varnames[:1] != ("input",)

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if options.get("out") is not None:
            raise TypeError(f"{name} makes a new tensor and has no out=; write y = {name}(...)")
        options.pop("out", None)
        first = args[0] if args else options.get("input")
        if not (takes_any or isinstance(first, Tracer)):
            raise TypeError(f"{name} needs a Tensor, got {short(first)}; write tensor(...)")
        if isinstance(first, ValuesAndIndices):
            refuse()
        return function(*args, **options)

    return call  # type: ignore[return-value]


def _publish_row(operation: Operation) -> None:
    """Make an operation on each number public: as a function, as a method, and as one that overwrites."""
    for name in operation.readings.public.split():
        of_one_or_two = len(operation.rules) < 3
        method = method_of(operation, name) if of_one_or_two else None
        _publish(name, operation, method, in_place=operation.differentiable)


for _operation in OPERATIONS.values():
    _publish_row(_operation)
