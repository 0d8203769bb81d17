"""The page that says which names of PyTorch exist, and what to use for those that do not."""

from __future__ import annotations

import functools
from typing import Any

import tinygrad_edu
from tinygrad_edu.docs.page_markup import heading, html, inline
from tinygrad_edu.hints.missing_names import pytorch_names, remark


def pytorch_page() -> str:
    """The page in reStructuredText."""
    parts = [heading("What of PyTorch exists")]
    for module, names in pytorch_names().items():
        place = _place(module)
        here = [name for name in names if place is not None and name in dir(place)]
        parts += [heading(module, "-"), html(f"<p>Here, {len(here)} names: {_listed(here)}</p>")]
        lacking = [(name, remark(module, name, here)) for name in names if name not in here]
        rows = [f"<li><code>{name}</code>{inline(words)}</li>" for name, words in lacking]
        if rows:
            parts.append(html(f"<p>Not here, {len(rows)} names:</p><ul>{''.join(rows)}</ul>"))
    return "".join(parts)


def _place(module: str) -> Any:
    try:
        return functools.reduce(getattr, module.split(".")[1:], tinygrad_edu)
    except AttributeError:
        return None


def _listed(names: list[str]) -> str:
    return ", ".join(f"<code>{name}</code>" for name in names) or "none"
