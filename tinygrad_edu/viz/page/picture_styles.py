"""The picture of a page with its colours and fonts as classes: shorter, and the style rules exchange the colours."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ATTRIBUTES = "fill|stroke|stroke-width|stroke-dasharray|stroke-linejoin|font-size|font-weight|text-anchor"
_ATTRIBUTE = re.compile(f' ({_ATTRIBUTES})="([^"]*)"')
_TAG = re.compile(r"<(?:rect|path|text)\b[^<>]*>")
_UNITS = {"font-size": "px"}


def styled(picture: str, colours: Mapping[str, str]) -> tuple[str, str]:
    """`picture` with classes in place of attributes, and the rules of the classes.

    `colours` are the names of variables by the colours of the picture.
    """
    classes: dict[str, str] = {}

    def short(tag: re.Match[str]) -> str:
        found = _ATTRIBUTE.findall(tag[0])
        if not found:
            return tag[0]
        rule = ";".join(f"{key}:{_value(key, value, colours)}" for key, value in found)
        name = classes.setdefault(rule, f"k{len(classes)}")
        left = _ATTRIBUTE.sub("", tag[0])
        return re.sub(r"(/?>)$", rf' class="{name}"\1', left)

    return _TAG.sub(short, picture), "".join(
        f"#picture .{name}{{{rule}}}\n" for rule, name in classes.items()
    )


def _value(key: str, value: str, colours: Mapping[str, str]) -> str:
    return f"var(--{colours[value]})" if value in colours else value + _UNITS.get(key, "")
