"""Modules that are a function of `nn.functional` with its options fixed: activations, losses, poolings, ..."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from tinygrad_edu.nn.argument_checks import traced
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor

# The parameters that stand for what `forward` is called with; `training` is an attribute of every module.
_INPUTS = frozenset(
    ["input", "target", "input1", "input2", "x1", "x2", "anchor", "positive", "negative", "var", "indices"]
)
_NOT_OPTIONS = _INPUTS | {"training", "out"}


class FunctionModule(Module):
    """A function of `nn.functional` with its options fixed.

    A subclass names its `function`. Its constructor takes what the function takes beside Tensors, with the same names,
    order and defaults, but for those named in `without`; a subclass with another constructor writes it, and hands the
    options on by name. Options become attributes, which may be assigned later.
    `shows` is how they are printed; if it is None, all are, and `inplace` where it is True.
    """

    function: ClassVar[Callable[..., Any]]
    without: ClassVar[tuple[str, ...]] = ()
    shows: ClassVar[str | None] = None
    _options: dict[str, Any]

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        if "function" in vars(cls) and _takes_any_option(cls.__init__):
            cls.__init__ = _constructor(cls)  # type: ignore[method-assign]

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - each class has its own parameters
        super().__init__()
        self._options = options
        for name, value in options.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in vars(self).get("_options", ()):
            # Another dict, not the same one changed: plans compare by identity.
            super().__setattr__("_options", {**self._options, name: value})

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # the options

    def forward(self, *inputs: Any, **named: Any) -> Tensor:
        """The function of the inputs and the options."""
        return self.function(*map(traced, inputs), **named, **self._options)

    def extra_repr(self) -> str:
        """The options."""
        if self.shows is not None:
            return self.shows.format(**vars(self))
        plain = {name: value for name, value in self._options.items() if name not in ("inplace", "generator")}
        flags = ["inplace=True"] if self._options.get("inplace") else []
        return ", ".join([*(f"{name}={value!r}" for name, value in plain.items()), *flags])


class RandomFunctionModule(FunctionModule):
    """A function that draws random numbers while training."""

    def forward(self, *inputs: Any, **named: Any) -> Tensor:
        """The function of the inputs and the options, with what is drawn while training."""
        return self.function(*map(traced, inputs), training=self.training, **named, **self._options)


def check_no_call(call: str, function: str, options: Mapping[str, Any]) -> None:
    """Raise `TypeError` if a Tensor is given as an option: `nn.ReLU(x)` makes a layer, and calls none."""
    for name, value in options.items():
        if isinstance(value, Tensor) and name not in ("weight", "pos_weight"):
            raise TypeError(
                f"{call} is made before it is called, got a Tensor as {name}; write {call}()(x), or "
                f"functional.{function}(x)"
            )


def _takes_any_option(function: Any) -> bool:
    """True for a constructor written as `**options`, and none that was made here."""
    return bool(function.__code__.co_flags & inspect.CO_VARKEYWORDS) and not hasattr(
        function, "__signature__"
    )


def _constructor(cls: type[FunctionModule]) -> Callable[..., None]:
    """`__init__` with the options of the function as parameters."""
    given = inspect.signature(cls.function).parameters.values()
    options = [p for p in given if p.name not in _NOT_OPTIONS and p.name not in cls.without]
    signature = inspect.Signature(options)

    def construct(self: FunctionModule, *args: Any, **named: Any) -> None:
        try:
            bound = signature.bind(*args, **named)
        except TypeError as error:
            written = inspect.Signature([p.replace(annotation=p.empty) for p in options])
            raise TypeError(f"{type(self).__name__} takes {written}, but {error}") from None
        check_no_call(type(self).__name__, cls.function.__name__, bound.arguments)
        bound.apply_defaults()
        super(cls, self).__init__(**bound.arguments)

    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    construct.__signature__ = inspect.Signature([own, *options])  # type: ignore[attr-defined]
    construct.__name__, construct.__qualname__ = "__init__", f"{cls.__qualname__}.__init__"
    return construct
