"""The state of a module as a dict of tensors by path: taken out, and put back in as a whole or not at all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from reprlib import repr as short
from typing import Any, NamedTuple

from tinygrad_edu.engine.hooks import RemovableHandle
from tinygrad_edu.nn.module_attributes import BUFFER, MODULE, PARAMETER
from tinygrad_edu.nn.module_tree import Tree
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor.tensor import Tensor

EXTRA = "_extra_state"


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict` left out: names that the dict has not, and names that the module has not."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not (self.missing_keys or self.unexpected_keys):
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Place(NamedTuple):
    """An entry of the state: the module that has it, and under which name."""

    owner: Any
    name: str

    @property
    def value(self) -> Any:
        """The Tensor there."""
        return vars(self.owner)[self.name]


class State(Tree):
    """The part of Module that saves and loads."""

    _save_hooks: tuple[dict[int, Any], dict[int, Any]] | None = None  # before and after
    _load_hooks: tuple[dict[int, Any], dict[int, Any]] | None = None

    def state_dict(
        self,
        *,
        destination: dict[str, Any] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> dict[str, Any]:
        """Parameters and persistent buffers by path, in the same memory as the module's own.

        They change with the module: keep a copy with `copy.deepcopy(net.state_dict())`, or `save` them. `keep_vars`:
        the parameters themselves instead of their numbers.
        """
        found: dict[str, Any] = OrderedDict() if destination is None else destination
        before, after = self._save_hooks or ({}, {})
        for hook in list(before.values()):
            hook(self, prefix, keep_vars)
        for name, value in self._own_state():
            found[prefix + name] = value if keep_vars else value.detach()
        if (extra := self.get_extra_state()) is not None:
            found[prefix + EXTRA] = extra
        for name, child in self._named(MODULE):
            child.state_dict(destination=found, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in list(after.values()):
            given = hook(self, found, prefix, {})
            found = found if given is None else given
        return found

    def _own_state(self) -> Iterator[tuple[str, Tensor]]:
        """The parameters and persistent buffers of this module alone."""
        yield from self._named(PARAMETER)
        yield from ((name, buffer) for name, buffer in self._named(BUFFER) if self._persistent(name))

    def _places(self, prefix: str = "") -> Iterator[tuple[str, Place]]:
        """Where each entry of `state_dict` belongs, by path."""
        for name, _ in self._own_state():
            yield prefix + name, Place(self, name)
        if type(self).get_extra_state is not State.get_extra_state:
            yield prefix + EXTRA, Place(self, EXTRA)
        for name, child in self._named(MODULE):
            yield from child._places(f"{prefix}{name}.")

    def load_state_dict(self, state_dict: Any, strict: bool = True, assign: bool = False) -> IncompatibleKeys:
        """Overwrite parameters and buffers with saved values; nothing changes if one of them does not fit.

        `assign`: take the tensors themselves instead of their numbers. Returns the missing and the unexpected names.
        Raises `RuntimeError` if there are any, unless not `strict`, or if shapes differ.
        """
        if not hasattr(state_dict, "items"):
            raise TypeError(
                f"load_state_dict of {type(self).__name__} needs a dict of tensors, got {type(state_dict).__name__} "
                f"{short(state_dict)}; a saved file is read by load(...) first"
            )
        given = OrderedDict(state_dict)
        keys = IncompatibleKeys([], [])
        faults: list[str] = []
        for prefix, module in type(self).named_modules(self, remove_duplicate=False):
            start = f"{prefix}." if prefix else ""
            module._add_later_names(given, start)
            for hook in list((module._load_hooks or ({}, {}))[0].values()):
                hook(module, given, start, {}, strict, keys.missing_keys, keys.unexpected_keys, faults)
        own = dict(self._places())
        keys.missing_keys.extend(path for path in own if path not in given)
        keys.unexpected_keys.extend(path for path in given if path not in own)
        new = {
            path: _new_value(own[path], path, value, faults) for path, value in given.items() if path in own
        }
        _raise_faults(type(self).__name__, keys if strict else IncompatibleKeys([], []), faults)
        for path, value in new.items():
            _put(own[path], value, assign)
        for module in type(self).modules(self):
            for hook in list((module._load_hooks or ({}, {}))[1].values()):
                hook(module, keys)
        return keys

    def _add_later_names(self, state_dict: dict[str, Any], prefix: str) -> None:
        """Add to a dict that is loaded what states did not have yet when older files were written."""

    def get_extra_state(self) -> Any:
        """What else belongs to the state, for a subclass that has something: anything that can be saved."""
        return None

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` returned."""
        raise RuntimeError(
            f"{type(self).__name__} needs a method set_extra_state(state), to load {short(state)}"
        )

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, prefix, keep_vars)` before `state_dict` reads this module."""
        return RemovableHandle(self._hooks_of("_save_hooks")[0], hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, state_dict, prefix, local_metadata)` after `state_dict` has read this module."""
        return RemovableHandle(self._hooks_of("_save_hooks")[1], hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call a hook before anything is loaded: it may change the copy of the dict that is read.

        `hook(module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)`.
        """
        return RemovableHandle(self._hooks_of("_load_hooks")[0], hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call `hook(module, incompatible_keys)` after everything is loaded."""
        return RemovableHandle(self._hooks_of("_load_hooks")[1], hook)

    def _hooks_of(self, name: str) -> Any:
        return vars(self).setdefault(name, ({}, {}))


def _new_value(place: Place, path: str, value: Any, faults: list[str]) -> Any:
    """The saved value for a place; one that does not fit is added to `faults`."""
    if place.name == EXTRA:
        return value
    new = value if isinstance(value, Tensor) else Tensor(value)
    uninitialized = hasattr(place.value, "materialize")
    if not uninitialized and new.shape != place.value.shape:
        faults.append(
            f"size mismatch for {path}: the saved value has shape {new.shape}, the one in the module has "
            f"{place.value.shape}"
        )
    return new


def _raise_faults(name: str, keys: IncompatibleKeys, faults: list[str]) -> None:
    names = {"Missing": keys.missing_keys, "Unexpected": keys.unexpected_keys}
    quoted = {what: ", ".join(f'"{path}"' for path in paths) for what, paths in names.items()}
    said = [f"{what} key(s) in state_dict: {paths}" for what, paths in quoted.items() if paths]
    if said or faults:
        raise RuntimeError(f"Error(s) in loading state_dict for {name}:\n\t" + "\n\t".join([*said, *faults]))


def _put(place: Place, value: Any, assign: bool) -> None:
    """Overwrite what is at a place."""
    if place.name == EXTRA:
        place.owner.set_extra_state(value)
        return
    old = place.value
    if hasattr(old, "materialize"):
        old.materialize(value.shape)
    if not assign:
        old.assign(value)
    elif isinstance(old, Parameter):
        vars(place.owner)[place.name] = Parameter(value, old.requires_grad and value.dtype.kind == "f")
    else:
        vars(place.owner)[place.name] = value
