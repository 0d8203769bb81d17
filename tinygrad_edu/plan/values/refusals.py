"""What is said when a step cannot become a plan: what it did, at which line, and what to do instead."""

from __future__ import annotations

from tinygrad_edu.engine.call_site import CallSite, line_of


def refusal(what: str, place: CallSite | None, advice: str) -> RuntimeError:
    """The error for a step that does not compute the same way whatever its numbers are."""
    return RuntimeError(
        "capture needs a step that computes the same way whatever its numbers are, "
        f"but {what} at {line_of(place)}; {advice}"
    )
