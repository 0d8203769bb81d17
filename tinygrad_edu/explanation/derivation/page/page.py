"""A page that can be read in a terminal, a notebook, a browser and in print: a title and blocks, in every language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinygrad_edu.explanation.derivation.page import html_page, latex_page, markdown_page, text_page
from tinygrad_edu.explanation.derivation.page.blocks import Block

ENDINGS = (".html", ".tex", ".md", ".txt")


@dataclass(frozen=True, eq=False)
class Page:
    """Blocks below a title: `.text`, `.markdown`, `.latex`, `.html`; a prompt or a notebook shows it."""

    title: str
    blocks: tuple[Block, ...]

    @cached_property
    def text(self) -> str:
        """For a terminal."""
        return text_page.page(self.title, self.blocks)

    @cached_property
    def markdown(self) -> str:
        """With formulas in dollar signs, as notebooks and GitHub show them."""
        return markdown_page.page(self.title, self.blocks)

    @cached_property
    def latex(self) -> str:
        """A whole document to be compiled."""
        return latex_page.document(self.title, self.blocks)

    @cached_property
    def latex_body(self) -> str:
        """The same without preamble, for a document of your own; needs amsmath and graphicx."""
        return latex_page.body(self.title, self.blocks)

    @cached_property
    def html(self) -> str:
        """A page of its own with formulas in MathML; no scripts, nothing loaded from outside."""
        return html_page.page(self.title, self.blocks)

    @cached_property
    def mathml(self) -> str:
        """The formulas alone, one `<math>` after the other."""
        return html_page.formulas(self.blocks)

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

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        """Not HTML: of that, a notebook that is not trusted strips the formulas to their letters."""
        return self.markdown
