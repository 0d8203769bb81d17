"""What a derivation is made of: steps, and around them the pages on which they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.derivation import as_html, as_latex, as_markdown, as_text
from tinygrad_edu.derivation.document import Block
from tinygrad_edu.symbolic.tree import Expression

ENDINGS = (".html", ".tex", ".md", ".txt")


@dataclass(frozen=True, eq=False)
class Use:
    """One place where a tensor is used: what its gradient gets from there."""

    via: Expression  # the result it went into, or the part of a formula
    formula: Expression | None  # None where the rule cannot be followed on symbols
    value: np.ndarray
    operation: str  # the name of the operation there


@dataclass(frozen=True, eq=False)
class Step:
    """How the gradient of one tensor comes about."""

    symbol: Expression  # the tensor
    formula: Expression | None  # how it was computed; None for a leaf
    value: np.ndarray
    gradient_symbol: Expression  # ∂L/∂x
    short: Expression | None  # δ₁, if that is its name in what follows
    uses: tuple[Use, ...]
    upstream: Expression | None  # the gradient it comes from, if it is a single one
    upstream_of: Expression | None  # the tensor whose gradient that is
    upstream_value: np.ndarray | None
    local: Expression | None  # the local derivative, if it is a factor for each number
    local_value: np.ndarray | None
    forms: tuple[
        Expression, ...
    ]  # the gradient as a formula, each shorter or more explicit than the one before
    nearly: Expression | None  # the same without constants too small to be seen
    gradient: np.ndarray  # the engine's
    remarks: tuple[str, ...] = ()

    @property
    def called(self) -> Expression:
        """What the gradient is called in later formulas: δ₁ or ∂L/∂x."""
        return self.gradient_symbol if self.short is None else self.short


@dataclass(frozen=True, eq=False)
class Derivation:
    """The working of a gradient, on paper: `.text`, `.markdown`, `.latex`, `.html`; a notebook shows it by itself.

    `steps` are for programs; `gradients` the final arrays by name; `formulas` the result as lines of text.
    """

    title: str
    blocks: tuple[Block, ...] = field(repr=False)
    steps: tuple[Step, ...] = field(repr=False, default=())
    gradients: dict[str, np.ndarray] = field(repr=False, default_factory=dict)
    formulas: tuple[str, ...] = ()

    @property
    def formula(self) -> str:
        """The last line of the result: `∂L/∂W₁ = Xᵀ · δ₁`."""
        return self.formulas[-1] if self.formulas else ""

    @property
    def gradient(self) -> np.ndarray:
        """The final gradient. Raises `RuntimeError` if there are several."""
        if len(self.gradients) != 1:
            raise RuntimeError(
                f"gradient needs one tensor, got {', '.join(self.gradients)}; use .gradients[name]"
            )
        return next(iter(self.gradients.values()))

    @cached_property
    def text(self) -> str:
        """For a terminal."""
        return as_text.page(self.title, self.blocks)

    @cached_property
    def markdown(self) -> str:
        """With formulas in dollar signs, as notebooks and GitHub show them."""
        return as_markdown.page(self.title, self.blocks)

    @cached_property
    def latex(self) -> str:
        """A whole document to be compiled."""
        return as_latex.document(self.title, self.blocks)

    @cached_property
    def latex_body(self) -> str:
        """The same without preamble, for a document of your own; needs amsmath and graphicx."""
        return as_latex.body(self.title, self.blocks)

    @cached_property
    def html(self) -> str:
        """A page of its own with formulas in MathML; no scripts, nothing loaded from outside."""
        return as_html.page(self.title, self.blocks)

    @cached_property
    def mathml(self) -> str:
        """The formulas alone, one `<math>` after the other."""
        return as_html.formulas(self.blocks)

    def save(self, path: str | Path) -> Path:
        """Write it to `path`, as its ending says: `.html`, `.tex`, `.md` or `.txt`."""
        path = Path(path)
        texts = dict(zip(ENDINGS, ("html", "latex", "markdown", "text"), strict=True))
        if path.suffix.lower() not in texts:
            raise ValueError(
                f"save needs a file name that ends in .html, .tex, .md or .txt, got {path.name!r}"
            )
        try:
            path.write_text(getattr(self, texts[path.suffix.lower()]), encoding="utf-8", newline="\n")
        except OSError as error:
            raise type(error)(
                f"save cannot write {str(path)!r}: {error.strerror}; give a file in a folder that exists and is yours"
            ) from error
        return path

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return as_html.fragment(self.title, self.blocks)

    def _repr_markdown_(self) -> str:
        return self.markdown

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        everything = {
            "text/plain": self.text,
            "text/html": self._repr_html_(),
            "text/markdown": self.markdown,
        }
        return {
            kind: data
            for kind, data in everything.items()
            if (not include or kind in include) and kind not in (exclude or ())
        }
