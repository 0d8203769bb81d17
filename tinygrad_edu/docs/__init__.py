"""The documentation as a folder of static pages: reference, tour of the source, gallery; made from the package."""

from __future__ import annotations

from tinygrad_edu.docs.site_build import build

__all__ = ["build"]
