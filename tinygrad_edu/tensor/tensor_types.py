"""The classes of tensors of one dtype, as old programs name them: `FloatTensor([1, 2])`, `x.type(LongTensor)`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import real_dtype
from tinygrad_edu.tensor.creation import empty
from tinygrad_edu.tensor.dtypes import NAMES
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.tensor.vocabulary import WORDS


class TensorType(type):
    """A class without objects of its own: calling it makes a Tensor, and a Tensor of its dtype is an instance."""

    dtype: np.dtype[Any]

    def __call__(cls, *data: Any) -> Tensor:
        """`FloatTensor([1, 2])` of numbers, `FloatTensor(2, 3)` of sizes."""
        if len(data) == 1 and not isinstance(data[0], int):
            return Tensor(data[0], cls.dtype)
        return empty(*data, dtype=cls.dtype) if data else empty(0, dtype=cls.dtype)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Tensor) and x.dtype == cls.dtype


WORDS |= {
    kind: TensorType(kind, (), {"dtype": real_dtype(kind, name), "__doc__": f"Tensors of {name}."})
    for name, (_, kind) in NAMES.items()
}
