"""`Progress`: which puzzles are solved, which hints and solutions were read, in a local file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tinygrad_edu.io.replacement import replace_file

FORMAT = "tinygrad_edu puzzles 1"
KINDS = ("solved", "hints", "solutions")


def default_path() -> Path:
    """The file of the platform: in the user's data folder."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return folder / "tinygrad_edu" / "puzzles.json"


class Progress:
    """The progress in `path`, or in the default file; read anew at every question, and written whole or not at all.

    `note` says why progress is not kept: a file that is broken or another program's is never written to, and a folder
    that cannot be written is no error. What was done is then known to this object alone.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else default_path()
        self.note = ""
        self._kept: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self._read()

    def count(self, kind: str, name: str) -> int:
        """How often: 1 for a solved puzzle or a solution that was read, and the level of the last hint."""
        return self._kept[kind].get(name, 0)

    def record(self, kind: str, name: str, count: int = 1) -> None:
        """Keep the larger of `count` and what is known, and write the file."""
        if not self.note:
            self._read()
        self._kept[kind][name] = max(count, self.count(kind, name))
        if not self.note:
            self._write()

    def _read(self) -> None:
        try:
            content = json.loads(self.path.read_text("utf-8"))
            if not _known(content):
                raise ValueError("it is not a file of this program")
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self.note = f"progress is not kept: {self.path} cannot be read, {error.strerror}"
        except ValueError:
            self.note = (
                f"progress is not kept: {self.path} is no progress file and stays as it is; move it away, or name "
                "another file"
            )
        else:
            for kind in KINDS:
                for name, count in content[kind].items():
                    self._kept[kind][name] = max(count, self.count(kind, name))

    def _write(self) -> None:
        text = json.dumps({"format": FORMAT, **self._kept}, indent=1, sort_keys=True) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, lambda file: file.write(text.encode()))
        except OSError as error:
            self.note = f"progress is not kept: {self.path} cannot be written, {error.strerror}"


def _known(content: Any) -> bool:
    """True for what `Progress` writes."""
    return (
        isinstance(content, dict)
        and content.get("format") == FORMAT
        and all(
            isinstance(content.get(kind), dict) and all(type(n) is int for n in content[kind].values())
            for kind in KINDS
        )
    )
