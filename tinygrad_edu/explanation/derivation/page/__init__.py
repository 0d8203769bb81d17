"""Derivations on a page: as text, Markdown, LaTeX and HTML."""
