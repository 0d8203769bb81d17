"""What a page says at one step."""

from __future__ import annotations

from dataclasses import dataclass, field

from tinygrad_edu.text.mathml import Markup

FOLDED = "Folded to one card: draw with a larger depth, or the module alone, to go through the steps inside."


@dataclass(frozen=True)
class Line:
    """One result of a step: its formula in symbols, with places for numbers, and how it adds to earlier ones."""

    symbols: Markup | None
    numbers: tuple[Markup, ...] = ()
    running: tuple[Markup, ...] = ()
    use: str = ""  # `use 2 of 3`
    said: str = ""  # the formula as text


@dataclass(frozen=True)
class Step:
    """What happens between two pictures."""

    phase: str  # "start", "forward", "seed" or "backward"
    node: int = -1
    edges: tuple[int, ...] = ()  # along which something flows
    lines: tuple[Line, ...] = ()
    code: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    shown: dict[int, str] = field(default_factory=dict)  # which numbers are now the gradient of a node
    inside: tuple[str, ...] = ()  # a heading, and what is done in a folded module
