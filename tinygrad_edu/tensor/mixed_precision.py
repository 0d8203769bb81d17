"""Mixed precision as words: every operation keeps the dtype of its inputs, and no loss needs to be scaled."""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any, Self

from tinygrad_edu.tensor.devices import device
from tinygrad_edu.tensor.vocabulary import word


@word
class autocast(ContextDecorator):  # noqa: N801 - PyTorch's name
    """A block that computes as outside: NumPy has no bfloat16, and float16 would be slower."""

    def __init__(
        self, device_type: str, dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        self.device, self.fast_dtype, self.cache_enabled = device(device_type).type, dtype, cache_enabled
        self.enabled = enabled

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return None


@word
def is_autocast_enabled(device_type: str | None = None) -> bool:  # noqa: ARG001 - it is off for all
    """False: no operation changes its dtype by itself."""
    return False


class GradScaler:
    """A scaler of losses with the factor 1, as PyTorch's is where it is not enabled.

    `scale(loss)` is the loss, `step(optimizer)` is `optimizer.step()`.
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None: ...

    def scale(self, outputs: Any) -> Any:
        """The outputs as they are."""
        return outputs

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """The result of `optimizer.step()`."""
        return optimizer.step(*args, **kwargs)

    def unscale_(self, optimizer: Any) -> None:
        """Leave the gradients as they are."""

    def update(self, new_scale: Any = None) -> None:
        """Leave the factor at 1."""

    def get_scale(self) -> float:
        return 1.0

    def is_enabled(self) -> bool:
        return False

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Accept the state of any scaler."""
