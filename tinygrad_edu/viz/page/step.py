"""One step of a page: its phase, its formulas, and the lines of NumPy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tinygrad_edu.text.mathml import Markup

FOLDED = "Folded to one card: a click on the card opens what is inside, or closes it."


class Choice(NamedTuple):
    """A formula among which a reader chooses: for screen readers, as it is seen, and why it is wrong."""

    as_text: str
    symbols: Markup = Markup()  # empty for the right one, which the line has
    reason: str = ""


@dataclass(frozen=True)
class Line:
    """One result of a step: its formula in symbols, with places for numbers, and how it adds to earlier ones."""

    symbols: Markup | None
    numbers: tuple[Markup, ...] = ()
    running: tuple[Markup, ...] = ()
    use: str = ""  # `use 2 of 3`
    as_text: str = ""  # the formula for screen readers
    choices: tuple[Choice, ...] = ()  # the right side of the formula, then wrong ones, for the quiz


@dataclass(frozen=True)
class Step:
    """One operation of the way forward or back, with everything that the panel says of it."""

    phase: str  # "start", "forward", "seed" or "backward"
    node: int = -1
    edges: tuple[int, ...] = ()  # along which numbers or gradients flow
    lines: tuple[Line, ...] = ()
    code: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    gradients: dict[int, str] = field(
        default_factory=dict
    )  # by node, the key of its gradient after this step
    inside: tuple[str, ...] = ()  # a heading, and the operations of a folded module
    answerable: str = (
        ""  # where the numbers stand that its results are computed from, see `answerable_numbers`
    )
