"""The functions of PyTorch, by topic: compositions of operations, for whatever the operations take."""

from __future__ import annotations

from tinygrad_edu.tensor.functions import inspection, likes, sampling

__all__ = ["inspection", "likes", "sampling"]
