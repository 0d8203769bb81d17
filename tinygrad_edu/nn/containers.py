"""Modules made of modules."""

from __future__ import annotations

from collections.abc import Iterator
from reprlib import repr as short
from typing import Any, overload

from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor


class Sequential(Module):
    """One module after the other: the result of each is the input of the next.

    Takes modules, or one dict of names and modules. Parts are named `0`, `1`, ... unless named in a dict.
    """

    def __init__(self, *modules: Any) -> None:
        named = (
            modules[0].items() if len(modules) == 1 and isinstance(modules[0], dict) else enumerate(modules)
        )
        self._parts: tuple[Module, ...] = ()
        self._calls: tuple[Any, ...] = ()
        for name, module in named:
            self.add_module(str(name), module)

    def add_module(self, name: str, module: Module) -> None:
        """Put `module` at the end, under `name`."""
        if not isinstance(module, Module):
            hint = "; write its brackets, as in Sigmoid()" if isinstance(module, type) else ""
            hint = "; write Sequential(*modules)" if isinstance(module, list | tuple) else hint
            raise TypeError(f"Sequential needs modules, got {short(module)} as part {name!r}{hint}")
        if not name or "." in name or hasattr(self, name):
            raise ValueError(f"Sequential needs names without a dot that are not taken, got {name!r}")
        setattr(self, name, module)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        # A part may have been added, or exchanged: net.head = Linear(3, 2).
        if name not in ("_parts", "_calls", "training"):
            self._parts = tuple(type(self).children(self))
            self._calls = tuple(part.__call__ for part in self._parts)  # bound once, as calls are frequent

    def append(self, module: Module) -> Sequential:
        """Put `module` at the end, under the next number."""
        self.add_module(str(len(self)), module)
        return self

    def forward(self, input: Any) -> Tensor:  # noqa: A002 - PyTorch's name
        """The last module's result."""
        for call in self._calls:
            input = call(input)  # noqa: A001
        return input

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._parts)

    @overload
    def __getitem__(self, index: slice) -> Sequential: ...
    @overload
    def __getitem__(self, index: int) -> Any: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Sequential(dict(list(type(self).named_children(self))[index]))
        if not -len(self) <= index < len(self):
            raise IndexError(f"Sequential has {len(self)} parts, got index {index}")
        return self._parts[index]
