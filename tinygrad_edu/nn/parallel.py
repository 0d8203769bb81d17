"""Models on several accelerators, of which there are none: `DataParallel(model)` computes as the model does."""

from __future__ import annotations

from typing import Any, NoReturn

from tinygrad_edu.nn.module import Module

__all__ = ["DataParallel", "DistributedDataParallel"]


class DataParallel(Module):
    """A model inside another module, as `module`: parameters and keys of `state_dict` are named `module.…`."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids, self.output_device, self.dim = device_ids, output_device, dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


class DistributedDataParallel:
    """Refused: the model is trained in one process."""

    def __new__(cls, *_: Any, **__: Any) -> NoReturn:
        """Raise `RuntimeError`."""
        raise RuntimeError(
            "DistributedDataParallel needs several processes, and tinygrad_edu trains in one; use the model itself"
        )
