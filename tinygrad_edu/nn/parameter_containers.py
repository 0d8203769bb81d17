"""Lists and dicts of parameters that belong to the module that has them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, Self

from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["ParameterDict", "ParameterList"]


def _as_parameter(x: Any) -> Any:
    """A tensor as a Parameter; anything else as it is."""
    return Parameter(x) if isinstance(x, Tensor) and not isinstance(x, Parameter) else x


def _line(name: Any, x: Any) -> str:
    """What is kept under a name, as printed: further to the right than a module would be, as in PyTorch."""
    if isinstance(x, Tensor):
        kind = "Parameter" if isinstance(x, Parameter) else "Tensor"
        return f"  ({name}): {kind} containing: [{x.dtype} of size {'x'.join(map(str, x.shape))}]"
    return f"  ({name}): Object of type: {type(x).__name__}"


class ParameterList(Module):
    """A list whose tensors are parameters of the module that has it."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(values if values is not None else ())

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self)[index])
        return getattr(self, self._name(index))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, self._name(index), _as_parameter(value))

    def _name(self, index: int) -> str:
        if not -len(self) <= index < len(self):
            raise IndexError(f"ParameterList has {len(self)} parts, got index {index}")
        return str(index % len(self))

    def append(self, value: Any) -> Self:
        """Put a tensor at the end, as a parameter."""
        setattr(self, str(self._size), _as_parameter(value))
        self._size += 1
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Put tensors at the end, as parameters."""
        if not isinstance(values, Iterable) or isinstance(values, Tensor):
            raise TypeError(f"ParameterList needs a list of parameters, got {type(values).__name__}")
        for value in list(values):
            self.append(value)
        return self

    __iadd__ = extend

    def extra_repr(self) -> str:
        """Shapes and dtypes."""
        return "\n".join(_line(i, x) for i, x in enumerate(self))


class ParameterDict(Module):
    """A dict whose tensors are parameters of the module that has it."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._keys: dict[str, None] = {}
        self.update(parameters if parameters is not None else {})

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return getattr(self, str(key))

    def __setitem__(self, key: str, value: Any) -> None:
        if key not in self._keys:
            self._check_name("ParameterDict", "parameter", key)
        self._keys[key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        del self._keys[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def keys(self) -> Any:
        """The names."""
        return self._keys.keys()

    def values(self) -> list[Any]:
        """The parameters."""
        return [self[key] for key in self]

    def items(self) -> list[tuple[str, Any]]:
        """The names with their parameters."""
        return [(key, self[key]) for key in self]

    def get(self, key: str, default: Any = None) -> Any:
        """The parameter of a name, or `default`."""
        return self[key] if key in self._keys else default

    def update(self, parameters: Any) -> None:
        """Put in the tensors of a dict, or of pairs of names and tensors, as parameters."""
        if not isinstance(parameters, Iterable):
            raise TypeError(f"ParameterDict needs a dict of parameters, got {type(parameters).__name__}")
        pairs = parameters.items() if hasattr(parameters, "items") else parameters
        # As in PyTorch, whose order the state dict has: that of the names, for a plain dict.
        for key, value in sorted(pairs) if type(parameters) is dict else pairs:
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The parameter of a name, put in if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str) -> Any:
        """Take a parameter out."""
        value = self[key]
        del self[key]
        return value

    def copy(self) -> Self:
        """Another dict of the same parameters."""
        return type(self)(OrderedDict(self.items()))

    def clear(self) -> None:
        """Take all parameters out."""
        for key in list(self):
            del self[key]

    def extra_repr(self) -> str:
        """Shapes and dtypes."""
        return "\n".join(_line(key, x) for key, x in self.items())
