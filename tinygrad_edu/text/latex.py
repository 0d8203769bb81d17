r"""Numbers, matrices and plain words in LaTeX (amsmath): `-1.5 \cdot 10^{-3}`, `50\%`."""

from __future__ import annotations

import unicodedata

import numpy as np

from tinygrad_edu.text.math_names import GREEK
from tinygrad_edu.text.numbers import grid, number

DOTS = {"…": r"\cdots", "⋮": r"\vdots"}  # in a matrix
COMMANDS = {sign: "\\" + word for word, sign in GREEK.items()} | {
    "∂": r"\partial ",
    "−": "-",
    "·": r"\cdot ",
    "⊙": r"\odot ",
    "≠": r"\neq ",
    "≤": r"\leq ",
    "≥": r"\geq ",
    "…": r"\dots ",
    "′": "'",
}
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "[": "{[}",
    "]": "{]}",
    "|": r"\textbar{}",
    '"': "''",
    "`": "'",
    **{sign: "\\" + sign for sign in "&%$#_{}"},
    **{sign: rf"\ensuremath{{{command}}}" for sign, command in COMMANDS.items()},
    **{sign: rf"\ensuremath{{^{{{digit}}}}}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{sign: rf"\ensuremath{{_{{{digit}}}}}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    "′": r"\ensuremath{'}",
    "×": r"\ensuremath{\times}",
    "÷": r"\ensuremath{\div}",
    "√": r"\ensuremath{\surd}",
    "⊗": r"\ensuremath{\otimes}",
    "←": r"\ensuremath{\leftarrow}",
    "⋮": r"\ensuremath{\vdots}",
    "∞": r"\ensuremath{\infty}",
    "Σ": r"\ensuremath{\Sigma}",
    "→": r"\ensuremath{\rightarrow}",
    "–": "--",
    "“": "``",
    "”": "''",
}
_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"'}


def latex(array: np.ndarray, digits: int | None = None) -> str:
    r"""`\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}`; a single number stands alone.

    Raises `ValueError` for more than two dimensions.
    """
    array = np.asarray(array)
    if array.ndim == 0:
        return latex_number(number(array, digits))
    if array.ndim > 2:
        raise ValueError(
            f"latex needs at most two dimensions, got shape {array.shape}; write its matrices one by one"
        )
    rows = [" & ".join(DOTS.get(x) or latex_number(x) for x in row) for row in grid(array, digits)]
    return r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"


def latex_number(text: str) -> str:
    r"""A written number in LaTeX: `1e-05` is `1 \cdot 10^{-5}`."""
    text = text.replace("−", "-")
    if text.lower() == "nan":
        return rf"\mathrm{{{text}}}"
    mantissa, e, power = text.replace("inf", "∞").replace("∞", r"\infty").partition("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}" if e else mantissa


def escaped(text: str) -> str:
    """Plain words for LaTeX; a character that LaTeX may not have is written as its number, `[U+91CD]`."""
    return "".join(map(_escaped_character, text))


def _escaped_character(c: str) -> str:
    if c in _SPECIAL:
        return _SPECIAL[c]
    if " " <= c <= "~":
        return c
    base, *marks = list(unicodedata.normalize("NFD", c))
    if base.isascii() and base.isalpha() and len(marks) == 1 and marks[0] in _ACCENTS:
        return rf"\{_ACCENTS[marks[0]]}{{{base}}}"
    return f"[U+{ord(c):04X}]"
