"""A file replaced as a whole: whoever reads it, at any time, finds the old content or the new one."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO


def replace_file(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Let `write` fill a temporary file in the folder of `path`, and put that in its place.

    The mode of an old file stays, a symbolic link stays and leads to the new content. Whatever goes wrong, the old
    file stays and the temporary one, `.NAME.saving-...`, is deleted; only a killed process leaves it behind.
    """
    target = path.resolve()
    if not target.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT,
            f"save needs a folder that exists, got none at {str(target.parent)!r}; make it first",
        )
    mode = target.stat().st_mode if target.exists() else None
    if mode is not None and not stat.S_ISREG(
        mode
    ):  # a device such as /dev/null, or a folder, which is an error
        memory = io.BytesIO()  # as it may not be possible to go back in it
        write(memory)
        target.write_bytes(memory.getbuffer())
        return
    if mode is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    temporary = target.with_name(f".{target.name[:50]}.saving-{os.urandom(4).hex()}")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(stat.S_IMODE(mode))
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
