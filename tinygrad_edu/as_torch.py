"""`import tinygrad_edu.as_torch` at the top of a notebook: `import torch` means tinygrad_edu from there on.

`tinygrad_edu.as_torch.remove()` ends it.
"""

from __future__ import annotations

import importlib as _importlib

from tinygrad_edu.programs.substitution import install, remove  # noqa: F401 - to end it

install()
_importlib.import_module("torch")
