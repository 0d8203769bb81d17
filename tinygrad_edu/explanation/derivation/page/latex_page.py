r"""A derivation in LaTeX: a document to be compiled, or its body for a document of your own (amsmath, graphicx)."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.explanation.derivation.page.blocks import (
    Block,
    Code,
    Heading,
    Line,
    Math,
    Numbers,
    Sentence,
    Sign,
    Table,
    Words,
)
from tinygrad_edu.explanation.derivation.page.text_boxes import broken
from tinygrad_edu.explanation.derivation.shown_numbers import rows
from tinygrad_edu.symbolic.writers.latex_writer import latex
from tinygrad_edu.text.latex import DOTS, escaped, latex_number
from tinygrad_edu.text.words import clean_words

PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage{graphicx}
\usepackage[a4paper,margin=22mm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\raggedbottom
\makeatletter\@beginparpenalty=10000\makeatother  % no page ends between a heading and its formula
"""
_SIGNS = {"=": " = ", "≈": r" \approx ", "+": " + ", "·": r" \cdot ", "⊙": r" \odot ", "→": r" \mapsto "}


def document(title: str, blocks: tuple[Block, ...]) -> str:
    """A whole document."""
    return f"{PREAMBLE}\\begin{{document}}\n{body(title, blocks)}\\end{{document}}\n"


def body(title: str, blocks: tuple[Block, ...]) -> str:
    """The inside of the document, without preamble."""
    return f"\\section*{{{escaped(title)}}}\n" + "".join(map(_block, blocks))


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        words = sentence(block.parts)
        return (
            f"\\subsection*{{{words}}}\n"
            if block.level == 1
            else f"\\medskip\\noindent\\textbf{{{words}}}\\par\\nopagebreak\n"
        )
    if isinstance(block, Sentence):
        return f"{sentence(block.parts)}\\par\n"
    if isinstance(block, Code):
        return "".join(map(_code, block.text.splitlines()))
    if isinstance(block, Table):
        return _table(block)
    fitted = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{$\displaystyle "
    return f"\\begin{{center}}\n{fitted}{aligned(block.lines)}$}}\n\\end{{center}}\n"


def _code(line: str) -> str:
    """A line of code with straight quotes and its indentation."""
    blanks = len(line) - len(line.lstrip(" "))
    words = r"\char34{}".join(map(escaped, line[blanks:].split('"')))
    return rf"\hspace*{{{1 + blanks / 2}em}}{{\ttfamily\frenchspacing\raggedright {words}\par}}" + "\n"


def sentence(parts: Line) -> str:
    """A sentence of words and formulas."""
    return "".join(
        f"${line(part.parts)}$" if isinstance(part, Math) else escaped(clean_words(part)) for part in parts
    )


def aligned(lines: tuple[Line, ...]) -> str:
    """Lines of a formula, aligned at their first sign."""
    written = [line(parts, align=True) for parts in broken(lines)]
    return r"\begin{aligned} " + r" \\[4pt] ".join(written) + r" \end{aligned}"


def line(parts: Line, *, align: bool = False) -> str:
    """One line of a formula."""
    texts = []
    for part in parts:
        sign = isinstance(part, Sign)
        texts.append(("&" if sign and align else "") + _part(part))
        align = align and not sign
    return "".join(texts)


def _part(part: Any) -> str:
    if isinstance(part, Sign):
        return _SIGNS.get(part.text) or escaped(part.text)
    if isinstance(part, Words):
        return rf"\text{{{escaped(clean_words(part.text))}}}"
    return _matrix(part) if isinstance(part, Numbers) else latex(part)


def _matrix(numbers: Numbers) -> str:
    cells = [[DOTS.get(x) or latex_number(x) for x in row] for row in rows(numbers.array, numbers.digits)]
    if numbers.array.ndim == 0:
        return cells[0][0]
    columns = "r" * max(1, len(cells[0]) if cells else 1)
    inner = r" \\ ".join(" & ".join(row) for row in cells)
    return rf"\left[\begin{{array}}{{{columns}}} {inner} \end{{array}}\right]"


def _table(table: Table) -> str:
    header = " & ".join(rf"\textbf{{{escaped(words)}}}" for words in table.header)
    body_rows = [" & ".join(sentence(cell) for cell in row) for row in table.rows]
    fitted = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{"
    chunks = [body_rows[i : i + 25] for i in range(0, len(body_rows), 25)]
    return "".join(
        f"\\begin{{center}}\n{fitted}\\begin{{tabular}}{{{'l' * len(table.header)}}}\n{header} \\\\ \\hline\n"
        + " \\\\[2pt]\n".join(chunk)
        + "\n\\end{tabular}}\n\\end{center}\n"
        for chunk in chunks
    )
