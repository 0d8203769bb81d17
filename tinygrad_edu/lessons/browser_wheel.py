"""A wheel of this package for the browser: the installed files, without what a notebook there cannot use."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent
# The lessons are notebooks of the site; the others are programs for a terminal, and their types for an editor.
LEFT_OUT = {"cli", "docs", "examples", "lessons", "__main__.py"}
WHEEL = "Wheel-Version: 1.0\nGenerator: tinygrad_edu\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(folder: Path) -> Path:
    """Write the wheel into this folder, with the same bytes for the same files."""
    name = f"tinygrad_edu-{tinygrad_edu.__version__}"
    entries = {f"tinygrad_edu/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes() for path in _files()}
    entries[f"{name}.dist-info/METADATA"] = _metadata().encode()
    entries[f"{name}.dist-info/WHEEL"] = WHEEL.encode()
    record = f"{name}.dist-info/RECORD"
    rows = [f"{key},sha256={_digest(content)},{len(content)}\n" for key, content in entries.items()]
    entries[record] = "".join([*rows, f"{record},,\n"]).encode()
    wheel = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, content in entries.items():
            archive.writestr(_entry(key), content)
    return wheel


def _files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        parts = path.relative_to(PACKAGE).parts
        hidden = path.suffix in {".pyc", ".pyi"} or parts[0] in LEFT_OUT
        if path.is_file() and not hidden:
            yield path


def _metadata() -> str:
    needs = "Requires-Python: >=3.11\nRequires-Dist: numpy>=2.0\nRequires-Dist: graphviz>=0.20\n"
    return f"Metadata-Version: 2.1\nName: tinygrad_edu\nVersion: {tinygrad_edu.__version__}\n{needs}"


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # of 1980, so that the archive does not depend on the clock
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
