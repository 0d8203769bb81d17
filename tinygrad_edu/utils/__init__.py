"""Tools beside models, as `torch.utils`."""

from __future__ import annotations

import typing as _typing

from tinygrad_edu.hints.missing_names import refusal as _refusal
from tinygrad_edu.utils import checkpoint, data

__all__ = ["checkpoint", "data"]

if not _typing.TYPE_CHECKING:
    __getattr__ = _refusal(__name__, __all__)
