"""The loss during training: a curve in a notebook, a progress bar with the numbers in a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from types import TracebackType
from typing import Any, Self

from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.training.curves import plot_loss
from tinygrad_edu.viz.training.figures import png

BARS = "▁▂▃▄▅▆▇█"
SPARKS = 24


class LiveLoss:
    """A display of the loss during training: call `live(loss)` in every step, or `live(train=loss, valid=other)`.

    In a notebook the curve is drawn anew at most every `every` seconds; in a terminal there is a progress bar of
    `total` steps, if known, by tqdm (extra `progress`) or plainer without; elsewhere nothing is shown. `history` keeps
    the numbers for `plot_loss(live.history)`. Use it in `with` or call `close()` at the end, so that the last state is
    shown.
    """

    def __init__(self, total: int | None = None, *, every: float = 0.5) -> None:
        self.history: dict[str, list[float]] = {}
        self._every = every
        self._shown = -float("inf")
        self._show = _in_notebook() or _in_terminal(total)

    def __call__(self, loss: Any = None, **losses: Any) -> None:
        named = losses if loss is None else {"loss": loss, **losses}
        for name, x in named.items():
            self.history.setdefault(name, []).append(float(x))
        if self._show is not None:
            self._show.count()
            now = time.monotonic()
            if now - self._shown >= self._every:
                self._shown = now
                self._show.update(self.history)

    def close(self) -> None:
        """Show the last state."""
        if self._show is not None and self.history:
            self._show.update(self.history)
            self._show.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Notebook:
    """One picture in a notebook, which is exchanged for the next."""

    def __init__(self, display: Any, image: Any) -> None:
        self._display, self._image = display, image
        self._handle: Any = None

    def count(self) -> None:
        """A picture counts by itself."""

    def update(self, history: dict[str, list[float]]) -> None:
        picture = self._image(data=png(plot_loss(history)), format="png")
        if self._handle is None:
            self._handle = self._display(picture, display_id=True)
        else:
            self._handle.update(picture)

    def close(self) -> None:
        """Nothing is open."""


class _Terminal:
    """A progress bar with the last losses."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def count(self) -> None:
        self._bar.update(1)

    def update(self, history: dict[str, list[float]]) -> None:
        self._bar.set_postfix_str(last_losses(history))

    def close(self) -> None:
        self._bar.close()


class _PlainTerminal:
    """One line that is written over: the steps, their time, the last losses. For a terminal without tqdm."""

    def __init__(self, total: int | None) -> None:
        self._total, self._steps, self._start = total, 0, time.monotonic()

    def count(self) -> None:
        self._steps += 1

    def update(self, history: dict[str, list[float]]) -> None:
        of = f"/{self._total}" if self._total else ""
        seconds = time.monotonic() - self._start
        line = f"training: {self._steps}{of} steps, {seconds:.0f} s, {last_losses(history)}"
        wide = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r{line[:wide]:<{wide}}")
        sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write("\n")


def last_losses(history: dict[str, list[float]]) -> str:
    """`train 0.52, valid 0.6 █▆▃▂▁`, with the curve of the first."""
    last = ", ".join(f"{clean(name)} {losses[-1]:.4g}" for name, losses in history.items())
    return f"{last} {spark(next(iter(history.values())))}"


def spark(losses: list[float]) -> str:
    """The curve in one line: `█▆▃▂▁`; `×` where a loss is NaN or infinite."""
    step = max(1, -(-len(losses) // SPARKS))
    chosen = losses[::-1][::step][::-1]
    finite = [x for x in chosen if abs(x) < float("inf")]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((x - low) * scale)] if abs(x) < float("inf") else "×" for x in chosen)


def _in_notebook() -> _Notebook | None:
    try:
        from IPython import get_ipython  # noqa: PLC0415 - in notebooks only
        from IPython.display import Image, display  # noqa: PLC0415
    except ImportError:
        return None
    return _Notebook(display, Image) if getattr(get_ipython(), "kernel", None) is not None else None


def _in_terminal(total: int | None) -> _Terminal | _PlainTerminal | None:
    if not sys.stderr.isatty():
        return None
    try:
        from tqdm import tqdm  # noqa: PLC0415 - an extra
    except ImportError:
        return _PlainTerminal(total)
    return _Terminal(tqdm(total=total, unit="step", desc="training"))
