"""Checkpoints by orbax: written by all processes together, read on any number of devices."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.io.structure import Decoder, Encoder

_STRUCTURE = "structure"


def save_checkpoint(obj: Any, folder: str | os.PathLike[str]) -> None:
    """Write an object, such as a dict of state dicts, to a folder by orbax, which replaces the folder as a whole.

    Of several processes all have to call it, with the same numbers: the first writes. `load_checkpoint` reads it.
    Raises `ImportError` without orbax (extra `jax`), `TypeError` for what no file can hold.
    """
    orbax, encoder = _orbax(), Encoder()
    text = json.dumps(encoder.tree(obj))
    tree = {f"t{number}": np.asarray(array) for number, array in enumerate(encoder.arrays)}
    tree[_STRUCTURE] = np.frombuffer(text.encode("ascii"), np.uint8)
    with orbax.StandardCheckpointer() as checkpointer:
        checkpointer.save(Path(folder).absolute(), tree, force=True)
        checkpointer.wait_until_finished()


def load_checkpoint(folder: str | os.PathLike[str]) -> Any:
    """The object that `save_checkpoint` wrote; its Tensors are ordinary ones, which a plan divides anew.

    Raises `ImportError` without orbax (extra `jax`), `FileNotFoundError` if there is no such folder.
    """
    orbax, path = _orbax(), Path(folder).absolute()
    if not path.is_dir():
        raise FileNotFoundError(
            f"load_checkpoint needs a folder that save_checkpoint wrote, got {str(folder)!r}"
        )
    with orbax.StandardCheckpointer() as checkpointer:
        tree = checkpointer.restore(path)
    structure = json.loads(np.asarray(tree[_STRUCTURE]).tobytes())
    return Decoder(lambda number: np.array(tree[f"t{number}"]), trusted=False).value(structure)


def _orbax() -> Any:
    try:
        import orbax.checkpoint  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ImportError("checkpoints need orbax, the extra jax: pip install 'tinygrad_edu[jax]'") from error
    return orbax.checkpoint
