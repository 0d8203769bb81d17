"""Modules made of modules: one after the other, a list, a dict."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import groupby
from reprlib import repr as short
from typing import Any, Self, overload

from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.module_attributes import MODULE
from tinygrad_edu.nn.module_tree import indented
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["ModuleDict", "ModuleList", "Sequential"]


class Numbered(Module):
    """Modules named by numbers, which stay `0`, `1`, ... when one is put in or taken out."""

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._modules.values()))

    def __contains__(self, module: object) -> bool:
        return any(part is module for part in self)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def __setitem__(self, index: int, module: Any) -> None:
        setattr(self, self._name(index), self._checked(module, index))

    def __delitem__(self, index: int | slice) -> None:
        parts = list(self._modules.items())
        names = [name for name, _ in parts]
        gone = set(names[index]) if isinstance(index, slice) else {self._name(index)}
        kept = [(name, part) for name, part in parts if name not in gone]
        self._replace(kept)

    def append(self, module: Any) -> Self:
        """Put `module` at the end, under the next number."""
        name = str(len(self))
        if name in self._modules:
            raise KeyError(f"{type(self).__name__} has a part {name!r} already; use add_module(name, module)")
        self.add_module(name, module)
        return self

    def extend(self, modules: Iterable[Any]) -> Self:
        """Put modules at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"extend needs modules in a list, got {type(modules).__name__} {short(modules)}")
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Any) -> Self:
        """Put `module` before the one at `index`."""
        parts = list(self)
        parts.insert(index, self._checked(module, index))
        self._replace([(str(i), part) for i, part in enumerate(parts)])
        return self

    def pop(self, index: int) -> Any:
        """Take a module out."""
        module = self._modules[self._name(index)]
        del self[index]
        return module

    def __iadd__(self, modules: Iterable[Any]) -> Self:
        return self.extend(modules)

    def __add__(self, modules: Iterable[Any]) -> Self:
        return type(self)().extend(self).extend(modules)

    def _checked(self, module: Any, index: int) -> Any:
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__} needs modules, got {short(module)} as part {index}")
        return module

    def _replace(self, parts: list[tuple[str, Any]]) -> None:
        """Have these parts, renumbered if all names are numbers."""
        numbered = all(name.isdigit() for name, _ in parts)
        for name in list(self._modules):
            delattr(self, name)
        for i, (name, part) in enumerate(parts):
            self.add_module(str(i) if numbered else name, part)

    def _name(self, index: Any) -> str:
        """The name of the part at `index`, which may be negative."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"{type(self).__name__} has {len(self)} parts, got index {index}")
        return list(self._modules)[index]


class Sequential(Numbered):
    """One module after the other: the result of each is the input of the next.

    Takes modules, or one dict of names and modules. Parts are named `0`, `1`, ... unless named in a dict.
    """

    @overload
    def __init__(self, *modules: Module) -> None: ...
    @overload
    def __init__(self, modules: dict[str, Any], /) -> None: ...
    def __init__(self, *modules: Any) -> None:
        super().__init__()
        self._parts: tuple[Module, ...] = ()
        self._calls: tuple[Any, ...] = ()
        named = (
            modules[0].items() if len(modules) == 1 and isinstance(modules[0], dict) else enumerate(modules)
        )
        for name, module in named:
            self.add_module(str(name), module)

    def _register(self, name: str, kind: str, value: Any) -> None:
        if value is None and kind == MODULE:
            raise TypeError(f"{type(self).__name__} needs modules, got None as part {name!r}")
        super()._register(name, kind, value)
        self._note_parts()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._note_parts()

    def _note_parts(self) -> None:
        """Bind the calls of the parts once, as they are frequent."""
        own = vars(self)
        own["_parts"] = tuple(self._modules.values())
        own["_calls"] = tuple(part.__call__ for part in own["_parts"])

    def forward(self, input: Any) -> Tensor:  # noqa: A002 - PyTorch's name
        """The last module's result."""
        for call in self._calls:
            input = call(input)  # noqa: A001
        return input

    @overload
    def __getitem__(self, index: slice) -> Self: ...
    @overload
    def __getitem__(self, index: int) -> Any: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(OrderedDict(list(self._modules.items())[index]))
        return self._modules[self._name(index)]

    def __mul__(self, times: int) -> Self:
        if isinstance(times, bool) or not isinstance(times, int) or times < 1:
            raise ValueError(f"Sequential needs a whole number of 1 or more as factor, got {short(times)}")
        return type(self)().extend(list(self) * times)

    __rmul__ = __mul__


class ModuleList(Numbered):
    """A list whose modules belong to the module that has it: `self.layers = ModuleList([...])`."""

    def __init__(self, modules: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(modules if modules is not None else ())

    @overload
    def __getitem__(self, index: slice) -> Self: ...
    @overload
    def __getitem__(self, index: int) -> Any: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return self._modules[self._name(index)]

    def _children_lines(self) -> list[str]:
        """One text for each run of equal modules, `(0-3): 4 x repr`."""
        lines = []
        for text, run in groupby(enumerate(self), key=lambda item: repr(item[1])):
            numbers = [i for i, _ in run]
            one = len(numbers) == 1
            place = f"({numbers[0]})" if one else f"({numbers[0]}-{numbers[-1]})"
            lines.append(indented(f"{place}: {text if one else f'{len(numbers)} x {text}'}"))
        return lines


class ModuleDict(Module):
    """A dict whose modules belong to the module that has it: `self.heads = ModuleDict({...})`."""

    def __init__(self, modules: Any = None) -> None:
        super().__init__()
        self.update(modules if modules is not None else {})

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Any) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def keys(self) -> Any:
        """The names."""
        return self._modules.keys()

    def items(self) -> Any:
        """The names with their modules."""
        return self._modules.items()

    def values(self) -> Any:
        """The modules."""
        return self._modules.values()

    def update(self, modules: Any) -> None:
        """Put in the modules of a dict, or of pairs of names and modules."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"ModuleDict needs a dict of modules, got {type(modules).__name__} {short(modules)}"
            )
        for key, module in modules.items() if hasattr(modules, "items") else modules:
            self[key] = module

    def pop(self, key: str) -> Any:
        """Take a module out."""
        return self._modules.pop(key)

    def clear(self) -> None:
        """Take all modules out."""
        self._modules.clear()
