"""The version of PyTorch whose names and numbers are those here, as programs compare it."""

from __future__ import annotations

import re
from typing import Any

from tinygrad_edu.tensor.vocabulary import WORDS, Namespace


class TorchVersion(str):
    """A version that is compared number by number with a string or a tuple: 2.13 comes after 2.9."""

    __slots__ = ()

    def __lt__(self, other: Any) -> bool:
        return _numbers(self) < _numbers(other)

    def __le__(self, other: Any) -> bool:
        return _numbers(self) <= _numbers(other)

    def __gt__(self, other: Any) -> bool:
        return _numbers(self) > _numbers(other)

    def __ge__(self, other: Any) -> bool:
        return _numbers(self) >= _numbers(other)


def _numbers(version: Any) -> list[int]:
    """[2, 13] of '2.13.0+cpu' and of (2, 13): without zeros at the end."""
    text = version if isinstance(version, str) else ".".join(map(str, version))
    numbers = [int(x) for x in re.findall(r"\d+", re.split(r"[+a-z]", text)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers


VERSION = TorchVersion("2.13.0+tinygrad.edu")
WORDS["version"] = Namespace(
    "version", __version__=VERSION, cuda=None, hip=None, xpu=None, git_version=None, debug=False
)
