"""Module: a function with parameters, that may be built from other modules."""

from __future__ import annotations

from collections.abc import Callable
from reprlib import repr as short
from typing import Any, NoReturn, ParamSpec, Protocol, Self, TypeVar
from weakref import ref

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.versions import note_overwritten, serials
from tinygrad_edu.nn.error_trail import retrace
from tinygrad_edu.nn.module_hooks import Hookable
from tinygrad_edu.nn.module_state import State
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor.casting import destination, named_dtype
from tinygrad_edu.tensor.devices import check_device
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Module", "Parameter"]

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


class HasForward(Protocol[P, R_co]):
    """A module for type checkers: a call takes what its own `forward` takes, and returns what that returns."""

    @property
    def forward(self) -> Callable[P, R_co]: ...


def _no_forward(self: Module, *inputs: Any) -> Any:
    """The computation of the module, from its inputs to its result."""
    raise NotImplementedError(
        f"{type(self).__name__} needs a method forward(self, x) that says what it computes"
    )


class Module(Hookable, State):
    """A function with parameters.

    Subclasses call `super().__init__()` first and write `forward`. Parameters, buffers and modules that are assigned
    to attributes become part of the module; they are named by their path: `layers.0.weight`.
    """

    forward: Callable[..., Any] = _no_forward  # of any inputs, so that each subclass may name its own

    def __call__(self: HasForward[P, R_co], *inputs: P.args, **options: P.kwargs) -> R_co:
        follower = current().follower
        if follower is not None:
            followed = follower.module(self, inputs, options)  # what the record knows of this call
            if followed.result is not None:
                return followed.result
        start = next(serials)
        try:
            if self._hooks is not None:  # type: ignore[attr-defined]
                result: Any = self._hooks.call(self, inputs, options)  # type: ignore[attr-defined]
            else:
                result = self.forward(*inputs, **options) if options else self.forward(*inputs)  # type: ignore[call-arg]
        except (ValueError, TypeError, IndexError) as error:
            retrace(error, self, inputs)
            raise
        if result.__class__ is Tensor:
            if result.serial > start:  # computed here, and not passed on
                result.call = (ref(self), start, result.call)
        elif isinstance(result, list | tuple | dict):
            for x in result.values() if isinstance(result, dict) else result:
                if x.__class__ is Tensor and x.serial > start:
                    x.call = (ref(self), start, x.call)
        if follower is not None:
            followed.note(result)
        return result

    # Switches.

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all inside it to training, or with `mode=False` to use."""
        if not isinstance(mode, bool):
            raise TypeError(f"train needs mode as True or False, got {type(mode).__name__} {short(mode)}")
        self.training = mode
        for module in type(self).children(self):
            module.train(mode)
        return self

    def eval(self) -> Self:
        """`train(False)`."""
        return type(self).train(self, False)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or overwrite them with zeros."""
        for _, parameter in type(self).named_parameters(self):
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad = parameter.grad.detach().zero_()

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Switch the gradients of all parameters on or off."""
        for _, parameter in type(self).named_parameters(self):
            parameter.requires_grad_(requires_grad)
        return self

    def compile(self, *_: Any, **__: Any) -> None:
        """Accepted: the module computes as before. `capture` makes a plan of a whole step."""

    # Dtypes and devices.

    def to(
        self,
        *args: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: bool = False,  # noqa: ARG002 - there is nothing to wait for
        memory_format: Any = None,  # noqa: ARG002 - an order in memory is no other result
    ) -> Self:
        """All parameters and buffers of floats as a floating dtype; gradients of another dtype are forgotten.

        As a device only the CPU is accepted.
        """
        kind, _ = destination("to", args, dtype, device)
        if kind is None:
            return self
        if kind.kind != "f":
            raise TypeError(f"to needs a floating dtype for the parameters of a module, got {kind}")
        return self._cast(kind, "f")

    def type(self, dst_type: Any) -> Self:
        """All parameters and buffers as a dtype, also named as `"torch.DoubleTensor"`."""
        return self._cast(named_dtype(dst_type), "fiub")

    def double(self) -> Self:
        """All parameters and buffers of floats as float64."""
        return type(self).to(self, np.float64)

    def float(self) -> Self:
        """All parameters and buffers of floats as float32."""
        return type(self).to(self, np.float32)

    def half(self) -> Self:
        """All parameters and buffers of floats as float16."""
        return type(self).to(self, np.float16)

    def cpu(self) -> Self:
        """The module itself: all parameters are on the CPU."""
        return self

    def cuda(self, device: Any = None) -> NoReturn:  # noqa: ARG002
        """Refused: there is no GPU."""
        check_device("cuda()", "cuda")
        raise AssertionError

    def share_memory(self) -> Self:
        """Move parameters and buffers to memory that processes started by fork share; see `Tensor.share_memory_`."""
        for tensor in self._tensors():
            tensor.share_memory_()
        return self

    def _tensors(self) -> list[Tensor]:
        """All parameters and buffers."""
        named = (*type(self).named_parameters(self), *type(self).named_buffers(self))
        return [tensor for _, tensor in named]

    def _cast(self, kind: Any, kinds: str) -> Self:
        """Give all parameters and buffers, if theirs is one of these kinds of dtype, another dtype."""
        others = [x for x in self._tensors() if x.dtype.kind in kinds and x.dtype != kind]
        for x in others:
            x.raw, x.memory = x.raw.astype(kind), None
            x.grad = None
        note_overwritten(
            others
        )  # or a graph that was computed with the old numbers would take these for them
        return self
