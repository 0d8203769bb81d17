"""A lesson in the terminal: prose with its formulas as plain text, code, and what the code prints."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tinygrad_edu.lessons.lesson_run import Outcome, run_cells
from tinygrad_edu.lessons.lesson_table import Lesson

_WORDS = {
    "partial": "∂", "cdot": "·", "times": "×", "odot": "⊙", "sum": "Σ", "sigma": "σ", "to": "→",
    "approx": "≈", "le": "≤", "ge": "≥", "ne": "≠", "mu": "μ", "epsilon": "ε", "varepsilon": "ε",
    "delta": "δ", "eta": "η", "gamma": "γ", "beta": "β", "top": "ᵀ", "ldots": "…", "dots": "…",
    "infty": "∞", "in": "∈", "prod": "Π", "alpha": "α", "theta": "θ", "lambda": "λ", "qquad": "  ",
    "quad": "  ", "pi": "π", "rho": "ρ", "omega": "ω", "Delta": "Δ", "neq": "≠", "leq": "≤", "geq": "≥",
    "circ": "∘", "Sigma": "Σ", "tau": "τ", "phi": "φ", "Rightarrow": "⇒", "rightarrow": "→", "mid": "|",
    "pm": "±", "cdots": "…", "mapsto": "↦", "star": "★",
}  # fmt: skip
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def formula_text(latex: str) -> str:
    r"""A formula in LaTeX as one line of text: `\frac{\partial L}{\partial w}` is `∂ L/∂ w`."""
    text = latex
    for _ in range(4):
        text = re.sub(r"\\[dt]?frac" + _GROUP + _GROUP, _fraction, text)
        text = re.sub(r"\\sqrt" + _GROUP, r"√(\1)", text)
    text = re.sub(r"\\(?:text|mathrm|operatorname|mathbf|hat|bar)" + _GROUP, r"\1", text)
    text = re.sub(r"\\(left|right|,|;|!)", "", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: _WORDS.get(m[1], m[1]), text)
    text = re.sub(r"\^" + _GROUP, lambda m: f"^{m[1]}" if len(m[1]) == 1 else f"^({m[1]})", text)
    return " ".join(re.sub(r"[{}]", "", text).replace("^ᵀ", "ᵀ").split())


def _fraction(match: re.Match[str]) -> str:
    parts = [f"({part})" if re.search(r"[-+]", part) else part for part in match.groups()]
    return "/".join(parts)


def prose_text(markdown: str) -> str:
    """Markdown with formulas as text."""
    return re.sub(r"\$\$?(.+?)\$?\$", lambda m: formula_text(m[1]), markdown, flags=re.DOTALL)


def terminal_lesson(lesson: Lesson) -> Iterator[str]:
    """The lesson, a block of text for each cell as it runs."""
    for outcome in run_cells(lesson.cells, lesson.path):
        yield _block(outcome)


def _block(outcome: Outcome) -> str:
    if outcome.cell.kind == "markdown":
        return f"{prose_text(outcome.cell.source)}\n"
    code = "\n".join(f"    {line}".rstrip() for line in outcome.cell.source.splitlines())
    shown = "" if outcome.value is None else f"{outcome.value!r}\n"
    return f"{code}\n\n{outcome.printed}{shown}"
