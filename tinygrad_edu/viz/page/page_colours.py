"""The colours of a page: the picture is painted once, and style sheets exchange its colours for those of a theme."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from tinygrad_edu.viz.drawing.colours import DARK, LIGHT, Theme
from tinygrad_edu.viz.drawing.legend import scale_colours

# The light theme with a different colour for each part of the picture: the rules below tell them apart by it.
PAGE = replace(
    LIGHT,
    page="#FFFFFE",
    card="#FFFFFD",
    pill_ink="#FFFFFC",
    pill="#1B1F25",
    handles=True,
    kinds=dict(LIGHT.kinds),
)
_PLAIN = [
    f.name for f in fields(Theme) if f.name not in ("kinds", "values", "gradients", "strange", "handles")
]


def colours() -> dict[str, Any]:
    """The scales of both themes, for the script that paints cells."""
    return {
        name: {
            "values": theme.values,
            "gradients": theme.gradients,
            "strange": theme.strange,
            "soft": theme.soft,
        }
        for name, theme in (("light", LIGHT), ("dark", DARK))
    }


def variable_names() -> dict[str, str]:
    """The name of the variable that stands for each colour of the picture."""
    return {colour: name for name, colour in _named(PAGE).items()}


def style() -> str:
    """The themes as variables."""
    light, dark = _variables(LIGHT), _variables(DARK)
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
        f":root[data-theme=light]{{color-scheme:light;{light}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
    )


def _named(theme: Theme) -> dict[str, str]:
    plain = {name.replace("_", "-"): getattr(theme, name) for name in _PLAIN}
    kinds = {f"kind-{kind}": colour for kind, colour in theme.kinds.items()}
    values = {f"value-{i}": colour for i, colour in enumerate(scale_colours(theme.values))}
    gradients = {f"gradient-{i}": colour for i, colour in enumerate(scale_colours(theme.gradients))}
    return plain | kinds | values | gradients


def _variables(theme: Theme) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in _named(theme).items())
