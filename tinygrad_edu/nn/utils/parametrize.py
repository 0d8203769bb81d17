"""Parameters that are computed from others whenever they are read, as `torch.nn.utils.parametrize`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tinygrad_edu.nn.containers import ModuleDict, ModuleList
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor.tensor import Tensor

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "type_before_parametrizations",
]

_cache: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("computed parameters", default=None)


class ParametrizationList(ModuleList):
    """The modules that compute a parameter, one after the other, from `original`, or `original0`, `original1`, ..."""

    def __init__(self, modules: Sequence[Module], original: Tensor, unsafe: bool = False) -> None:
        super().__init__(modules)
        self.unsafe = unsafe
        new = self._inverse(original, needed=False)
        self.is_tensor = isinstance(new, Tensor)
        if self.is_tensor:
            if new is not original:
                original.data = new
            self._keep("original", original, original)
        else:
            self.ntensors = len(new)
            for i, each in enumerate(new):
                self._keep(f"original{i}", each.detach().clone(), original)

    def _keep(self, name: str, value: Tensor, like: Tensor) -> None:
        if not isinstance(like, Parameter):
            self.register_buffer(name, value)
        elif isinstance(value, Parameter):
            self.register_parameter(name, value)
        else:
            self.register_parameter(name, Parameter(value, like.requires_grad))

    def _originals(self) -> list[Tensor]:
        names = ["original"] if self.is_tensor else [f"original{i}" for i in range(self.ntensors)]
        return [getattr(self, name) for name in names]

    def _inverse(self, value: Any, needed: bool) -> Any:
        """What the modules compute `value` from."""
        for module in reversed(list(self)):
            if hasattr(module, "right_inverse"):
                value = module.right_inverse(value)
            elif needed:
                raise RuntimeError(
                    f"an assigned value needs a method right_inverse(value) of {type(module).__name__}, which says "
                    "what the parameter is computed from"
                )
        return value

    def right_inverse(self, value: Tensor) -> None:
        """Overwrite the originals so that `value` is computed from them."""
        new = self._inverse(value, needed=True)
        for original, each in zip(self._originals(), [new] if self.is_tensor else new, strict=True):
            original.data = each

    def forward(self) -> Tensor:
        """The parameter."""
        first, *others = self
        value = first(*self._originals())
        for module in others:
            value = module(value)
        return value


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Let `parametrization(original)` be the parameter or buffer `tensor_name` of `module`; returns `module`.

    The original is `module.parametrizations[tensor_name].original`, or several, if the method `right_inverse` of the
    parametrization returns several. Several parametrizations are applied one after the other. Shape and dtype must
    stay, unless `unsafe`.
    """
    if is_parametrized(module, tensor_name):
        chain = module.parametrizations[tensor_name]
        _check(module, tensor_name, parametrization(getattr(module, tensor_name)), unsafe)
        if hasattr(parametrization, "right_inverse"):
            chain.right_inverse(parametrization.right_inverse(getattr(module, tensor_name)))
        chain.append(parametrization)
        return module
    if tensor_name not in {*module._parameters, *module._buffers}:
        raise ValueError(
            f"register_parametrization needs a parameter or buffer of {type(module).__name__}, got {tensor_name!r}"
        )
    chain = ParametrizationList([parametrization], getattr(module, tensor_name), unsafe)
    _check(module, tensor_name, chain(), unsafe)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        own = type(module)
        module.__class__ = type(f"Parametrized{own.__name__}", (own,), {"__doc__": own.__doc__})
        module.parametrizations = ModuleDict()
    module.parametrizations[tensor_name] = chain
    setattr(type(module), tensor_name, _computed(tensor_name))
    return module


def _check(module: Module, name: str, value: Any, unsafe: bool) -> None:
    before = getattr(module, name)
    if unsafe:
        return
    if not isinstance(value, Tensor) or value.shape != before.shape or value.dtype != before.dtype:
        got = f"shape {value.shape} and {value.dtype}" if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(
            f"register_parametrization needs a Tensor of shape {before.shape} and {before.dtype}, as {name!r} is, got "
            f"{got}; pass unsafe=True if it is meant"
        )


def _computed(name: str) -> property:
    """The attribute that is computed when it is read."""

    def read(module: Any) -> Tensor:
        kept, key = _cache.get(), (id(module), name)
        if kept is None:
            return module.parametrizations[name]()
        if key not in kept:
            kept[key] = module.parametrizations[name]()
        return kept[key]

    def write(module: Any, value: Tensor) -> None:
        module.parametrizations[name].right_inverse(value)

    return property(read, write)


@contextmanager
def cached() -> Iterator[None]:
    """Compute each parametrized parameter once inside: where one is read often, as in a recurrent network."""
    token = _cache.set({} if _cache.get() is None else _cache.get())
    try:
        yield
    finally:
        _cache.reset(token)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """True if a parameter of the module, or the one called `tensor_name`, is computed."""
    chains = getattr(module, "parametrizations", None)
    if not isinstance(chains, ModuleDict):
        return False
    return len(chains) > 0 if tensor_name is None else tensor_name in chains


def type_before_parametrizations(module: Module) -> type:
    """The class of the module before its first parametrization."""
    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Make `tensor_name` an ordinary parameter again: with its computed value, or with that of its original."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(
            f"remove_parametrizations needs a parametrized parameter of {type(module).__name__}, got {tensor_name!r}"
        )
    chain = module.parametrizations[tensor_name]
    if not chain.is_tensor and not leave_parametrized:
        raise ValueError(
            "remove_parametrizations with leave_parametrized=False needs one original, got "
            f"{chain.ntensors}: which of them would be the parameter?"
        )
    value = getattr(module, tensor_name).detach().clone()
    original = chain.original if chain.is_tensor else Parameter(value, chain.original0.requires_grad)
    if leave_parametrized:
        original.data = value
    del module.parametrizations[tensor_name]
    delattr(type(module), tensor_name)
    if not len(module.parametrizations):
        del module.parametrizations
        module.__class__ = type(module).__bases__[0]
    if isinstance(original, Parameter):
        module.register_parameter(tensor_name, original)
    else:
        module.register_buffer(tensor_name, original)
    return module
