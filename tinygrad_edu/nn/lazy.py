"""Layers whose number of inputs is read off their first input: `LazyLinear(10)`, `LazyConv2d(16, kernel_size=3)`."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import tinygrad_edu.nn.batch_normalization as norms
import tinygrad_edu.nn.convolution_layers as convolutions
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import UninitializedBuffer, UninitializedParameter

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


class LazyModuleMixin(Module):
    """A layer before its first call, at which it becomes an ordinary one, of the class `cls_to_become`.

    The arguments are those of that class without the first, the number of inputs. Until the call, parameters have no
    shape and cannot be read; call the module once with an example before making an optimizer or reading them.
    """

    cls_to_become: ClassVar[Any]
    channel_dim: ClassVar[int] = 1  # of the input, whose size is the number of inputs

    def __init__(self, *args: Any, **options: Any) -> None:
        Module.__init__(self)
        self._arguments = args, options
        given = inspect.signature(self.cls_to_become).bind(1, *args, **options).arguments
        full = self._full(given.get("groups", 1))  # checks the arguments
        for name in full._registered:
            value = vars(full)[name]
            if value is not None and value.ndim > 0:
                waiting = UninitializedParameter() if name in full._parameters else UninitializedBuffer()
                waiting.raw, value = waiting.raw.astype(value.dtype), waiting
            self._register(name, full._registered[name], value)

    def _full(self, inputs: int) -> Any:
        """The layer of this many inputs."""
        args, options = self._arguments
        return self.cls_to_become(inputs, *args, **options)

    def has_uninitialized_params(self) -> bool:
        """True before the first call."""
        return isinstance(self, LazyModuleMixin)

    def initialize_parameters(self, input: Any, *_: Any, **__: Any) -> None:  # noqa: A002 - PyTorch's name
        """Become the layer that fits `input`; parameters that were loaded before keep their numbers."""
        full = self._full(input.shape[self.channel_dim])
        for name in full._registered:
            new, old = vars(full)[name], vars(self)[name]
            if isinstance(old, UninitializedParameter | UninitializedBuffer):
                old.materialize(new.shape)
                old.assign(new)
            vars(full)[name] = old
        own = {name: x for name, x in vars(self).items() if name != "_arguments"}
        vars(self).clear()
        vars(self).update({**vars(full), **own})
        self.__class__ = self.cls_to_become

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        if isinstance(self, LazyModuleMixin):  # this method may have been bound before the first call
            self.initialize_parameters(*inputs, **options)
        return Module.__call__(self, *inputs, **options)

    def extra_repr(self) -> str:
        """The arguments."""
        args, options = self._arguments
        return ", ".join([*map(repr, args), *(f"{name}={x!r}" for name, x in options.items())])


def _lazy(full: type[Module], channel_dim: int) -> type[LazyModuleMixin]:
    """The lazy class of a layer, whose first input has its channels along `channel_dim`."""
    name = f"Lazy{full.__name__}"
    first = full.__init__.__code__.co_varnames[1]
    return type(
        name,
        (LazyModuleMixin, full),
        {
            "__doc__": f"`{full.__name__}` whose `{first}` is read off the first input.",
            "__module__": __name__,
            "cls_to_become": full,
            "channel_dim": channel_dim,
        },
    )


LazyLinear = _lazy(Linear, -1)
LazyConv1d = _lazy(convolutions.Conv1d, -2)
LazyConv2d = _lazy(convolutions.Conv2d, -3)
LazyConv3d = _lazy(convolutions.Conv3d, -4)
LazyConvTranspose1d = _lazy(convolutions.ConvTranspose1d, -2)
LazyConvTranspose2d = _lazy(convolutions.ConvTranspose2d, -3)
LazyConvTranspose3d = _lazy(convolutions.ConvTranspose3d, -4)
LazyBatchNorm1d = _lazy(norms.BatchNorm1d, 1)
LazyBatchNorm2d = _lazy(norms.BatchNorm2d, 1)
LazyBatchNorm3d = _lazy(norms.BatchNorm3d, 1)
LazyInstanceNorm1d = _lazy(norms.InstanceNorm1d, -2)
LazyInstanceNorm2d = _lazy(norms.InstanceNorm2d, -3)
LazyInstanceNorm3d = _lazy(norms.InstanceNorm3d, -4)
