"""The output of training while it runs: the paper's line, and a progress bar on long runs if tqdm is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LINES = 10  # a longer run prints every tenth of its epochs


class Progress:
    """The numbers of the epochs, one after the other; `report` prints the loss of an epoch in the paper's words."""

    def __init__(self, epochs: int, verbose: bool) -> None:
        self.epochs = epochs
        self.verbose = verbose
        self.bar: Any = _bar(epochs) if verbose and epochs > LINES else None

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.epochs) if self.bar is None else self.bar)

    def report(self, epoch: int, loss: float) -> None:
        """Print `Epoch 0 (out of 1) -- Loss: 1.5997`, for ten epochs of a long run."""
        every = max(1, self.epochs // LINES)
        if self.verbose and (epoch % every == 0 or epoch == self.epochs - 1):
            say = print if self.bar is None else self.bar.write  # the bar makes room for the line
            say(f"Epoch {epoch} (out of {self.epochs}) -- Loss: {loss:.4f}")


def _bar(epochs: int) -> Any:
    """A progress bar (on a terminal only), or None without the extra `progress`."""
    try:
        from tqdm import tqdm  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    return tqdm(range(epochs), desc="training", unit="epoch", disable=None, leave=False)
