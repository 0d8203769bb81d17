"""Dtypes as words, as `torch.float32`: those of NumPy, what they can hold, and which one two of them make."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.tensor.coerce import ORDER, get_default_dtype, real_dtype, widest
from tinygrad_edu.tensor.promotion import common_dtype, rank
from tinygrad_edu.tensor.vocabulary import WORDS, word

# By NumPy's name: PyTorch's short one, and that of its class of tensors.
# fmt: off
NAMES = {
    "float64": ("double", "DoubleTensor"), "float32": ("float", "FloatTensor"), "float16": ("half", "HalfTensor"),
    "int64": ("long", "LongTensor"), "int32": ("int", "IntTensor"), "int16": ("short", "ShortTensor"),
    "int8": ("int8", "CharTensor"), "uint8": ("uint8", "ByteTensor"), "bool": ("bool", "BoolTensor"),
}
# fmt: on
TENSOR_TYPES = {f"torch.{kind}": np.dtype(name) for name, (_, kind) in NAMES.items()}
TYPE_NAMES = {dtype: name for name, dtype in TENSOR_TYPES.items()}

WORDS |= {alias: np.dtype(name) for name, (short, _) in NAMES.items() for alias in (name, short)}
WORDS |= {"dtype": np.dtype, "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None}


@word
class finfo:  # noqa: N801 - PyTorch's name
    """What a floating dtype can hold: `eps` is the step from 1 to the next number, `tiny` the least with all digits."""

    def __init__(self, type: Any = None) -> None:  # noqa: A002 - PyTorch's name
        dtype = get_default_dtype() if type is None else real_dtype("finfo", type)
        if dtype.kind != "f":
            raise TypeError(f"finfo needs a floating dtype, got {dtype}; use iinfo for whole numbers")
        info = np.finfo(dtype)
        self.resolution, self.min, self.max = float(info.resolution), float(info.min), float(info.max)
        self.eps, self.smallest_normal, self.tiny = float(info.eps), float(info.tiny), float(info.tiny)
        self.bits, self.dtype = info.bits, dtype.name

    def __repr__(self) -> str:
        limits = [f"{name}={x:g}" for name, x in vars(self).items() if type(x) is float]
        return f"finfo({', '.join([*limits, f'dtype={self.dtype}'])})"


@word
class iinfo:  # noqa: N801 - PyTorch's name
    """What a dtype of whole numbers can hold, from `min` to `max`."""

    def __init__(self, type: Any) -> None:  # noqa: A002 - PyTorch's name
        dtype = real_dtype("iinfo", type)
        if dtype.kind not in "iu":
            raise TypeError(f"iinfo needs a dtype of whole numbers, got {dtype}; use finfo for floats")
        info = np.iinfo(dtype)
        self.min, self.max, self.bits, self.dtype = int(info.min), int(info.max), info.bits, dtype.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


@word
def promote_types(type1: Any, type2: Any) -> np.dtype[Any]:
    """The dtype in which arrays of two dtypes meet."""
    return widest([real_dtype("promote_types", type1), real_dtype("promote_types", type2)])


@word
def result_type(tensor1: Any, tensor2: Any) -> np.dtype[Any]:
    """The dtype of `tensor1 + tensor2`, Tensors or numbers."""
    return common_dtype((rank(tensor1), rank(tensor2)))


@word
def can_cast(from_: Any, to: Any) -> bool:
    """True if PyTorch casts in place from one dtype to another: not from floats to whole numbers, nor to bool."""
    old, new = real_dtype("can_cast", from_), real_dtype("can_cast", to)
    return ORDER[old.kind] <= ORDER[new.kind]
