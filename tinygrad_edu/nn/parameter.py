"""Parameters and buffers: the tensors that a module owns."""

from __future__ import annotations

from typing import Any, NoReturn, Self

import numpy as np

from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter"]


class Parameter(Tensor):
    """A leaf that gets a gradient and that modules list among their parameters.

    A Tensor as `data` keeps its memory, as in PyTorch; lists and arrays are copied.
    """

    def __init__(self, data: Any = (), requires_grad: bool = True, *, name: str | None = None) -> None:
        if not isinstance(data, Tensor) or data.dtype.kind != "f":
            super().__init__(data, requires_grad=requires_grad, name=name)
            return
        self.raw, self.memory = data.raw, data.shared_memory()
        self.requires_grad, self.name = requires_grad, name or data.name

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A copy without the gradient, as in PyTorch: a copied module starts to add up anew."""
        result = super().__deepcopy__(memo)
        result._grad = None
        return result

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor without a gradient that belongs to the state of a module, as a running mean.

    `persistent`: whether `state_dict` has it.
    """

    persistent = True

    def __init__(self, data: Any = (), *, persistent: bool = True) -> None:
        super().__init__(data)
        self.persistent = persistent


def _materialize(self: Any, shape: Any, dtype: Any = None, device: Any = None) -> None:  # noqa: ARG001
    """Become an ordinary parameter or buffer, of zeros of this shape."""
    self.__class__ = type(self).__base__
    self.raw = np.zeros(tuple(shape), self.raw.dtype if dtype is None else dtype)


def _unknown(self: Any) -> NoReturn:
    """The shape is not known: raises `RuntimeError`."""
    raise RuntimeError(
        f"the shape of an {type(self).__name__} is not known; call the lazy module once with an example input before "
        "its parameters are read"
    )


class UninitializedParameter(Parameter):
    """A parameter of a lazy module before its first call: it has no shape."""

    materialize = _materialize
    shape = property(_unknown)

    def __init__(self, requires_grad: bool = True) -> None:
        super().__init__((), requires_grad)

    def __repr__(self) -> str:
        return "<UninitializedParameter>"


class UninitializedBuffer(Buffer):
    """A buffer of a lazy module before its first call: it has no shape."""

    materialize = _materialize
    shape = property(_unknown)

    def __init__(self, persistent: bool = True) -> None:
        super().__init__((), persistent=persistent)

    def __repr__(self) -> str:
        return "<UninitializedBuffer>"
