"""Colours for light and for dark pages, which people with colour blindness can tell apart.

Kinds of nodes differ in shape as well. Values go from blue to orange, gradients from green to purple.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinygrad_edu.viz.drawing.number_cells import Cells

Rgb = tuple[int, int, int]
HeatScale = tuple[str, str, str]  # the colours of the most negative number, of zero and of the most positive


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a picture, each with six digits."""

    page: str
    box: str  # behind the tensors of a module
    card: str
    ink: str
    soft: str  # secondary text
    line: str
    pill: str
    pill_ink: str
    local: str  # local derivatives
    backward: str  # gradients on their way
    kinds: dict[str, str]
    values: HeatScale
    gradients: HeatScale
    strange: tuple[str, str] = ("#000000", "#FFE100")  # NaN and infinity: cell and text
    handles: bool = False  # whether the parts of a picture say what they are, for a page that moves them


_KINDS = {
    "input": "#56B4E9",
    "parameter": "#E69F00",
    "result": "#8A909A",
    "loss": "#D55E00",
    "folded": "#8A909A",
    "module": "#0072B2",
}

LIGHT = Theme(
    page="#FFFFFF",
    box="#F4F6FA",
    card="#FFFFFF",
    ink="#1B1F24",
    soft="#5B626D",
    line="#7C8694",
    pill="#1B1F24",
    pill_ink="#FFFFFF",
    local="#00705A",
    backward="#C24A00",
    kinds=_KINDS,
    values=("#2468B2", "#F3F4F6", "#E08214"),
    gradients=("#1B7837", "#F3F4F6", "#762A83"),
)

DARK = Theme(
    page="#14181D",
    box="#191F26",
    card="#1D232A",
    ink="#E9ECF0",
    soft="#A3ABB6",
    line="#8592A3",
    pill="#E9ECF0",
    pill_ink="#14181D",
    local="#4FD1AE",
    backward="#FF9A5C",
    kinds=_KINDS | {"loss": "#F0773A", "module": "#4C97E8"},
    values=("#4C97E8", "#2A313A", "#F09A32"),
    gradients=("#35A853", "#2A313A", "#B06CC4"),
)

THEMES = {"light": LIGHT, "dark": DARK}


def heat(x: float, scale: float, colours: HeatScale) -> str:
    """The colour of the number `x` among numbers of at most the size `scale`."""
    share = min(abs(x) / scale, 1.0) ** 0.75 if scale > 0 else 0.0
    zero, end = _rgb(colours[1]), _rgb(colours[2] if x > 0 else colours[0])
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(zero, end, strict=True))
    return f"#{red:02X}{green:02X}{blue:02X}"


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on `colour`."""
    return max(("#FFFFFF", "#000000"), key=lambda ink: contrast(ink, colour))


def cell_colours(cells: Cells, theme: Theme, *, is_gradient: bool) -> list[list[tuple[str, str, str]]]:
    """The text, the background and the colour of every cell; dots have no background."""
    colours = theme.gradients if is_gradient else theme.values
    return [
        [
            (text, *_colours_of(cells.rows[i][j], cells.scale, colours, theme))
            if text != "…"
            else (text, "", theme.soft)
            for j, text in enumerate(row)
        ]
        for i, row in enumerate(cells.texts)
    ]


def _colours_of(x: float, scale: float, colours: HeatScale, theme: Theme) -> tuple[str, str]:
    if not math.isfinite(x):
        return theme.strange
    background = heat(x, scale, colours)
    return background, ink_on(background)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2: 1 for equal colours, 21 for black on white; text needs 4.5."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [c / 255 for c in _rgb(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
