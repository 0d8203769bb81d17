"""save: an object in a file, which is replaced as a whole."""

from __future__ import annotations

import io
import os
from pathlib import Path
from reprlib import repr as short
from typing import Any

from tinygrad_edu.io.npz import write_npz
from tinygrad_edu.io.replacement import replace_file
from tinygrad_edu.io.safetensors_file import safetensors_bytes
from tinygrad_edu.io.structure import Encoder


def save(obj: Any, f: Any, pickle_module: Any = None, pickle_protocol: Any = None) -> None:  # noqa: ARG001 - PyTorch's format
    """Write an object to a path or to a file that is open for writing in binary; `load` reads it.

    Tensors, Parameters, arrays, dicts, lists, tuples, sets and plain values are written as they are; anything else,
    such as a whole Module, is pickled, and `load` reads it with `weights_only=False` only. The format is npz whatever
    the ending of the name, which NumPy can read and PyTorch cannot; with the ending `.safetensors` a flat dict of
    tensors is written as PyTorch and others read it (extra `io`). The old content stays until the new one is complete.

    Raises `TypeError` for what no file can hold, `FileNotFoundError` if the folder is not there.
    """
    if isinstance(f, str | os.PathLike):
        path = Path(f)
        if path.suffix == ".safetensors":
            content = safetensors_bytes(obj)
            replace_file(path, lambda file: file.write(content))
            return
        structure, arrays = _encoded(obj)
        replace_file(path, lambda file: write_npz(file, structure, arrays))
        return
    if not hasattr(f, "write"):
        raise TypeError(
            f"save needs a path or a file open for writing, got {type(f).__name__} {short(f)}; write save(object, path)"
        )
    memory = io.BytesIO()
    write_npz(memory, *_encoded(obj))
    if isinstance(f, io.TextIOBase):
        raise TypeError("save needs a file that is open in binary, got one for text; use open(path, 'wb')")
    f.write(memory.getbuffer())


def _encoded(obj: Any) -> tuple[Any, Any]:
    encoder = Encoder()
    try:
        return encoder.tree(obj), encoder.arrays
    except RecursionError:
        raise ValueError(
            "save needs objects nested less deeply, got more levels than Python can follow"
        ) from None
