"""Ctrl-C that waits until a step has changed all that it changes."""

from __future__ import annotations

from _signal import SIGINT, getsignal, signal  # type: ignore[import-not-found]
from _thread import get_ident
from threading import main_thread
from typing import Any

_MAIN = main_thread()


class uninterrupted:  # noqa: N801 - read as a word: with uninterrupted(): ...
    """`with uninterrupted():` holds Ctrl-C back until the block is done: all numbers of a step change, or none.

    The signal goes to the handler from before then, by default as a `KeyboardInterrupt`. In another thread than the
    first, where Python handles no signals, nothing happens.
    """

    __slots__ = ("_handler", "_held")

    def __enter__(self) -> None:
        self._held: tuple[Any, ...] | None = None
        self._handler: Any = getsignal(SIGINT) if get_ident() == _MAIN.ident else None
        if callable(self._handler):
            signal(SIGINT, self._hold)

    def _hold(self, *given: Any) -> None:
        self._held = given

    def __exit__(self, *error: object) -> None:
        if callable(self._handler):
            signal(SIGINT, self._handler)
            if self._held is not None:
                self._handler(*self._held)
