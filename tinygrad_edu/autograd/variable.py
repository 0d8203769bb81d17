"""`Variable`, the name under which programs before 2018 wrap a Tensor: since then it is a Tensor itself."""

from __future__ import annotations

import warnings
from typing import Any

from tinygrad_edu.tensor.tensor import Tensor


class _Kind(type):
    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Tensor)


class Variable(metaclass=_Kind):
    """`Variable(x)`: the numbers of `x`, in the same memory, as a leaf of the graph; every Tensor is an instance."""

    def __new__(cls, data: Tensor, requires_grad: bool = False, volatile: bool | None = None) -> Any:
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable needs a Tensor, got {type(data).__name__}; write torch.tensor(data)")
        if volatile is not None:
            warnings.warn(
                "volatile= has no effect; write `with torch.no_grad():` around what needs no gradient",
                UserWarning,
                stacklevel=2,
            )
        return data.detach().requires_grad_(requires_grad)
