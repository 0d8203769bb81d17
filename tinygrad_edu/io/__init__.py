"""Files: `save` and `load`, with checkpoints of PyTorch and safetensors among what is read."""

from __future__ import annotations

from tinygrad_edu.io.loading import load
from tinygrad_edu.io.saving import save

__all__ = ["load", "save"]
