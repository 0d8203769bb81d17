"""load: what `save`, `torch.save` or safetensors wrote; a file that is none of these is named for what it is."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from reprlib import repr as short
from typing import Any, BinaryIO, NamedTuple

from tinygrad_edu.io.archive import Archive, DamagedError, damage
from tinygrad_edu.io.npz import STRUCTURE, read_array, read_structure
from tinygrad_edu.io.pytorch_file import read_pytorch
from tinygrad_edu.io.safetensors_file import read_safetensors
from tinygrad_edu.io.structure import Decoder
from tinygrad_edu.tensor.devices import check_device, is_device

_OLD_PYTORCH = (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "written by PyTorch in its format before 1.6")
_OTHERS = [  # how files of other programs begin
    _OLD_PYTORCH,
    (b"\x80", "a plain pickle, which could run any code"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89HDF", "an HDF5 file, as Keras writes"),
    (b"\x93NUMPY", "a single array; use np.load"),
    (b"\x1f\x8b", "compressed by gzip"),
    (b"%PDF", "a PDF document"),
    (b"version https://git-lfs", "a pointer of Git LFS; fetch the file itself with git lfs pull"),
    (b"<", "a page of HTML or XML; was the download refused?"),
]
_AGAIN = "with PyTorch, load it and save model.state_dict() with torch.save"


class _Source(NamedTuple):
    file: BinaryIO
    size: int
    name: str


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,  # noqa: ARG001 - no module of pickles is used
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,  # noqa: ARG001 - numbers are read into memory
) -> Any:
    """The object in a file that `save` wrote, in a checkpoint of PyTorch (`.pt`, `.pth`), or in a safetensors file.

    `f` is a path or a file that is open for reading in binary. All tensors are on the CPU, so that `map_location` says
    nothing new; bfloat16 becomes float32. From files of PyTorch tensors, dicts, lists and plain values are built, and
    whatever else they ask for is refused by its name. A whole Module that `save` wrote is read with
    `weights_only=False` only, which runs code of the file: for files of your own.

    Raises `ValueError` for a file that is damaged, cut off or of another kind, and `UnpicklingError` for objects that
    are not built; nothing is returned in part.
    """
    _check_location(map_location)
    with _opened(f) as source:
        try:
            return _content(source, weights_only is False)
        except DamagedError as error:
            raise ValueError(f"load needs a whole checkpoint, but {source.name} is none: {error}") from error
        except pickle.UnpicklingError as error:
            raise pickle.UnpicklingError(
                f"load builds tensors, dicts, lists and plain values, but {source.name} is refused: {error}"
            ) from error


def _check_location(place: Any) -> None:
    if is_device(place):
        check_device("load", place)
    elif not (place is None or callable(place) or isinstance(place, dict)):
        raise TypeError(f"load needs map_location as a device, a function or a dict, got {short(place)}")


@contextmanager
def _opened(f: Any) -> Iterator[_Source]:
    if isinstance(f, str | os.PathLike):
        with open(f, "rb") as file:  # noqa: PTH123 - any path
            yield _Source(file, os.fstat(file.fileno()).st_size, repr(os.fspath(f)))
        return
    if not hasattr(f, "read"):
        raise TypeError(f"load needs a path or a file open for reading, got {type(f).__name__} {short(f)}")
    data = f.read()
    if not isinstance(data, bytes):
        raise TypeError("load needs a file that is open in binary, got one for text; use open(path, 'rb')")
    yield _Source(io.BytesIO(data), len(data), str(getattr(f, "name", None) or f"the {type(f).__name__}"))


def _content(source: _Source, trusted: bool) -> Any:
    file, size, name = source
    if size == 0:
        raise DamagedError("it is empty; go back to its start with seek(0) if it was just written")
    head = file.read(512)
    if head.startswith(b"PK"):
        return _in_archive(Archive(file, size), trusted)
    if head[8:9] == b"{" or name.endswith(".safetensors'"):
        file.seek(0)
        return read_safetensors(file.read())
    if head[257:262] == b"ustar":
        raise DamagedError(f"it is a tar archive, as PyTorch wrote before 0.1.10; {_AGAIN}")
    for start, kind in _OTHERS:
        if head.startswith(start):
            raise DamagedError(f"it is {kind}; {_AGAIN}" if kind is _OLD_PYTORCH[1] else f"it is {kind}")
    raise DamagedError(f"it begins with {short(head[:20])}, as no checkpoint does")


def _in_archive(archive: Archive, trusted: bool) -> Any:
    if STRUCTURE in archive.names:
        tree = read_structure(archive)
        decoder = Decoder(lambda number: read_array(archive, f"t{number}.npy"), trusted)
        with damage(f"entry {STRUCTURE!r}"):
            return decoder.value(tree)
    if sum(name.endswith("/data.pkl") for name in archive.names) == 1:
        try:
            return read_pytorch(archive)
        except pickle.UnpicklingError as error:
            raise pickle.UnpicklingError(f"{error}; {_AGAIN}") from error
    names = ", ".join(sorted(archive.names)[:3])
    raise DamagedError(
        f"it is an archive of something else, with {names or 'nothing'} in it; np.load reads npz files"
    )
