"""Module: a function with parameters, that may be built from other modules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from reprlib import repr as short
from typing import Any, ParamSpec, Protocol, Self, TypeVar
from weakref import ref

import numpy as np

from tinygrad_edu.engine.versions import note_overwritten, serials
from tinygrad_edu.nn.error_trail import retrace
from tinygrad_edu.tensor.casting import destination
from tinygrad_edu.tensor.tensor import Tensor

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class HasForward(Protocol[P, R_co]):
    """A module for type checkers: a call takes what its own `forward` takes, and returns what that returns."""

    @property
    def forward(self) -> Callable[P, R_co]: ...


class Parameter(Tensor):
    """A leaf that gets a gradient and that modules list among their parameters."""

    def __init__(self, data: Any, requires_grad: bool = True, *, name: str | None = None) -> None:
        super().__init__(data, requires_grad=requires_grad, name=name)


def _no_forward(self: Module, *inputs: Any) -> Any:
    """The computation of the module, from its inputs to its result."""
    raise NotImplementedError(
        f"{type(self).__name__} needs a method forward(self, x) that says what it computes"
    )


class Module:
    """A function with parameters.

    Subclasses write `forward`. Parameters and modules are found among the attributes, and in lists, tuples and dicts
    among them, in the order in which they were first set; they are named by their path: `layers.0.weight`.
    """

    training = True
    forward: Callable[..., Any] = _no_forward  # of any inputs, so that each subclass may name its own

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(vars(self).get(name), Parameter) and not isinstance(value, Parameter | None):
            raise TypeError(
                f"{type(self).__name__}.{name} needs a Parameter, got {type(value).__name__}, which no optimizer "
                f"would find; use Parameter(...), or assign new numbers to .{name}.data"
            )
        if name == "training" and not isinstance(value, bool):
            raise TypeError(
                f"{type(self).__name__}.training is True or False, as train() and eval() set it, got {short(value)}; "
                "give the attribute another name"
            )
        super().__setattr__(name, value)

    def __call__(self: HasForward[P, R_co], *inputs: P.args, **options: P.kwargs) -> R_co:
        start = next(serials)
        try:
            result: Any = self.forward(*inputs, **options) if options else self.forward(*inputs)  # type: ignore[call-arg]
        except (ValueError, TypeError, IndexError) as error:
            retrace(error, self, inputs)
            raise
        if result.__class__ is Tensor:
            if result.serial > start:  # computed here, and not passed on
                result.call = (ref(self), start, result.call)
        elif isinstance(result, list | tuple | dict):
            for x in result.values() if isinstance(result, dict) else result:
                if isinstance(x, Tensor) and x.serial > start:
                    x.call = (ref(self), start, x.call)
        return result

    def _members(self) -> Iterator[tuple[str, Any]]:
        """The attributes, and what a list, tuple or dict among them holds: `layers.0`."""
        for name, item in vars(self).items():
            if isinstance(item, list | tuple | dict) and not name.startswith("_"):
                parts = item.items() if isinstance(item, dict) else enumerate(item)
                yield from ((f"{name}.{key}", part) for key, part in parts)
            else:
                yield name, item

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules among the attributes, with their names."""
        return ((name, item) for name, item in self._members() if isinstance(item, Module))

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all inside it, with their paths; a module met twice is listed once."""
        seen: set[int] = set()
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:
            path, module = waiting.pop()
            if id(module) not in seen:
                seen.add(id(module))
                yield path, module
                inner = [
                    (f"{path}.{name}" if path else name, child)
                    for name, child in type(module).named_children(module)
                ]
                waiting.extend(reversed(inner))

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All parameters with their paths; a parameter shared by two modules is listed once."""
        seen: set[Parameter] = set()
        for path, module in type(self).named_modules(self, prefix) if recurse else [(prefix, self)]:
            for name, item in module._members():
                if isinstance(item, Parameter) and item not in seen:
                    seen.add(item)
                    yield f"{path}.{name}" if path else name, item

    def children(self) -> Iterator[Module]:
        """The modules among the attributes."""
        return (module for _, module in type(self).named_children(self))

    def modules(self) -> Iterator[Module]:
        """This module and all inside it."""
        return (module for _, module in type(self).named_modules(self))

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, for the optimizer."""
        return (parameter for _, parameter in type(self).named_parameters(self, recurse=recurse))

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all inside it to training, or with `mode=False` to use."""
        if not isinstance(mode, bool):
            raise TypeError(f"train needs mode as True or False, got {type(mode).__name__} {short(mode)}")
        for module in type(self).modules(self):
            module.training = mode
        return self

    def eval(self) -> Self:
        """`train(False)`."""
        return type(self).train(self, False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or overwrite them with zeros."""
        for parameter in type(self).parameters(self):
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach().zero_()

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch the gradients of all parameters on or off."""
        for parameter in type(self).parameters(self):
            parameter.requires_grad_(requires_grad)
        return self

    def double(self) -> Self:
        """All parameters as float64."""
        return type(self).to(self, np.float64)

    def float(self) -> Self:
        """All parameters as float32."""
        return type(self).to(self, np.float32)

    def cpu(self) -> Self:
        """The module itself: all parameters are on the CPU."""
        return self

    def to(self, *args: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False) -> Self:  # noqa: ARG002
        """All parameters as a floating dtype; the gradients of those that had another are forgotten.

        As a device only the CPU is accepted.
        """
        kind, _ = destination("to", args, dtype, device)
        if kind is None:
            return self
        if kind.kind != "f":
            raise TypeError(f"to needs a floating dtype for the parameters of a module, got {kind}")
        others = [p for p in type(self).parameters(self) if p.dtype != kind]
        for parameter in others:
            parameter.raw, parameter.memory = parameter.raw.astype(kind), None
            parameter.grad = None
        note_overwritten(
            others
        )  # a graph that was computed with the old numbers is not to take these for them
        return self

    def state_dict(self) -> dict[str, Tensor]:
        """The values of all parameters by path, copied."""
        return {path: parameter.detach().clone() for path, parameter in type(self).named_parameters(self)}

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True) -> None:
        """Overwrite the parameters with saved values; nothing changes if one of them does not fit.

        Raises `RuntimeError` if names are missing or unexpected (unless not `strict`) or shapes differ.
        """
        own = dict(type(self).named_parameters(self))
        new = {path: Tensor(value) for path, value in state_dict.items()}
        faults = [f"missing {path!r}" for path in own if strict and path not in new]
        faults += [f"unexpected {path!r}" for path in new if strict and path not in own]
        faults += [
            f"{path!r} has shape {value.shape} where {own[path].shape} is needed"
            for path, value in new.items()
            if path in own and value.shape != own[path].shape
        ]
        if faults:
            raise RuntimeError(
                f"load_state_dict of {type(self).__name__} needs the same parameters: {'; '.join(faults)}"
            )
        for path in own.keys() & new.keys():
            own[path].assign(new[path])

    def register_parameter(self, name, p):
        setattr(self, name, p)

    def extra_repr(self) -> str:
        """The text between the brackets of the module's repr."""
        return ""

    def __repr__(self) -> str:
        inner = [
            f"({name}): {child!r}".replace("\n", "\n  ") for name, child in type(self).named_children(self)
        ]
        lines = "".join(f"\n  {line}" for line in inner)
        return f"{type(self).__name__}({self.extra_repr()}{lines}{chr(10) if inner else ''})"
