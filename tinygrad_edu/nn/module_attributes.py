"""The attributes of a module that make up its state: parameters, buffers and modules, in the order of registration."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from reprlib import repr as short
from typing import TYPE_CHECKING, Any

from tinygrad_edu.nn.parameter import Buffer, Parameter
from tinygrad_edu.tensor.tensor import Tensor

PARAMETER, BUFFER, MODULE = "parameter", "buffer", "module"


class Registered(MutableMapping[str, Any]):
    """The registered attributes of one kind, by name: a view, in which an item that is set becomes an attribute."""

    def __init__(self, owner: Attributes, kind: str) -> None:
        self._owner, self._kind = owner, kind

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, kind in self._owner._registered.items() if kind == self._kind])

    def __len__(self) -> int:
        return sum(kind == self._kind for kind in self._owner._registered.values())

    def __getitem__(self, name: str) -> Any:
        if self._owner._registered.get(name) != self._kind:
            raise KeyError(name)
        return vars(self._owner)[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._owner._register(name, self._kind, value)

    def __delitem__(self, name: str) -> None:
        self[name]
        delattr(self._owner, name)

    def __repr__(self) -> str:
        return repr(dict(self))


class Attributes:
    """The part of Module that sorts what is assigned to it.

    A Parameter, a Buffer and a module that are assigned become part of the state; afterwards their names stand for the
    same kind, or None. Lists and dicts of modules are no part of it: these are `ModuleList` and `ModuleDict`.
    """

    training = True
    _registered: dict[str, str]  # the kind of each attribute that is part of the state

    def __init__(self) -> None:
        own = vars(self)
        own["training"] = True
        own.setdefault("_registered", {})

    @property
    def _parameters(self) -> Registered:
        return Registered(self, PARAMETER)

    @property
    def _buffers(self) -> Registered:
        return Registered(self, BUFFER)

    @property
    def _modules(self) -> Registered:
        return Registered(self, MODULE)

    if TYPE_CHECKING:  # for a type checker what was registered by name is of any type

        def __getattr__(self, name: str) -> Any: ...

    def __setattr__(self, name: str, value: Any) -> None:
        kind = self._kind_of(name, value)
        if kind is None:
            super().__setattr__(name, value)
        else:
            self._register(name, kind, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        vars(self).get("_registered", {}).pop(name, None)

    def _register(self, name: str, kind: str, value: Any) -> None:
        """Make `value` the attribute `name`, of this kind."""
        registered = vars(self).get("_registered")
        if registered is None:
            raise AttributeError(
                f"cannot assign {kind} {name!r} before Module.__init__() call; write super().__init__() as the first "
                f"line of {type(self).__name__}.__init__"
            )
        if registered.get(name) != kind:
            registered.pop(name, None)
        registered[name] = kind
        vars(self)[name] = value

    def _kind_of(self, name: str, value: Any) -> str | None:
        """The kind of the attribute when `value` is assigned to it; None for one that is no part of the state."""
        if isinstance(value, Parameter):
            return PARAMETER
        if isinstance(value, Attributes) and name != "training":
            return MODULE
        if isinstance(value, Buffer):
            return BUFFER
        known = vars(self).get("_registered", {}).get(name)
        if known is not None and value is not None and not (known == BUFFER and isinstance(value, Tensor)):
            raise TypeError(_unfit(self, name, known, value))
        if name == "training" and not isinstance(value, bool):
            raise TypeError(
                f"{type(self).__name__}.training is True or False, as train() and eval() set it, got {short(value)}; "
                "give the attribute another name"
            )
        return known

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make `param` the attribute `name`; None keeps the place of a parameter that is left out."""
        self._check_name("register_parameter", PARAMETER, name)
        if not isinstance(param, Parameter | None):
            raise TypeError(
                f"register_parameter needs a Parameter or None as {name!r}, got {type(param).__name__}; write "
                "Parameter(...)"
            )
        self._register(name, PARAMETER, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Make `tensor`, which has no gradient, part of the state: of `state_dict` only if `persistent`."""
        self._check_name("register_buffer", BUFFER, name)
        if not isinstance(tensor, Tensor | None):
            raise TypeError(
                f"register_buffer needs a Tensor or None as {name!r}, got {type(tensor).__name__}; write tensor(...)"
            )
        self._register(name, BUFFER, tensor)
        if not persistent:
            vars(self).setdefault("_non_persistent_buffers_set", set()).add(name)

    def add_module(self, name: str, module: Any) -> None:
        """Make `module` the attribute `name`; None keeps the place of a module that is left out."""
        if not isinstance(module, Attributes | None):
            hint = "; write its brackets, as in Sigmoid()" if isinstance(module, type) else ""
            hint = "; write Sequential(*modules)" if isinstance(module, list | tuple) else hint
            raise TypeError(
                f"{type(self).__name__} needs modules, got {short(module)} as part {name!r}{hint}"
            )
        self._check_name(type(self).__name__, MODULE, name)
        self._register(name, MODULE, module)

    def register_module(self, name: str, module: Any) -> None:
        """`add_module(name, module)`."""
        self.add_module(name, module)

    def _check_name(self, call: str, kind: str, name: Any) -> None:
        """Raise an error unless an attribute of this kind may be added under `name`."""
        if not isinstance(name, str):
            raise TypeError(f"{call} needs the name of a {kind} as text, got {short(name)}")
        taken = hasattr(self, name) and vars(self).get("_registered", {}).get(name) != kind
        if not name or "." in name or taken:
            raise KeyError(f"{call} needs a name for a {kind} without a dot that is not taken, got {name!r}")

    def _persistent(self, name: str) -> bool:
        """True if `state_dict` has the buffer `name`."""
        temporary = vars(self).get("_non_persistent_buffers_set", ())
        return name not in temporary and getattr(vars(self)[name], "persistent", True)


def _unfit(owner: Any, name: str, kind: str, value: Any) -> str:
    """What to say when the attribute `name`, of this kind, is assigned a value of another one."""
    start = f"{type(owner).__name__}.{name} needs a "
    got = type(value).__name__
    if kind == PARAMETER:
        return (
            f"{start}Parameter, got {got}, which no optimizer would find; use Parameter(...), or assign new numbers "
            f"to .{name}.data"
        )
    what = "module" if kind == MODULE else "Tensor"
    return f"{start}{what} or None, got {got}; use another name, or take it away first: del net.{name}"
