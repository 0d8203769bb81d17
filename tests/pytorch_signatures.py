"""Writes the parameters of PyTorch's functions that have a twin here: `python tests/pytorch_signatures.py`."""

from __future__ import annotations

import functools
import inspect
import re

from tinygrad_edu.docs.public_names import public_names
from tinygrad_edu.docs.pytorch_differences import FILE, parameters_of


def signatures():
    """The lines of the file, `torch.exp: input, *, out=None`, for functions that have defaults."""
    twins = sorted({name.twin for name in public_names() if name.twin})
    return "".join(f"{path}: {text}\n" for path in twins if "=" in (text := parameters(path)))


def parameters(path):
    """The parameters of a function, from its signature or from the first line of its docstring; empty if neither."""
    import torch  # noqa: PLC0415 - a peer

    function = functools.reduce(getattr, path.split(".")[1:], torch)
    try:
        shown = [
            p.replace(annotation=p.empty)
            for p in inspect.signature(function).parameters.values()
            if p.name != "self"
        ]
        text = ", ".join(map(str, shown))
        if any(p.kind is p.VAR_KEYWORD for p in shown):
            return ""
        if any(p.kind is p.KEYWORD_ONLY for p in shown) and not any(
            p.kind is p.VAR_POSITIONAL for p in shown
        ):
            at = next(i for i, p in enumerate(shown) if p.kind is p.KEYWORD_ONLY)
            text = ", ".join([*map(str, shown[:at]), "*", *map(str, shown[at:])])
    except (TypeError, ValueError):
        found = re.match(
            rf"\s*\w*\.?{path.rpartition('.')[2]}\((.*?)\)(?: ?->.*)?\n", inspect.getdoc(function) or ""
        )
        if found is None:
            return ""
        text = re.sub(r"(\w+): [\w\[\], .]+?(?=[,=]|$)", r"\1", found[1])
    try:
        parameters_of(text)
    except SyntaxError:
        return ""
    return text


if __name__ == "__main__":
    FILE.write_text(signatures(), "utf-8")
