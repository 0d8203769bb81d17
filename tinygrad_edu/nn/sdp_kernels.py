"""Choices between PyTorch's kernels for attention, as `torch.nn.attention`: there is one here, which a choice keeps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

__all__ = ["SDPBackend", "sdpa_kernel"]


class SDPBackend(IntEnum):
    """The kernels by name, numbered as in PyTorch."""

    ERROR = -1
    MATH = 0
    FLASH_ATTENTION = 1
    EFFICIENT_ATTENTION = 2
    CUDNN_ATTENTION = 3
    OVERRIDEABLE = 4


@contextmanager
def sdpa_kernel(backends: Any, set_priority: bool = False) -> Iterator[None]:  # noqa: ARG001 - there is one kernel
    """A block that computes as outside. Raises `TypeError` for what names no kernel."""
    for each in backends if isinstance(backends, list | tuple) else (backends,):
        if not isinstance(each, SDPBackend):
            raise TypeError(f"sdpa_kernel needs members of SDPBackend, got {each!r}")
    yield
