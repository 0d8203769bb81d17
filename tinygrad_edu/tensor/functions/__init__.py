"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations
