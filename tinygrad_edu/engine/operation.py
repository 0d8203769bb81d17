"""Operation: a computation on raw values, and one derivative rule per input."""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.call_site import CallSite
from tinygrad_edu.engine.documentation import Documentation, documentation, signature
from tinygrad_edu.engine.readings import Readings

Data = Any  # what rules work on: an array, a number, a Variable, a symbol
# (g, result, *inputs, **settings) -> gradient of one input; None: no gradient.
Rule = Callable[..., Data] | None

# An operation to be done: with which inputs and settings.
Derived = tuple["Operation", tuple[Data, ...], dict[str, Any]]

NUMBERS = frozenset({float, int, bool})
NO_SETTINGS: Mapping[str, Any] = {}  # one for all nodes without any


class Tracer:
    """A value that decides itself what an operation on it means: Variable, Value, Expression."""

    __slots__ = ()

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """The result of `operation(*inputs, **settings)`."""
        raise NotImplementedError


class Operation:
    """A computation on raw values, and one derivative rule per input.

    `forward(*inputs, **settings)` returns a new array or a view and modifies nothing. A rule is
    `(g, result, *inputs, **settings) -> gradient of its input`; parameters it does not read start with `_`, and one
    of which it reads only shape and dtype is called `like`.

    `variadic`: one rule serves all inputs and is told the `position` of its own. `view`: the result may share the
    memory of the first input; `view_back(x, y, *rest, **settings)` says what `x` becomes if its view becomes `y`, as
    `(operation, inputs, settings)`. `common(*inputs, **settings)`: what both the forward function and the rules need,
    computed once and handed to both after the inputs; like a rule it is an expression for arrays and Variables alike.
    `exact`: the rules are tested to return the shape of their inputs, so that the walk need not look.
    `promotes`: its inputs are brought to one dtype before, a float one if it `gives_floats`.
    `readings`: what else is known of it, see `Readings`.
    """

    __doc__ = Documentation(__doc__)
    gives_floats = False
    kinds = "fiub"  # of numbers that it takes, as NumPy abbreviates them; the rest its kernel refuses
    called_from: tuple[int, CallSite | None] = (0, None)  # the last call: how many frames up, and the line

    def __init__(
        self,
        forward: Callable[..., Data],
        *rules: Rule,
        name: str | None = None,
        view: bool = False,
        view_back: Callable[..., Derived] | None = None,
        variadic: bool = False,
        common: Callable[..., Data] | None = None,
        exact: bool = False,
        promotes: bool = False,
        gives_floats: bool = False,
        **readings: Any,
    ) -> None:
        self.forward = forward
        self.rules: Sequence[Rule] = AtEveryPosition(rules[0]) if variadic else rules
        self.name = self.__name__ = name or forward.__name__
        self.view = view
        self.view_back = view_back
        self.common = common
        self.exact = exact
        self.promotes = promotes
        if gives_floats:
            self.gives_floats = True
        self.readings = Readings(**readings)
        self.differentiable = any(rule is not None for rule in rules)

    def __init_subclass__(cls) -> None:
        cls.__doc__ = Documentation(cls.__doc__)  # type: ignore[assignment]

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        if len(inputs) not in self.counts:
            raise self.wrong_count(len(inputs))
        for x in inputs:
            if isinstance(x, Tracer):
                return x.apply(self, inputs, settings)
        try:
            if self.common is not None:
                inputs = (*inputs, self.common(*inputs, **settings))
            return self.forward(*inputs, **settings)
        except TypeError as error:
            raise self.wrong_type(inputs) from error

    @functools.cached_property
    def input_names(self) -> list[str]:
        """The names of its inputs; one that stands for any number of inputs begins with `*`."""
        code = getattr(self.forward, "__code__", None)
        if code is None:  # a function of NumPy
            return ["x", "y", "z"][: len(self.rules)]
        names = [name.lstrip("_") for name in code.co_varnames[: code.co_argcount] if name != "out"]
        if code.co_flags & inspect.CO_VARARGS:
            names.append(f"*{code.co_varnames[code.co_argcount + code.co_kwonlyargcount]}")
        return names[:-1] if self.common is not None else names

    @functools.cached_property
    def counts(self) -> range:
        """The numbers of inputs that it takes: a kernel would take one more for its `out`."""
        names = self.input_names
        many = not names or names[-1].startswith("*")
        return range(1, sys.maxsize if many else len(names) + 1)

    @property
    def __signature__(self) -> inspect.Signature:
        return signature(self.input_names, self.forward)

    def documentation(self) -> str:
        """Its call, what it computes, and its derivative rules as their source has them."""
        return documentation(self)

    def promoted_part(self, values: Sequence[Data]) -> Sequence[Data]:
        """The values that are brought to one dtype."""
        return values

    def wrong_count(self, count: int) -> TypeError:
        """The error for a call with `count` inputs, fewer or more than it takes."""
        names = self.input_names
        return TypeError(
            f"{self.name} takes {len(names)} input{'s' * (len(names) > 1)} ({', '.join(names)}), got {count}"
        )

    def wrong_type(self, inputs: tuple[Any, ...]) -> TypeError:
        """The error for raw values on which the operation cannot be computed."""
        return TypeError(
            f"{self.name} takes Tensors, arrays and numbers, got {', '.join(map(short, inputs))}"
        )

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def reads(self, position: int, count: int) -> list[int]:
        """The values that the rule of the input at `position` reads: 0 is the result, 1 the first of `count` inputs."""
        rule = self.rules[position]
        if rule is None:
            return []
        code = getattr(rule, "func", rule).__code__
        names = list(code.co_varnames[1 : code.co_argcount])
        if code.co_flags & inspect.CO_VARARGS:
            rest = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
            names += [rest] * (count + 1 - len(names))
        return [i for i, name in enumerate(names) if name != "like" and not name.startswith("_")]

    def fit(self, g: Data, x: Data) -> Data:
        """`g`, which has not the shape or dtype of `x`, made to have them. Only elementwise operations broadcast."""
        if g.shape != x.shape:
            raise ValueError(f"the rule of {self.name} returned {g.shape} for an input of shape {x.shape}")
        return self.cast(g, x.dtype)

    def cast(self, g: Data, dtype: Any) -> Data:
        """`g` as the dtype of the input it belongs to."""
        if dtype.kind != "f":
            raise TypeError(
                f"{self.name} met an input of {dtype} that requires a gradient; use x.double() before"
            )
        return g if g.dtype == dtype else g.astype(dtype)


class AtEveryPosition(Sequence[Rule]):
    """The one rule of a variadic operation, for any number of inputs."""

    def __init__(self, rule: Rule) -> None:
        self._rule: Any = rule

    def __getitem__(self, position: Any) -> Any:
        return functools.partial(self._rule, position=position)

    def __iter__(self) -> Iterator[Rule]:
        return map(self.__getitem__, itertools.count())

    def __len__(self) -> int:
        return sys.maxsize


def operation(*rules: Rule, **options: Any) -> Callable[[Callable[..., Data]], Operation]:
    """Make the decorated forward function an `Operation` with these rules."""
    return lambda forward: Operation(forward, *rules, **options)
