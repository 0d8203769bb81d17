"""Placeholders: the results of a followed step before they are computed."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.versions import Memory
from tinygrad_edu.tensor.tensor import Tensor, around

# What a Variable knows of itself; of a placeholder nobody knows it before it is computed.
_UNKNOWN = (
    *("_first", "_second", "_rest", "settings", "common", "serial", "call_site"),
    *("call", "origin", "views", "born", "severed", "hooks", "former"),
    *("gradient_use", "grad_hooks", "_given_data"),
)


class _Known:
    """What is known of a Tensor without its numbers.

    Its members are copied: a class with two bases has another layout, and no Tensor could become one of its objects.
    """

    form: Any  # an array of its shape, dtype and strides

    shape = property(lambda self: self.form.shape)
    ndim = property(lambda self: self.form.ndim)
    dtype = property(lambda self: self.form.dtype)
    nbytes = property(lambda self: self.form.nbytes)
    itemsize = property(lambda self: self.form.itemsize)

    def dim(self) -> int:
        """The number of dimensions."""
        return self.form.ndim

    ndimension = dim

    def nelement(self) -> int:
        """The count of numbers."""
        return self.form.size

    numel = nelement

    def size(self, dim: Any = None) -> Any:
        """The shape, or the size of one dimension."""
        return Tensor.size(around(self.form), dim)

    def __len__(self) -> int:
        return len(around(self.form))


_KNOWN = {name: member for name, member in vars(_Known).items() if name == "__len__" or name[0] != "_"}


class Placeholder(Tensor):
    """A result without numbers: its shape and dtype are known, and asking for more computes all that was followed.

    With its numbers it becomes a Tensor: whoever holds it then holds that.
    """

    info: Any  # of the record: see `values.Info`

    form = property(lambda self: self.info.example)
    operation = property(lambda self: self.info.operation)
    is_leaf = property(lambda self: self.info.leaf or not self.info.requires_grad)
    detachment = property(lambda self: self.info.detachment, lambda _self, _value: None)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.info.owner.compute()
        return self.__reduce_ex__(protocol)

    def __deepcopy__(self, memo: Any) -> Any:
        self.info.owner.compute()
        return self.__deepcopy__(memo)

    @property
    def _grad(self) -> Any:
        if self.info.leaf:
            return self.__dict__.get("_grad")
        self.info.owner.compute("the gradient of a result is read in it")
        return self._grad

    @_grad.setter
    def _grad(self, value: Any) -> None:
        if self.info.leaf:
            self.__dict__["_grad"] = value
        else:
            self.info.owner.compute()
            self._grad = value

    @property
    def requires_grad(self) -> bool:
        """Whether it takes part in a graph."""
        return bool(self.info.requires_grad)

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        owner = self.info.owner
        if self.info.requires_grad is value:
            return
        if value is True and self.info.operation is None:
            owner.mark(self)
        else:
            owner.compute()
            self.requires_grad = value

    @property
    def raw(self) -> Any:
        """The numbers."""
        array = self.info.owner.read(self)
        return self.raw if array is None else array

    @raw.setter
    def raw(self, value: Any) -> None:
        self.info.owner.compute()
        self.raw = value


Placeholder.__name__ = "Tensor"


def _computed(name: str) -> property:
    """An attribute that is known once everything is computed."""

    def get(self: Any) -> Any:
        self.info.owner.compute()
        return getattr(self, name)

    def put(self: Any, value: Any) -> None:
        self.info.owner.compute()
        setattr(self, name, value)

    return property(get, put)


def _of_a_view(name: str, hidden: bool) -> property:
    """What a view is a view of: an attribute that is None of what is no view."""
    known = _computed(name)

    def get(self: Any) -> Any:
        info = self.info
        if info.whole is None:
            return None
        number, is_hidden = info.whole
        if number is None:
            return known.fget(self)  # type: ignore[misc]
        whole = info.owner.values[number]
        return None if hidden is not is_hidden else (lambda: whole) if hidden else whole

    return property(get, known.fset)


def _inputs(x: Placeholder) -> tuple[Any, ...]:
    values = x.info.owner.values
    return tuple([values[n] for n in x.info.inputs])


def _shared(x: Any) -> Memory:
    """The version of the array of `x`, which is that of what it is a view of."""
    known = x.__dict__.get("memory")
    if known is None:
        (parent, *_) = _inputs(x) if x.info.view else [None]
        if parent is None:
            known = Memory()
        else:
            known = _shared(parent) if isinstance(parent, Placeholder) else parent.shared_memory()
        x.__dict__["memory"] = known
    return known


for _name in _UNKNOWN:
    setattr(Placeholder, _name, _computed(_name))
for _name, _member in _KNOWN.items():
    setattr(Placeholder, _name, _member)
Placeholder.base = _of_a_view("base", hidden=False)  # type: ignore[assignment]
Placeholder.hidden_base = _of_a_view("hidden_base", hidden=True)  # type: ignore[assignment]
Placeholder.inputs = property(  # type: ignore[assignment]
    lambda self: () if self.info.operation is None else _inputs(self), _computed("inputs").fset
)
Placeholder.memory = property(  # type: ignore[assignment]
    lambda self: _shared(self) if self.info.view else self.__dict__.get("memory"), _computed("memory").fset
)


# Tensors from before the step that it overwrites.


def awaiting(follower: Any, kind: Any) -> Any:
    """The class of a `kind` that `follower` is about to overwrite: reading its numbers computes all so far."""

    def get(self: Any) -> Any:
        follower.compute()
        return self.raw

    def put(self: Any, value: Any) -> None:
        follower.compute()
        self.raw = value

    def reduced(self: Any, protocol: Any) -> Any:
        follower.compute()
        return self.__reduce_ex__(protocol)

    def copied(self: Any, memo: Any) -> Any:
        follower.compute()
        return self.__deepcopy__(memo)

    space = {
        **_KNOWN,
        "awaits": follower,
        "raw": property(get, put),
        "form": property(lambda self: vars(self)["raw"]),
        "__reduce_ex__": reduced,
        "__deepcopy__": copied,
        "__module__": kind.__module__,
    }
    return type(kind)(kind.__name__, (kind,), space)
