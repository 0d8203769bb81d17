"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import accumulating, lookup_tables, picking, scattering, sorting

__all__ = ["accumulating", "lookup_tables", "picking", "scattering", "sorting"]
