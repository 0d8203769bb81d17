"""What Linux itself refuses a process from here on: files but those of Python, processes, signals, the network.

Landlock (Documentation/userspace-api/landlock.rst) limits which files can be read; a seccomp filter lets through the
system calls that computing needs, and no others. Both hold for ever, and need no rights. Where a kernel lacks one, the
other still holds; the file needs Python alone, as `worker.py` does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

REFUSED = 13  # EACCES: Python raises PermissionError
READ_FILE, READ_DIR = 1 << 2, 1 << 3
PACKAGES = ("numpy", "scipy")
# Read, write, seek and close what is open; look at files; memory; handlers of one's own signals; threads wait; time;
# who am I; random numbers; the end. `kill`, `fcntl`, `ioctl` and `pipe` are missing: each can reach other processes.
# fmt: off
SYSTEM_CALLS = {  # machine: its number for the kernel, the calls that open a file with the place of their flags, others
    "x86_64": (0xC000003E, {257: 32, 2: 24}, (
        0, 1, 3, 8, 17, 18, 19, 20, 32, 33, 292, 436,  4, 5, 6, 21, 79, 89, 217, 262, 267, 269, 332, 439,
        9, 10, 11, 12, 25, 28,  13, 14, 15, 131, 219,  24, 202, 204, 309,  35, 96, 98, 100, 201, 228, 229, 230,
        39, 63, 99, 102, 104, 107, 108, 110, 186,  318,  60, 231,
    )),
    "aarch64": (0xC00000B7, {56: 32}, (
        57, 62, 63, 64, 65, 66, 67, 68, 23, 24, 436,  17, 48, 61, 78, 79, 80, 291, 439,
        214, 215, 216, 222, 226, 233,  132, 134, 135, 139, 128,  98, 123, 124, 168,  101, 113, 114, 115, 153, 165, 169,
        160, 172, 173, 174, 175, 176, 177, 178, 179,  278,  93, 94,
    )),
}
# fmt: on
LOAD, IF_EQUAL, IF_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06  # of the filter's machine, as in linux/filter.h
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | REFUSED
CALL, MACHINE = 0, 4  # places in what the filter sees; arguments are at 16, 24, 32


def restrict(packages: str) -> None:
    """Restrict this process, which may still read Python and what it computes with from the folder `packages`."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG: it does not outlive the grader
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS: nothing that it starts has more rights
    _limit_files(libc, readable(Path(packages)))
    if platform.machine() in SYSTEM_CALLS:
        _filter_calls(libc, b"".join(_program(*SYSTEM_CALLS[platform.machine()])))


def readable(packages: Path) -> Iterator[Path]:
    """The files and folders that may be read: Python's modules, NumPy, SciPy, and the libraries that these load."""
    modules = Path(os.__file__).parent
    yield from (path for path in modules.iterdir() if path.name not in ("site-packages", "dist-packages"))
    yield from (packages / f"{name}{libs}" for name in PACKAGES for libs in ("", ".libs"))
    yield from Path(sys.base_prefix, "lib").glob("*.so*")
    yield from map(
        Path, ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo")
    )


def _limit_files(libc: ctypes.CDLL, paths: Iterable[Path]) -> None:
    """By Landlock: read these paths, and do nothing else to any file; no signals and no connections to others."""
    version = libc.syscall(444, None, 0, 1)
    if version < 1:
        return
    rights = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)
    handled = [(1 << rights) - 1, *[3] * (version >= 4), *[3] * (version >= 6)]
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    rules = libc.syscall(444, attributes, len(attributes), 0)
    for path in paths:
        with contextlib.suppress(OSError):  # not every system has every path
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            access = READ_FILE | READ_DIR if path.is_dir() else READ_FILE
            libc.syscall(445, rules, 1, struct.pack("=Qi", access, place), 0)
            os.close(place)
    libc.syscall(446, rules, 0)
    os.close(rules)


def _program(machine: int, opening: Mapping[int, int], allowed: Iterable[int]) -> Iterator[bytes]:
    """The instructions of the filter; a file is opened for reading only."""
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    yield _step(LOAD, MACHINE)
    yield _step(IF_EQUAL, machine, then=1)
    yield _step(RETURN, REFUSE)
    yield _step(LOAD, CALL)
    for number in allowed:
        yield _step(IF_EQUAL, number, otherwise=1)
        yield _step(RETURN, ALLOW)
    for number, flags in opening.items():
        yield _step(IF_EQUAL, number, otherwise=4)
        yield _step(LOAD, flags)
        yield _step(IF_ANY_BIT, writing, then=1)
        yield _step(RETURN, ALLOW)
        yield _step(RETURN, REFUSE)
    yield _step(RETURN, REFUSE)


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    """One instruction: how many to skip if a test holds, and if not."""
    return struct.pack("=HBBI", code, then, otherwise, value)


def _filter_calls(libc: ctypes.CDLL, program: bytes) -> None:
    """By seccomp."""
    code = ctypes.create_string_buffer(program, len(program))
    libc.prctl(22, 2, struct.pack("@HP", len(program) // 8, ctypes.addressof(code)), 0, 0)
