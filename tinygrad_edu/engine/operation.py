"""What an operation is: how to compute it, and one derivative rule per input. Knows no NumPy."""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from reprlib import repr as short
from typing import Any

from tinygrad_edu.engine.call_site import Place

Data = Any  # what rules work on: an array, a number, a Variable, a symbol
# (g, result, *inputs, **settings) -> gradient of one input; None: no gradient.
Rule = Callable[..., Data] | None


class Setting(float):
    """A number that may be another one next time, as a learning rate: `owner[key]`."""

    owner: dict[str, Any]
    key: str

    def __new__(cls, owner: dict[str, Any], key: str) -> Setting:
        setting = super().__new__(cls, owner[key])
        setting.owner, setting.key = owner, key
        return setting

    def read(self) -> float:
        """The number as it is now."""
        return float(self.owner[self.key])


NUMBERS = frozenset({float, int, bool})
NO_SETTINGS: Mapping[str, Any] = {}  # one for all nodes without any


class Traced:
    """What wants to be asked when an operation meets it: a Variable, a scalar Value, a symbol."""

    __slots__ = ()

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """What comes out of `operation(*inputs, **settings)`."""
        raise NotImplementedError


class Computed(Traced):
    """What may have been computed from `inputs`.

    They are kept one by one: a tuple would be one more object for the garbage collector to look at, again and again.
    """

    __slots__ = ()

    _first: Any  # the first of at most two
    _second: Any
    _several: tuple[Any, ...]  # all of them, if they are more

    def _inputs(self) -> tuple[Any, ...]:  # for the walk: half the time of a property
        second = self._second
        if second is not None:
            return self._first, second
        return self._several if self._first is None else (self._first,)

    def _set_inputs(self, inputs: tuple[Any, ...]) -> None:
        self._first = self._second = None
        if len(inputs) == 2:
            self._first, self._second = inputs
        elif len(inputs) == 1:
            (self._first,) = inputs
        self._several = inputs if len(inputs) > 2 else ()  # type: ignore[misc] # a slot of the subclass

    inputs = property(
        _inputs, _set_inputs, doc="What it was computed from: others of its kind, and plain numbers."
    )


class Operation:
    """How to compute something on raw values, and one derivative rule per input.

    `forward(*inputs, **settings)` returns a new array or a view and modifies nothing. A rule is
    `(g, result, *inputs, **settings) -> gradient of its input`; parameters it does not read start with `_`, and one
    of which it reads only shape and dtype is called `like`.

    `variadic`: one rule serves all inputs and is told the `position` of its own. `view`: the result may share the
    memory of the first input. `common(*inputs, **settings)`: what both the forward function and the rules need,
    computed once and handed to both after the inputs; like a rule it is an expression for arrays and Variables alike.
    """

    exact = False  # whether its rules are known (tested) to return the shape of their inputs, which is quicker to trust
    called_from: tuple[int, Place | None] = (0, None)  # where it was last called from, and how many frames up

    def __init__(
        self,
        forward: Callable[..., Data],
        *rules: Rule,
        name: str | None = None,
        view: bool = False,
        variadic: bool = False,
        common: Callable[..., Data] | None = None,
    ) -> None:
        self.forward = forward
        self.rules: Sequence[Rule] = _AtEveryPosition(rules[0]) if variadic else rules
        self.name = name or forward.__name__
        self.view = view
        self.common = common
        self.differentiable = any(rule is not None for rule in rules)
        self.__doc__ = forward.__doc__

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        for x in inputs:
            if isinstance(x, Traced):
                return x.apply(self, inputs, settings)
        try:
            if self.common is not None:
                inputs = (*inputs, self.common(*inputs, **settings))
            return self.forward(*inputs, **settings)
        except TypeError as error:
            raise self.wrong_type(inputs) from error

    def wrong_type(self, inputs: tuple[Any, ...]) -> TypeError:
        """What to say when raw values are not such that this can be computed."""
        return TypeError(
            f"{self.name} takes Tensors, arrays and numbers, got {', '.join(map(short, inputs))}"
        )

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def reads(self, position: int, count: int) -> list[int]:
        """Which values the rule of the input at `position` reads: 0 is the result, 1 the first of `count` inputs."""
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
            raise AssertionError(
                f"the rule of {self.name} returned {g.shape} for an input of shape {x.shape}"
            )
        return self.cast(g, x.dtype)

    def cast(self, g: Data, dtype: Any) -> Data:
        """`g` as the dtype of the input it belongs to."""
        if dtype.kind != "f":
            raise TypeError(
                f"{self.name} met an input of {dtype} that requires a gradient; use x.double() before"
            )
        return g if g.dtype == dtype else g.astype(dtype)


class _AtEveryPosition(Sequence[Rule]):
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
