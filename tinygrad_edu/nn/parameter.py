"""Parameters and buffers: the tensors that a module owns."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from tinygrad_edu.tensor.coerce import get_default_dtype
from tinygrad_edu.tensor.tensor import Tensor


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


class _Uninitialized:
    """A tensor whose shape is not known yet: that of a lazy module before its first call."""

    def materialize(self: Any, shape: Any, dtype: Any = None, device: Any = None) -> None:  # noqa: ARG002
        """Become an ordinary tensor of zeros of this shape."""
        self.__class__ = type(self).__mro__[2]
        self.raw = np.zeros(tuple(shape), get_default_dtype() if dtype is None else dtype)

    @property
    def shape(self) -> NoReturn:
        """Unknown: raises `RuntimeError`."""
        raise RuntimeError(
            "the shape of an uninitialized parameter is not known; call the lazy module once with an example "
            "input before its parameters are read"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(_Uninitialized, Parameter):
    """A parameter of a lazy module before its first call."""

    def __init__(self, requires_grad: bool = True) -> None:
        super().__init__((), requires_grad)


class UninitializedBuffer(_Uninitialized, Buffer):
    """A buffer of a lazy module before its first call."""

    def __init__(self, persistent: bool = True) -> None:
        super().__init__((), persistent=persistent)
