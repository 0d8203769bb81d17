"""A page for terminals, notebooks, browsers and print: a title and blocks, in every language."""

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
        """The page for a terminal."""
        return text_page.page(self.title, self.blocks)

    @cached_property
    def markdown(self) -> str:
        """The page in Markdown, with formulas in dollar signs for notebooks and GitHub."""
        return markdown_page.page(self.title, self.blocks)

    @cached_property
    def latex(self) -> str:
        """The page as a LaTeX document."""
        return latex_page.document(self.title, self.blocks)

    @cached_property
    def latex_body(self) -> str:
        """The LaTeX without preamble, for a document of your own; needs amsmath and graphicx."""
        return latex_page.body(self.title, self.blocks)

    @cached_property
    def html(self) -> str:
        """The page as HTML with formulas in MathML, without scripts and files from outside."""
        return html_page.page(self.title, self.blocks)

    @cached_property
    def mathml(self) -> str:
        """The formulas without words, one `<math>` after the other."""
        return html_page.formulas(self.blocks)

    def save(self, path: str | Path) -> Path:
        """Write the page to `path`, in the language of the ending: `.html`, `.tex`, `.md` or `.txt`."""
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
        """Markdown for notebooks; they strip formulas in HTML to letters unless they are trusted."""
        return self.markdown
