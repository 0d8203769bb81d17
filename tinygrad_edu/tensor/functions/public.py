"""Public functions: each is stated once, and users find it under every name that PyTorch has for it."""

from __future__ import annotations

import functools
import inspect
from collections import defaultdict
from collections.abc import Callable
from reprlib import repr as short
from typing import Any, Protocol, TypeVar, overload

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import NUMBERS, Data, Operation, Tracer
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.arguments import either
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

# The first parameters that stand for a Tensor.
_TENSORS = {"input", "elements", "self", "A", "B", "L", "LU", "b", "x"}


def public(
    *aliases: str, within: str = "", method: bool = True, in_place: bool = False, numbers: str = "second"
) -> Callable[[F], F]:
    """Make a function public under its own name in the module `within`, and under the `aliases`.

    Names at the top level, without a dot, are methods of Tensor too unless `method=False`, and with `in_place` also
    methods `name_` that overwrite; names within "Tensor" are methods only. A function whose first parameter is `input`,
    or what PyTorch calls a matrix, is called with a Tensor only; `numbers` says which of the first two may be a plain
    number, as in PyTorch: the "second", "one" of them, "none". What takes `dim` also understands `axis`, as there.
    """

    def register(function: F) -> F:
        own = f"{within}.{function.__name__}" if within else function.__name__
        offered = _with_axis(function) if _lacks_axis(function) else function
        for name in (own, *aliases):
            checked = _checked(offered, name, numbers, function)
            as_method = checked if numbers == "none" else offered
            _publish(name, checked, as_method if method else None, in_place)
        return function

    return register


def _lacks_axis(function: Callable[..., Any]) -> bool:
    """True if a function takes `dim`, and neither it nor what is wrapped around it takes `axis`."""
    layers: list[Any] = [function]
    while hasattr(layers[-1], "__wrapped__"):
        layers.append(layers[-1].__wrapped__)
    parameters = [_parameters(each.__code__) for each in layers]
    return "dim" in parameters[-1] and not any("axis" in each for each in parameters)


def _parameters(code: Any) -> tuple[str, ...]:
    """The names of a function's parameters: an inspected signature takes a hundred times as long at every import."""
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _with_axis(function: F) -> F:
    @functools.wraps(function)
    def call(*args: Any, axis: Any = ..., **options: Any) -> Any:
        if axis is not ...:
            options["dim"] = either(function.__name__, options.get("dim"), axis)
        return function(*args, **options)

    return call  # type: ignore[return-value]


def row(names: str, formula: str, function: Callable[[Any], Any], *, in_place: bool = False) -> None:
    """Make a function of each number public under `names`, of which the first is its own; `formula` describes it."""

    def of_each(input: Data) -> Data:
        return function(input)

    own, *aliases = names.split()
    within, _, of_each.__name__ = own.rpartition(".")
    of_each.__doc__ = f"{formula}."
    public(*aliases, within=within, in_place=in_place)(of_each)


def _publish(name: str, function: Any, method: Any, in_place: bool) -> None:
    module, _, own = name.rpartition(".")
    MODULES[module][own] = function
    if method is not None and module in ("", "Tensor"):
        METHODS[own] = method
        if in_place:
            IN_PLACE[own] = method


def _checked(function: Any, name: str, numbers: str, like: Any = None) -> Any:
    """The function for users, described as `like`: it takes Tensors, and says where something else is given."""
    like = like or function
    parameter = next(iter(inspect.unwrap(like).__code__.co_varnames), "")
    takes_any = parameter not in _TENSORS
    keyword = "input" if parameter == "self" else parameter

    @functools.wraps(like)
    def call(*args: Any, **options: Any) -> Any:
        if options.get("out") is not None:
            raise TypeError(f"{name} makes a new tensor and has no out=; write y = {name}(...)")
        options.pop("out", None)
        first = args[0] if args else options.get(keyword)
        if not takes_any:
            second = args[1] if len(args) > 1 else options.get("other")
            if not (isinstance(first, Tracer) or (numbers == "one" and isinstance(second, Tracer))):
                raise TypeError(f"{name} needs a Tensor, got {short(first)}; write tensor(...)")
            if numbers == "none" and second.__class__ in NUMBERS and isinstance(first, Variable):
                raise TypeError(f"{name} needs two Tensors, got {second}; write tensor({second})")
        if isinstance(first, ValuesAndIndices):
            refuse()
        return function(*args, **options)

    call.__wrapped__ = function
    module, _, own = name.rpartition(".")
    if module != "Tensor":  # pickle looks for the function where users find it
        call.__module__, call.__qualname__ = f"tinygrad_edu.{module}".rstrip("."), own
    return call


def _publish_row(operation: Operation) -> None:
    """Make an operation on each number public: as a function, as a method, and as one that overwrites."""
    numbers = operation.readings.numbers
    for name in operation.readings.public.split():
        method = method_of(operation, name)
        function = operation if numbers == "any" else _checked(operation, name, numbers, method)
        _publish(name, function, function if numbers == "none" else method, operation.readings.in_place)


for _operation in OPERATIONS.values():
    _publish_row(_operation)
