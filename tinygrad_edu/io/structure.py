"""Nested objects as a tree for JSON and a list of arrays, and back.

| object | in the tree |
|---|---|
| None, bool, str, int, float | itself; `{"int": "0x..."}` from 2**63 on, `{"float": "nan"}` if not finite |
| list | a list |
| tuple, Size, set, frozenset, complex, dtype, device | `{"tuple": [...]}`, and so on |
| dict, OrderedDict | `{"dict": [[key, value], ...]}` |
| Tensor, Parameter | `{"tensor": number, "requires_grad": true, "parameter": true, "name": "W"}`, what is so |
| bytes, array, single number of NumPy | `{"bytes": number}`, `{"array": number}`, `{"scalar": number}` |
| anything else, such as a Module | `{"pickle": number, "class": "Net"}` |

The numbers are those of arrays. An object met twice is stored once, and is one object again.
"""

from __future__ import annotations

import math
import pickle
from collections import OrderedDict
from collections.abc import Callable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.io.archive import DamagedError
from tinygrad_edu.io.npz import KINDS
from tinygrad_edu.nn import Parameter
from tinygrad_edu.tensor.devices import device
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS


class Encoder:
    """Turns an object into a tree, and collects `arrays`."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self._kept: list[Any] = []  # so that no id is given twice
        self._numbers: dict[int, int] = {}
        self._open: set[int] = set()

    def tree(self, x: Any, path: str = "") -> Any:
        """The tree of `x`, which stands at `path`: `['model']['weight']`."""
        if isinstance(x, Tensor):
            x.raw  # noqa: B018 - one of a captured step is a Tensor once it is computed
        kind = x.__class__
        if x is None or kind is bool or kind is str:
            return x
        if kind in _SINGLE:
            return _SINGLE[kind](x)
        if kind in (list, tuple, set, frozenset, dict, OrderedDict, WORDS["Size"]):
            return self._nested(x, kind, path)
        if isinstance(x, np.dtype) and x.kind in KINDS:
            return {"dtype": x.str}
        if kind is bytes:
            return {"bytes": self._number(x, lambda: np.frombuffer(x, np.uint8))}
        if kind is Tensor or kind is Parameter:
            return self._tensor(x)
        if isinstance(x, np.generic) and x.dtype.kind in KINDS:
            return {"scalar": self._number(x, lambda: np.asarray(x))}
        if kind is np.ndarray and x.dtype.kind in KINDS:
            return {"array": self._number(x, lambda: x)}
        return {"pickle": self._number(x, lambda: _pickled(x, path)), "class": kind.__qualname__}

    def _number(self, x: Any, array: Callable[[], np.ndarray]) -> int:
        if id(x) not in self._numbers:
            found = array()
            self._numbers[id(x)] = len(self.arrays)
            self.arrays.append(found)
            self._kept.append(x)
        return self._numbers[id(x)]

    def _tensor(self, x: Tensor) -> dict[str, Any]:
        notes = {
            "requires_grad": x.requires_grad or None,
            "parameter": isinstance(x, Parameter) or None,
            "name": x.name,
        }
        found = {"tensor": self._number(x, lambda: x.raw)}
        return found | {key: value for key, value in notes.items() if value is not None}

    def _nested(self, x: Any, kind: type, path: str) -> Any:
        if id(x) in self._open:
            raise ValueError(
                f"save needs objects that do not contain themselves, got {kind.__name__} at {path}"
            )
        self._open.add(id(x))
        if isinstance(x, dict):
            pairs = [[self.tree(key, path), self.tree(value, f"{path}[{key!r}]")] for key, value in x.items()]
            found: Any = {kind.__name__: pairs}
        else:
            parts = [self.tree(part, f"{path}[{i}]") for i, part in enumerate(x)]
            found = parts if kind is list else {kind.__name__: parts}
        self._open.remove(id(x))
        return found


def _whole(x: int) -> Any:
    return x if abs(x) < 2**63 else {"int": hex(x)}


def _real(x: float) -> Any:
    return x if math.isfinite(x) else {"float": repr(x)}


_SINGLE: dict[type, Callable[[Any], Any]] = {
    int: _whole,
    float: _real,
    complex: lambda x: {"complex": [_real(x.real), _real(x.imag)]},
    device: lambda x: {"device": str(x)},
}


def _pickled(x: Any, path: str) -> np.ndarray:
    try:
        return np.frombuffer(pickle.dumps(x), np.uint8)
    except Exception as error:
        raise TypeError(
            f"save needs tensors, dicts, lists, plain values and what pickle can write, got {short(x)} at "
            f"{path or 'the top'} ({error}); save the state_dict() of a model"
        ) from error


class Decoder:
    """Turns a tree into an object; `array` reads one by number, `trusted` allows pickles to run."""

    def __init__(self, array: Callable[[int], np.ndarray], trusted: bool) -> None:
        self._read, self._trusted = array, trusted
        self._found: dict[tuple[str, int], Any] = {}

    def value(self, tree: Any) -> Any:
        """The object of a tree. Raises an error for a tree that no object has."""
        if tree is None or tree.__class__ in (bool, str, int, float):
            return tree
        if tree.__class__ is list:
            return [self.value(part) for part in tree]
        if tree.__class__ is not dict or not tree:
            raise DamagedError(f"its structure has {short(tree)}, which is unknown")
        kind, content = next(iter(tree.items()))
        if kind in ("dict", "OrderedDict"):
            pairs = ((self.value(key), self.value(value)) for key, value in content)
            return dict(pairs) if kind == "dict" else OrderedDict(pairs)
        if kind in _PARTS:
            return _PARTS[kind]([self.value(part) for part in content])
        if kind in _WORDS:
            return _WORDS[kind](content)
        return self._of_array(kind, content, tree)

    def _of_array(self, kind: str, number: Any, tree: dict[str, Any]) -> Any:
        key = (kind, number)
        if key not in self._found:
            if kind == "pickle" and not self._trusted:
                raise pickle.UnpicklingError(
                    f"it holds an object of class {tree['class']}, whose pickle could run any code; load with "
                    "weights_only=False if you trust the file, or save the state_dict() of a model"
                )
            if number.__class__ is not int or kind not in _OF_ARRAY:
                raise DamagedError(f"its structure has {short(tree)}, which is unknown")
            self._found[key] = _OF_ARRAY[kind](self._read(number), tree)
        return self._found[key]


_PARTS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "Size": WORDS["Size"],
    "set": set,
    "frozenset": frozenset,
    "complex": lambda parts: complex(*parts),
}
_WORDS: dict[str, Callable[[Any], Any]] = {
    "int": lambda text: int(text, 16),
    "float": float,
    "device": device,
    "dtype": np.dtype,
}


def tensor_around(array: np.ndarray, requires_grad: bool, parameter: bool, name: str | None = None) -> Tensor:
    """A Tensor or Parameter around an array that nobody else changes."""
    if array.dtype.kind not in "biuf":
        raise DamagedError(f"a tensor of {array.dtype} is in it, which no tensor holds")
    if not parameter:
        result = Tensor.around(array)
    else:
        result = Parameter(np.empty(0, array.dtype), requires_grad=False)
        result.raw = array
    if requires_grad and array.dtype.kind == "f":
        result.requires_grad = True
    if name is not None:
        result.name = name
    return result


def _tensor(array: np.ndarray, tree: dict[str, Any]) -> Tensor:
    notes = (tree.get("requires_grad") is True, tree.get("parameter") is True)
    return tensor_around(array, *notes, tree.get("name"))


def _unpickled(array: np.ndarray, tree: dict[str, Any]) -> Any:
    try:
        return pickle.loads(array.tobytes())
    except Exception as error:
        raise pickle.UnpicklingError(
            f"its object of class {tree['class']} cannot be built ({error}); define or import its classes first"
        ) from error


_OF_ARRAY: dict[str, Callable[[np.ndarray, dict[str, Any]], Any]] = {
    "tensor": _tensor,
    "array": lambda array, _: array,
    "scalar": lambda array, _: array[()],
    "bytes": lambda array, _: array.tobytes(),
    "pickle": _unpickled,
}
