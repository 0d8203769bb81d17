"""Tensor: an array that remembers how it was computed. How one is made, and what `dir` shows of it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from reprlib import repr as short
from typing import Any, cast
from weakref import ref

import numpy as np

from tinygrad_edu.engine.detachment import DETACH, by_copying
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import CREATE, Variable, announce
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.hints.kept_graphs import copied_without_graph
from tinygrad_edu.tensor.coerce import as_array, real_dtype
from tinygrad_edu.tensor.devices import check_place
from tinygrad_edu.tensor.dtypes import NAMES, promoted
from tinygrad_edu.tensor.gradient_flow import Gradients
from tinygrad_edu.tensor.inplace import InPlace
from tinygrad_edu.tensor.methods import ABSENT, Methods
from tinygrad_edu.tensor.numpy_protocol import NumpyProtocol
from tinygrad_edu.tensor.shape_errors import complaint
from tinygrad_edu.tensor.vocabulary import WORDS, word

_OF_THE_GRAPH = {name for name in dir(Variable) if name[0] != "_"} - {"name", "requires_grad"}
_SEAMS = {
    *(
        "admit",
        "around",
        "awaits",
        "complaint",
        "copy_numbers_to",
        "described",
        "gradient_use",
        "holding",
        "holds",
    ),
    *("grad_hooks", "overwrite", "promoted", "raw", "raw_grad", "result_kind", "shares_memory"),
}


def _for_users(names: Iterable[str], kind: type) -> list[str]:
    """Those of `names` that `dir`, Tab and help show of a class: PyTorch's, and not the seams to the graph."""
    absent = {name for name in ABSENT if inspect.getattr_static(kind, name) is ABSENT[name]}
    return sorted(set(names) - _OF_THE_GRAPH - _SEAMS - absent)


class _Kind(type):
    def __dir__(cls) -> list[str]:
        return _for_users(super().__dir__(), cls)


class Tensor(InPlace["Tensor"], Gradients, NumpyProtocol, Methods, metaclass=_Kind, of_results=True):
    """An array of real numbers that takes part in a graph.

    `Tensor(data)` copies `data`: numbers, nested lists, an array or a Tensor. Lists and Python numbers become float64
    (see `set_default_dtype`), arrays keep their dtype; `tensor(data)` keeps whole numbers, too, unless
    `requires_grad`. `name` is shown in pictures, derivations and messages.
    """

    raw: np.ndarray
    _given_data: Sequence[ref[Tensor]] = ()
    awaits: Any = None  # of a class: the follower that is about to overwrite its Tensors
    holds = np.ndarray
    holding = staticmethod(np.asarray)
    shares_memory = staticmethod(np.may_share_memory)
    complaint = staticmethod(complaint)
    promoted = staticmethod(promoted)

    def __init__(
        self, data: Any, dtype: Any = None, *, requires_grad: bool = False, name: str | None = None
    ) -> None:
        self._fill(data, dtype, requires_grad, name, floats=True)

    def _fill(self, data: Any, dtype: Any, requires_grad: bool, name: str | None, *, floats: bool) -> None:
        if isinstance(data, Variable):
            self.detachment = None if requires_grad else by_copying(data)
            data = data.raw
        self.raw = as_array(data, dtype, requires_grad, floats)
        if requires_grad:
            self.requires_grad = True
        if name is not None:
            self.name = name
        announce(CREATE, data, result=self)

    @staticmethod
    def around(raw: Any) -> Tensor:
        """A Tensor around a raw value that nobody else will change."""
        result = Tensor.__new__(Tensor)
        result.raw = np.asarray(raw)
        return result

    def admit(self, x: Any, operation: Operation) -> Any:
        """NumPy's single numbers count as plain numbers (they change no dtype); arrays are copied."""
        if isinstance(x, Variable) or x.__class__ in (float, int, bool):
            return x
        if isinstance(x, np.generic) and x.dtype.kind in "fiub":
            return x.item()
        if isinstance(x, np.ndarray | list | tuple):
            return tensor(x)
        raise TypeError(
            f"{operation.name} takes Tensors, arrays and numbers, got {type(x).__name__} {short(x)}"
        )

    def described(self) -> str:
        """Name and shape for messages: `'W1' of shape (4, 3)`."""
        return f"{self.name!r} of shape {self.shape}" if self.name else f"a tensor of shape {self.shape}"

    def detach(self) -> Tensor:
        """The same numbers in the same memory, outside the graph."""
        result = cast("Tensor", self.apply(DETACH, (self,), {}))
        result.name = self.name
        result.detachment = self.detachment or result.detachment
        return result

    @property
    def data(self) -> Tensor:
        """The same numbers in the same memory, outside the graph.

        Assigning replaces them; what `.data` gave before keeps the old ones, as in PyTorch, so they can be put back.
        """
        same = self.detach()
        self._given_data = [ref(x) for x in (*self._data_in_use(), same)]
        return same

    @data.setter
    def data(self, value: Any) -> None:
        new = value.detach() if isinstance(value, Tensor) else Tensor(value)
        if new.shape != self.shape:
            raise ValueError(f"data needs shape {self.shape}, got {new.shape}; make a new Tensor instead")
        for old in self._data_in_use():
            if old is not value and self.shares_memory(old.raw, self.raw):
                self._leave(old)
        self._given_data = ()
        self.assign(new)

    def _data_in_use(self) -> list[Tensor]:
        """What `.data` gave and a program still holds."""
        return [old for known in self._given_data if (old := known()) is not None]

    def _leave(self, old: Tensor) -> None:
        """Give what `.data` gave before memory of its own, before other numbers come into this one."""
        follower = current().follower
        if follower is not None and follower.active:
            follower.stop("it assigns .data while the program may hold what .data gave before")
        if not current().watchers:  # who watches keeps everything alive, also what the program dropped
            old.raw, old.memory = old.raw.copy(), None

    def __dir__(self) -> list[str]:
        return _for_users(super().__dir__(), type(self))


around = Tensor.around


@word
def tensor(
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
    name: str | None = None,
) -> Tensor:
    """A new Tensor with a copy of `data`: numbers, nested lists, an array or a Tensor. See `Tensor`.

    Lists of whole numbers stay whole, unless `requires_grad`.
    """
    if device is not None or pin_memory:
        check_place("tensor", device, pin_memory)
    if not requires_grad:
        copied_without_graph(data)
    result = Tensor.__new__(Tensor)
    result._fill(data, dtype, requires_grad, name, floats=False)
    return result


class TensorType(type):
    """A class as old programs name it, of which a Tensor of its dtype is an instance: `FloatTensor([1, 2])`."""

    dtype: np.dtype[Any]

    def __call__(cls, *data: Any) -> Tensor:
        """A Tensor of numbers, `FloatTensor([1, 2])`, or of sizes, `FloatTensor(2, 3)`."""
        if len(data) == 1 and not isinstance(data[0], int):
            return Tensor(data[0], cls.dtype)
        return Tensor(np.zeros(data or 0, cls.dtype))

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Tensor) and x.dtype == cls.dtype


WORDS |= {
    kind: TensorType(kind, (), {"dtype": real_dtype(kind, name), "__doc__": f"Tensors of {name}."})
    for name, (_, kind) in NAMES.items()
}
