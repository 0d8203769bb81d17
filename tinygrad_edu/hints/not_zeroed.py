"""Notices that backward() adds to a gradient of the step before: zero_grad() was forgotten."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.hints.warnings import NotZeroedWarning, warn

USED, ADDED_TO = "used", "and added to"  # by an optimizer; and then by backward()
Spent = str | int | None  # a number: the last change of the leaf when backward() added to its gradient


def added_to(leaf: Any) -> Spent:
    """What is to be remembered of the gradient of `leaf`, to which backward() is about to add."""
    if isinstance(leaf.spent, str):
        return ADDED_TO if leaf.raw_grad().any() else None
    change = leaf.memory[0][0] if leaf.memory else 0
    if leaf.spent is not None and leaf.spent != change and leaf.raw_grad().any():
        warn(
            NotZeroedWarning,
            f"backward() has added to the gradient of {leaf.described()}, which still contains those of the steps "
            "before; set its grad to None once for every step",
        )
    return int(change)


def warn_used(optimizer: str) -> None:
    """An optimizer used a gradient that was `ADDED_TO`."""
    warn(
        NotZeroedWarning,
        f"{optimizer}.step used gradients that still contain those of the step before, as backward() adds to what is "
        "there; call zero_grad() once for every step()",
    )
