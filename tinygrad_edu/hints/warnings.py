"""Warnings that teach: each is said once for every line of the user's program, and each can be switched off.

Ordinary Python warnings, so `warnings.simplefilter("ignore", NotZeroedWarning)` silences one kind and `"error"` turns
it into an exception. `teaching.off()` silences all of them; `with teaching.off():` for a while.
"""

from __future__ import annotations

import sys
import warnings
from types import TracebackType

from tinygrad_edu.engine.call_site import CallSite, current_call_site, line_number


class TeachingWarning(UserWarning):
    """A step that runs, but most likely does not do what was meant."""


class NotFiniteWarning(TeachingWarning):
    """A loss from which `backward()` starts, or a mean, is nan or infinite."""


class NotRawScoresWarning(TeachingWarning):
    """A loss that applies softmax or sigmoid itself was given the output of one."""


class ImplicitDimWarning(TeachingWarning):
    """A softmax was not told its dimension."""


class LostGraphWarning(TeachingWarning):
    """`tensor(x)` copied the numbers of a result, and not its history."""


class ReferenceCycleWarning(TeachingWarning):
    """`backward(create_graph=True)` left gradients that refer to their own tensors."""


class NotZeroedWarning(TeachingWarning):
    """A step used a gradient that still contains the gradient of an earlier step."""


class TrainingModeWarning(TeachingWarning):
    """A layer is in training mode where a network is evaluated."""


class SchedulerOrderWarning(TeachingWarning):
    """A scheduler took its step before the optimizer took one."""


class UnregisteredWarning(TeachingWarning):
    """A module holds a tensor or a layer that its `parameters()` does not list."""


class GrowingGraphWarning(TeachingWarning):
    """The graph, or what keeps it in memory, grows with every step."""


# NumPy warns of every nan and overflow at the line of ours where it arises. Ours are said at the user's line, with the
# cause and where it began; as in PyTorch, nothing is said until a loss is not finite.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tinygrad_edu\.")

_on = True
_said: set[tuple[type[TeachingWarning], CallSite | None]] = set()
_filters: list[object] = []  # those in force when something was said last: other filters, another audience


class off:  # noqa: N801 - read as a verb: with off(): ...
    """Switches the warnings off at once; in `with`, only inside."""

    def __init__(self) -> None:
        global _on
        self._before, _on = _on, False

    def __enter__(self) -> None:
        """They are off already."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _on
        _on = self._before


def on() -> None:
    """Switches the warnings on again, and lets each be said once more."""
    global _on
    _on = True
    _said.clear()


def warn(category: type[TeachingWarning], message: str) -> None:
    """Say `message` about the line of the user's program that is running, unless that line was told before."""
    if not _on:
        return
    if warnings.filters is not _filters:
        _listen_anew()
    place = current_call_site()
    if (category, place) not in _said:
        name, line = (place[0].co_filename, line_number(place)) if place else ("unknown file", 0)
        warnings.warn_explicit(message, category, name, line, module=_module_of(place))
        _said.add((category, place))


def is_told(category: type[TeachingWarning]) -> bool:
    """True if `warn` would be silent: then there is no need to search for causes."""
    return not _on or (warnings.filters is _filters and (category, current_call_site()) in _said)


def _listen_anew() -> None:
    global _filters
    _filters = warnings.filters  # type: ignore[assignment]
    _said.clear()


def _module_of(place: CallSite | None) -> str:
    frame = sys._getframe(1)
    while frame.f_back is not None and (place is None or frame.f_code is not place[0]):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "unknown"))
