"""The name of a gradient, made of the name of its value: `dW1`, `d(X @ W1)`, `fc1.weight.grad`."""

from __future__ import annotations

import re
from collections.abc import Mapping

PATH = re.compile(r"[A-Za-z_]\w*(\.\w+)+")  # of a parameter in a module
FORMULA = re.compile(r"[^\w ]")
GRADIENT = re.compile(r"\bd\{(\w+)\}")


def gradient_of(value: str) -> str:
    """The gradient of `value`, a name or a formula, as a student writes it."""
    if PATH.fullmatch(value) and not value.endswith(".T"):
        return f"{value}.grad"
    return f"d({value})" if FORMULA.search(value) and not _bracketed(value) else f"d{value}"


def _bracketed(text: str) -> bool:
    """True if one pair of brackets holds all of it."""
    depth = [0]
    for sign in text:
        depth.append(depth[-1] + (sign == "(") - (sign == ")"))
    return text.startswith("(") and 0 not in depth[1:-1]


def filled(template: str, words: Mapping[str, str]) -> str:
    """A template with words in it, `d{w}` being the gradient of the value `w`."""
    gradients = {f"d_{key}": gradient_of(words[key]) for key in GRADIENT.findall(template)}
    return GRADIENT.sub(r"{d_\1}", template).format_map({**words, **gradients}).replace(".T.T", "")
