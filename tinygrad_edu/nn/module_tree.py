"""The tree of modules: who is inside a module, and by which path its parameters and buffers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from tinygrad_edu.nn.module_attributes import BUFFER, MODULE, PARAMETER, Attributes
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.unregistered import warn_unregistered
from tinygrad_edu.tensor.tensor import Tensor


class Tree(Attributes):
    """The part of Module that walks through the modules inside it."""

    def _named(self, kind: str) -> Iterator[tuple[str, Any]]:
        """The own attributes of one kind that are not None, with their names."""
        own = vars(self)
        for name, each in list(own.get("_registered", {}).items()):
            if each == kind and own[name] is not None:
                yield name, own[name]

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """The modules among the attributes, with their names; a module of two names is listed once."""
        return _each_once(self._named(MODULE))

    def children(self) -> Iterator[Any]:
        """The modules among the attributes."""
        return (module for _, module in type(self).named_children(self))

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """This module and all inside it, with their paths; a module met twice is listed once."""
        seen = set() if memo is None else memo
        if self in seen:
            return
        if remove_duplicate:
            seen.add(self)
        yield prefix, self
        for name, child in self._named(MODULE):
            path = f"{prefix}.{name}" if prefix else name
            yield from type(child).named_modules(child, seen, path, remove_duplicate)

    def modules(self) -> Iterator[Any]:
        """This module and all inside it."""
        return (module for _, module in type(self).named_modules(self))

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """All parameters with their paths; a parameter shared by two modules is listed once."""
        return self._everywhere(PARAMETER, prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, for the optimizer."""
        if recurse:
            warn_unregistered(self)
        return (parameter for _, parameter in type(self).named_parameters(self, recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """All buffers with their paths."""
        return self._everywhere(BUFFER, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers: tensors of the state that no optimizer moves."""
        return (buffer for _, buffer in type(self).named_buffers(self, recurse=recurse))

    def _everywhere(self, kind: str, prefix: str, recurse: bool, once: bool) -> Iterator[tuple[str, Any]]:
        modules = type(self).named_modules(self, None, prefix, once) if recurse else iter([(prefix, self)])
        found = (
            (f"{path}.{name}" if path else name, item)
            for path, module in modules
            for name, item in module._named(kind)
        )
        return _each_once(found) if once else found

    def get_submodule(self, target: str) -> Any:
        """The module at a path, `"layers.0"`; this one for `""`. Raises `AttributeError` if there is none."""
        module: Any = self
        for name in target.split(".") if target else ():
            found = getattr(module, name, None)
            if not isinstance(found, Tree):
                raise AttributeError(
                    f"{type(module).__name__} has no module {name!r}, looked for as {target!r}"
                )
            module = found
        return module

    def set_submodule(self, target: str, module: Any, strict: bool = False) -> None:
        """Put `module` at a path; with `strict` only where there is one."""
        path, _, name = target.rpartition(".")
        if not name:
            raise ValueError("set_submodule needs the path of a module, got an empty text")
        owner = type(self).get_submodule(self, path)
        if strict:
            type(self).get_submodule(self, target)
        setattr(owner, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter at a path, `"layers.0.weight"`. Raises `AttributeError` if there is none."""
        return self._at(PARAMETER, target)

    def get_buffer(self, target: str) -> Tensor:
        """The buffer at a path. Raises `AttributeError` if there is none."""
        return self._at(BUFFER, target)

    def _at(self, kind: str, target: str) -> Any:
        path, _, name = target.rpartition(".")
        owner = type(self).get_submodule(self, path)
        found = dict(owner._named(kind))
        if name not in found:
            raise AttributeError(f"{type(owner).__name__} has no {kind} {name!r}, looked for as {target!r}")
        return found[name]

    def apply(self, fn: Callable[[Any], Any]) -> Self:
        """Call `fn` with every module inside this one, and with this one at the end: to set initial weights, say."""
        for module in type(self).children(self):
            module.apply(fn)
        fn(self)
        return self

    def extra_repr(self) -> str:
        """The text between the brackets of the module's repr."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = self._children_lines()
        if not children and "\n" not in extra:
            return f"{self._get_name()}({extra})"
        lines = [*(extra.split("\n") if extra else ()), *children]
        return "\n  ".join([f"{self._get_name()}(", *lines]) + "\n)"

    def _children_lines(self) -> list[str]:
        """One text for each child, `(name): repr`."""
        named = ((name, item) for name, item in self._modules.items())
        return [indented(f"({name}): {child!r}") for name, child in named]

    def _get_name(self) -> str:
        return type(self).__name__


def indented(text: str) -> str:
    """The lines of a repr that stands inside another one."""
    return text.replace("\n", "\n  ")


def _each_once(named: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen: set[Any] = set()
    for name, item in named:
        if item not in seen:
            seen.add(item)
            yield name, item
