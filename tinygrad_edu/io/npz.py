"""Arrays and a structure in an npz archive, which NumPy alone can read: `np.load(file)["t0"]`.

The arrays are `t0`, `t1`, ...; `structure` is JSON as an array of bytes. Names of tensors stand in the JSON, where any
name is possible, and not in the archive, where `a` and `a.npy` would be one.
"""

from __future__ import annotations

import ast
import json
import math
import zipfile
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from tinygrad_edu.io.archive import Archive, DamagedError, damage, fill

STRUCTURE = "structure.npy"
KINDS = "biufcSUmM"  # of dtypes: all but objects and records
_VERSION = 1
_LONGEST_HEADER = 10_000


def write_npz(file: BinaryIO, structure: Any, arrays: Sequence[np.ndarray]) -> None:
    """Write an archive of `arrays`, and of `structure` with their numbers in it."""
    text = json.dumps({"format": "tinygrad_edu", "version": _VERSION, "object": structure})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for i, array in enumerate(arrays):
            _write(archive, f"t{i}.npy", array)
        _write(archive, STRUCTURE, np.frombuffer(text.encode("ascii"), np.uint8))


def _write(archive: zipfile.ZipFile, name: str, array: np.ndarray) -> None:
    with archive.open(zipfile.ZipInfo(name), "w", force_zip64=array.nbytes >= 2**30) as entry:
        npy.write_array(entry, array, allow_pickle=False)


def read_structure(archive: Archive) -> Any:
    """The structure of an archive."""
    text = read_array(archive, STRUCTURE).tobytes()
    with damage(f"entry {STRUCTURE!r}"):
        found = json.loads(text)
        if found["format"] != "tinygrad_edu":
            raise ValueError("it is of another program")
        if found["version"] > _VERSION:
            raise DamagedError(
                f"it is of version {found['version']}, and this tinygrad_edu reads up to {_VERSION}; update it"
            )
        return found["object"]


def read_array(archive: Archive, name: str) -> np.ndarray:
    """The array in an entry, for which memory is reserved when all its bytes are known to be there."""
    with archive.entry(name) as file:
        shape, in_columns, dtype = _header(file)
        count, left = math.prod(shape), archive.size(name) - file.tell()
        if dtype.kind not in KINDS or min(shape, default=0) < 0:
            raise DamagedError(f"entry {name!r} holds {dtype} of shape {shape}, which no checkpoint has")
        if count * dtype.itemsize != left:
            raise DamagedError(
                f"entry {name!r} says that it holds {count * dtype.itemsize} bytes, and holds {left}"
            )
        flat = np.empty(count, dtype)
        if left:
            fill(file, flat.view(np.uint8).data)
        return flat.reshape(shape, order="F" if in_columns else "C")


def _header(file: Any) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and dtype as an array of the first version of NumPy's format states them."""
    if npy.read_magic(file) != (1, 0):
        raise ValueError("its format has another version")
    text = file.read(int.from_bytes(file.read(2), "little"))
    stated = ast.literal_eval(text.decode("latin1") if len(text) < _LONGEST_HEADER else "")
    shape, in_columns, dtype = stated["shape"], stated["fortran_order"], np.dtype(stated["descr"])
    if (
        not isinstance(shape, tuple)
        or not all(type(n) is int for n in shape)
        or in_columns not in (True, False)
    ):
        raise ValueError(f"its header is {short(stated)}")
    return shape, in_columns, dtype
