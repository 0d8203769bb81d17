"""Warn when backward() adds to the gradient of the step before: zero_grad() was forgotten."""

from __future__ import annotations

from enum import Enum
from typing import Any

from tinygrad_edu.hints.warnings import NotZeroedWarning, warn


class GradientUse(Enum):
    """The history of a gradient since it was last None."""

    USED = "an optimizer took a step by it"
    ADDED_TO = "an optimizer took a step by it, and then backward() added to it"


# None: not yet used. A number: the version of the leaf when backward() added to its gradient.
Use = GradientUse | int | None


def added_to(leaf: Any) -> Use:
    """The use to be remembered of the gradient of `leaf`, to which backward() is about to add."""
    if isinstance(leaf.gradient_use, GradientUse):
        return GradientUse.ADDED_TO if leaf.raw_grad().any() else None
    version = leaf.memory.version if leaf.memory else 0
    if leaf.gradient_use is not None and leaf.gradient_use != version and leaf.raw_grad().any():
        warn(
            NotZeroedWarning,
            f"backward() has added to the gradient of {leaf.described()}, which still contains those of the steps "
            "before; set its grad to None once for every step",
        )
    return int(version)


def warn_used(optimizer: str) -> None:
    """Warn that an optimizer used a gradient that was `ADDED_TO`."""
    warn(
        NotZeroedWarning,
        f"{optimizer}.step used gradients that still contain those of the step before, as backward() adds to what is "
        "there; call zero_grad() once for every step()",
    )
