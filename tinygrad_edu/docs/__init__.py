"""The site of the documentation: reference, tour of the source, gallery; made from the package as it is."""

from __future__ import annotations

from tinygrad_edu.docs.site import build

__all__ = ["build"]
