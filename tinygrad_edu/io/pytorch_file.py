"""Checkpoints of PyTorch: the zip archives that `torch.save` writes, with a pickle and the numbers of its tensors.

What the pickle may name is listed here: tensors, Parameters, dicts, sizes, dtypes and plain values. Everything else is
refused by its name, and nothing of it is imported or called.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from tinygrad_edu.engine.versions import Memory
from tinygrad_edu.io.archive import Archive, DamagedError, damage, fill
from tinygrad_edu.io.pickle_machine import Builder, Machine, Unfinished, simple_key
from tinygrad_edu.io.safetensors_file import widened
from tinygrad_edu.io.structure import tensor_around
from tinygrad_edu.tensor.devices import device
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS

_BFLOAT16 = "bfloat16"
# fmt: off
_STORAGES = {
    "DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "BFloat16Storage": _BFLOAT16, "BoolStorage": "b1",
    "LongStorage": "i8", "IntStorage": "i4", "ShortStorage": "i2", "CharStorage": "i1", "ByteStorage": "u1",
}
_DTYPES = (
    "float64", "double", "float32", "float", "float16", "half", "int64", "long", "int32", "int", "int16", "short",
    "int8", "uint8", "uint16", "uint32", "uint64", "bool",
)
# fmt: on


class _Kind(NamedTuple):
    """The dtype that a storage is named after; None for bytes of which each tensor says what they are."""

    dtype: str | None


class _Storage(NamedTuple):
    """The numbers of one or several tensors, which share the counter of its versions."""

    numbers: np.ndarray
    memory: Memory


class _Dtype(Unfinished):
    """A dtype of NumPy, whose byte order comes in a second step."""

    def __init__(self, text: str, *_: Any) -> None:
        self.dtype = np.dtype(text)
        if self.dtype.kind not in "biufc":
            raise ValueError(f"{text} holds no numbers")

    def finish(self, state: Any) -> None:
        """Check that the state is that of a dtype of numbers as this machine has it."""
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", "|"):
            raise DamagedError("it has numbers of NumPy in another byte order")


def read_pytorch(archive: Archive) -> Any:
    """The object in an archive of PyTorch. Raises `UnpicklingError` with the name of what it must not build."""
    (pickled,) = [name for name in archive.names if name.endswith("/data.pkl")]
    prefix = pickled.removesuffix("data.pkl")
    if f"{prefix}constants.pkl" in archive.names:
        raise pickle.UnpicklingError("it is a TorchScript program")
    data = archive.read(pickled)
    with damage(f"entry {pickled!r}"):
        return Machine(_find, _Storages(archive, prefix)).run(data)


class _Storages:
    """The storages of an archive, each read when the pickle names it first."""

    def __init__(self, archive: Archive, prefix: str) -> None:
        self._archive, self._prefix = archive, prefix
        self._found: dict[str, _Storage] = {}
        order = f"{prefix}byteorder"
        big = order in archive.names and archive.read(order).strip() == b"big"
        self._sign: Literal[">", "<"] = ">" if big else "<"

    def __call__(self, place: Any) -> _Storage:
        word, kind, key, _device, count = place
        if word != "storage" or not isinstance(kind, _Kind) or type(key) is not str or type(count) is not int:
            raise DamagedError("it refers to what is no storage of numbers")
        if key not in self._found:
            self._found[key] = _Storage(self._numbers(f"{self._prefix}data/{key}", kind, count), Memory())
        return self._found[key]

    def _numbers(self, name: str, kind: _Kind, count: int) -> np.ndarray:
        stored = np.dtype("u2" if kind.dtype == _BFLOAT16 else kind.dtype or "u1").newbyteorder(self._sign)
        if self._archive.size(name) != count * stored.itemsize:
            raise DamagedError(
                f"entry {name!r} has {self._archive.size(name)} bytes where {count} numbers of {stored} are needed"
            )
        numbers = np.empty(count, stored)
        with self._archive.entry(name) as file:
            if count:
                fill(file, numbers.view(np.uint8).data)
        if kind.dtype == _BFLOAT16:
            return widened(numbers)
        return numbers if self._sign == "<" and stored.isnative else numbers.astype(stored.newbyteorder("="))


# What a pickle may name.


def _tensor(
    storage: Any,
    offset: Any,
    size: Any,
    stride: Any,
    requires_grad: Any = False,
    _hooks: Any = None,
    _: Any = None,
) -> Tensor:
    """A view of a storage, of which every number is inside it."""
    if not isinstance(storage, _Storage):
        raise DamagedError("it has a tensor without numbers")
    numbers, memory = storage
    steps = tuple(size), tuple(stride)
    if not all(type(n) is int and n >= 0 for n in (offset, *steps[0], *steps[1])) or len(steps[0]) != len(
        steps[1]
    ):
        raise DamagedError(f"it has a tensor of size {size}, stride {stride} and offset {offset}")
    last = offset + sum((n - 1) * step for n, step in zip(*steps))
    if 0 in steps[0]:
        view = np.empty(steps[0], numbers.dtype)
    elif last >= len(numbers):
        raise DamagedError(f"a tensor needs number {last} of a storage that has {len(numbers)}")
    else:
        strides = [step * numbers.itemsize for step in steps[1]]
        repeats = any(n > 1 and step == 0 for n, step in zip(*steps))
        view = np.lib.stride_tricks.as_strided(numbers[offset:], steps[0], strides, writeable=not repeats)
    result = tensor_around(view, requires_grad is True, parameter=False)
    result.memory = memory
    return result


def _tensor_of_bytes(
    storage: Any, offset: Any, size: Any, stride: Any, grad: Any, hooks: Any, dtype: Any, _: Any = None
) -> Tensor:
    """A view of a storage of bytes, which are read as numbers of `dtype`."""
    if (
        not isinstance(storage, _Storage)
        or not isinstance(dtype, np.dtype)
        or storage.numbers.dtype != np.uint8
    ):
        raise DamagedError("it has a tensor without numbers")
    return _tensor(_Storage(storage.numbers.view(dtype), storage.memory), offset, size, stride, grad, hooks)


def _parameter(data: Any, requires_grad: Any, _hooks: Any = None, _state: Any = None) -> Tensor:
    if not isinstance(data, Tensor):
        raise DamagedError("it has a Parameter without numbers")
    result = tensor_around(data.raw, requires_grad is True, parameter=True)
    result.memory = data.memory
    return result


def _of_type(function: Any, _kind: Any, arguments: Any, _state: Any = None) -> Any:
    """A tensor with attributes of its own, which are left out."""
    if not isinstance(function, Builder) or function.build not in (_tensor, _tensor_of_bytes):
        raise DamagedError("it has a tensor of a kind of its own")
    return function.build(*arguments)


def _number(kind: Any, data: Any) -> Any:
    """A single number of NumPy."""
    if not isinstance(kind, _Dtype) or type(data) is not bytes or len(data) != kind.dtype.itemsize:
        raise DamagedError("it has a number of NumPy that is none")
    return np.frombuffer(data, kind.dtype)[0]


def _bytes(text: Any = "", code: Any = "latin1") -> bytes:
    if type(text) is not str or code not in ("latin1", "latin-1"):
        raise DamagedError("it has bytes that are written in an unknown way")
    return text.encode("latin1")


def _set(kind: Callable[..., Any]) -> Callable[..., Any]:
    return lambda parts=(): kind(map(simple_key, parts))


def _ordered(pairs: Any = ()) -> OrderedDict[Any, Any]:
    return OrderedDict((simple_key(key), value) for key, value in pairs)


def _complex(real: Any = 0.0, imag: Any = 0.0) -> complex:
    if not isinstance(real, float | int) or not isinstance(imag, float | int):
        raise DamagedError("it has a complex number that is none")
    return complex(real, imag)


_BUILDERS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_bytes,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
    "torch._tensor._rebuild_from_type_v2": _of_type,
    "torch.Size": lambda sizes=(): WORDS["Size"](sizes),
    "torch.device": device,
    "collections.OrderedDict": _ordered,
    "_codecs.encode": _bytes,
    **{f"{module}.set": _set(set) for module in ("builtins", "__builtin__")},
    **{f"{module}.frozenset": _set(frozenset) for module in ("builtins", "__builtin__")},
    **{f"{module}.complex": _complex for module in ("builtins", "__builtin__")},
    **{f"{module}.bytes": _bytes for module in ("builtins", "__builtin__")},
    "numpy.dtype": _Dtype,
    **{f"numpy.{core}.multiarray.scalar": _number for core in ("core", "_core")},
}
_NAMED: dict[str, Any] = {
    **{f"torch.{name}": _Kind(dtype) for name, dtype in _STORAGES.items()},
    "torch.storage.UntypedStorage": _Kind(None),
    **{f"torch.{name}": WORDS[name] if name in WORDS else np.dtype(name) for name in _DTYPES},
    "torch.bfloat16": WORDS[_BFLOAT16],
    **{name: name for name in ("torch.Tensor", "torch.nn.parameter.Parameter")},  # kinds of tensors
    **{name: Builder(build, name) for name, build in _BUILDERS.items()},
}


def _find(module: str, name: str) -> Any:
    if f"{module}.{name}" not in _NAMED:
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")
    return _NAMED[f"{module}.{name}"]
