"""Flat dicts of tensors in safetensors files, as PyTorch and others exchange them, by the library of that name.

The format has no checksum; a SHA-256 of names, dtypes, shapes and numbers stands in the metadata of files written here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.io.archive import DamagedError
from tinygrad_edu.tensor.tensor import Tensor

# fmt: off
_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "|b1",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1",
}
# fmt: on
_WRITTEN = {np.dtype(dtype).str: name for name, dtype in _DTYPES.items() if name != "BF16"}


class _Entry(NamedTuple):
    name: str
    dtype: str
    shape: list[int]
    data: Any


def _library() -> Any:
    try:
        import safetensors.numpy  # noqa: PLC0415 - an extra
    except ImportError:
        raise ImportError(
            "a safetensors file needs the library safetensors, which is not installed; "
            'pip install "tinygrad_edu[io]"'
        ) from None
    return safetensors


def _sum(entries: Iterable[_Entry]) -> str:
    """The SHA-256 of everything that a file says, in the order of the names."""
    total = hashlib.sha256()
    for name, dtype, shape, data in sorted(entries, key=lambda entry: entry.name):
        total.update(json.dumps([name, dtype, shape]).encode())
        total.update(data)
    return total.hexdigest()


def safetensors_bytes(obj: Any) -> bytes:
    """The content of a file for a dict of Tensors and arrays by name."""
    if not isinstance(obj, dict):
        raise TypeError(
            f"save needs a dict of tensors for a .safetensors file, got {type(obj).__name__}; "
            "save a model's state_dict(), or use another ending"
        )
    arrays = {name: _array(name, x) for name, x in obj.items()}
    library = _library()
    entries = [_Entry(name, _WRITTEN[x.dtype.str], list(x.shape), x.tobytes()) for name, x in arrays.items()]
    content: bytes = library.numpy.save(arrays, {"format": "pt", "sha256": _sum(entries)})
    return content


def _array(name: Any, x: Any) -> np.ndarray:
    """A tensor as the library writes it: in C order, as it writes wrong numbers for others."""
    if name.__class__ is not str or name == "__metadata__":
        raise ValueError(f"save needs names of tensors in a .safetensors file, got {name!r}; rename it")
    if not isinstance(x, Tensor | np.ndarray):
        raise TypeError(
            f"save needs a flat dict of tensors for a .safetensors file, got {type(x).__name__} {short(x)} at "
            f"{name!r}; use another ending for more than tensors"
        )
    array = np.array(getattr(x, "raw", x), order="C")
    array = array.astype(array.dtype.newbyteorder("<"))
    if array.dtype.str not in _WRITTEN:
        raise TypeError(f"save needs real numbers for a .safetensors file, got {array.dtype} at {name!r}")
    return array


def read_safetensors(data: bytes) -> dict[str, Tensor]:
    """The tensors in the content of a file; bfloat16 becomes float32."""
    library = _library()
    try:
        entries = [_Entry(name, x["dtype"], x["shape"], x["data"]) for name, x in library.deserialize(data)]
    except library.SafetensorError as error:
        raise DamagedError(f"it is damaged or cut off ({error})") from error
    end = 8 + int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8:end]).get("__metadata__") or {}
    stated = metadata.get("sha256")
    if stated is not None and stated != _sum(entries):
        raise DamagedError("its SHA-256 is not that of its content, so that it is damaged")
    return {entry.name: _tensor(entry) for entry in entries}


def _tensor(entry: _Entry) -> Tensor:
    if entry.dtype not in _DTYPES:
        raise DamagedError(f"{entry.name!r} holds {entry.dtype}, for which NumPy has no dtype")
    array = np.frombuffer(entry.data, _DTYPES[entry.dtype]).reshape(entry.shape)
    return Tensor.around(
        widened(array) if entry.dtype == "BF16" else array.astype(array.dtype.newbyteorder("="))
    )


def widened(halves: np.ndarray) -> np.ndarray:
    """bfloat16, given as uint16, as float32: the same numbers with 16 more bits that are 0."""
    return (halves.astype(np.uint32) << 16).view(np.float32)
