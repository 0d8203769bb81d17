"""Zip archives as checkpoints have them: entries that are not compressed, one after the other, each with its CRC.

An archive of another form is refused before anything is read: compressed entries (a few bytes could stand for
terabytes), entries that overlap or have one name, and archives inside other data, as what is left of a file that was
cut off may contain a whole archive.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO

_LOCAL_HEADER = 30  # bytes before the name of an entry
_END = b"PK\x05\x06"


class DamagedError(Exception):
    """What is wrong with a file, for a message that names the file."""


class _Bounded:
    """A file that never reserves more memory than there are bytes left to read."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, count: int = -1) -> bytes:
        left = max(0, self._size - self._file.tell())
        return self._file.read(left if count is None or count < 0 else min(count, left))

    def close(self) -> None:
        """Leave the file open: another closes it."""


@contextmanager
def damage(entry: str) -> Iterator[None]:
    """Turn what reading a damaged entry raises into a `DamagedError`."""
    try:
        yield
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, struct.error) as error:
        raise DamagedError(f"{entry} is damaged or cut off ({error})") from error
    except (
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        SyntaxError,
        AttributeError,
        Warning,
    ) as error:
        raise DamagedError(f"{entry} is not what a checkpoint has there ({error})") from error
    except (NotImplementedError, RecursionError, MemoryError, OSError, RuntimeError) as error:
        raise DamagedError(f"{entry} cannot be read ({type(error).__name__}: {error})") from error


class Archive:
    """The entries of an archive, by name. Raises `DamagedError` if it is not as described in this file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        file.seek(max(0, size - 22))
        if file.read(4) != _END:
            raise DamagedError("its end is missing, so that it is cut off, or not an archive")
        with damage("the list of entries"):
            self._zip = zipfile.ZipFile(_Bounded(file, size))
            entries = sorted(self._zip.infolist(), key=lambda entry: entry.header_offset)
        self.names = {entry.filename for entry in entries}
        if len(self.names) < len(entries):
            raise DamagedError("two of its entries have one name")
        end = 0
        for entry in entries:
            _check(entry)
            if entry.header_offset < end or (end == 0 and entry.header_offset != 0):
                raise DamagedError(f"entry {entry.filename!r} does not stand where it should")
            end = entry.header_offset + _LOCAL_HEADER + entry.file_size
        if end > size:
            raise DamagedError("its entries are longer than the file, so that it is cut off")

    def size(self, name: str) -> int:
        """The number of bytes of an entry."""
        with damage(f"entry {name!r}"):
            return self._zip.getinfo(name).file_size

    @contextmanager
    def entry(self, name: str) -> Iterator[Any]:
        """An entry to read from to its end, where its CRC is compared."""
        with damage(f"entry {name!r}"), self._zip.open(name) as file:
            yield file
            if file.read(1):
                raise DamagedError(f"entry {name!r} is longer than its header says")

    def read(self, name: str) -> bytes:
        """All bytes of an entry."""
        with self.entry(name) as file:
            return file.read()


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size:
        raise DamagedError(f"entry {name!r} is compressed, which no checkpoint is")
    if entry.flag_bits & 1:
        raise DamagedError(f"entry {name!r} is encrypted")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or entry.orig_filename != name:
        raise DamagedError(f"entry {entry.orig_filename!r} has a name that leads out of the archive")


def fill(file: Any, buffer: memoryview) -> None:
    """Read bytes until `buffer` is full."""
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done : done + 2**20])
        if not count:
            raise EOFError(f"{len(buffer) - done} bytes are missing")
        done += count
