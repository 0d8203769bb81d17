"""The words that drawn programs are written in: those of PyTorch, here of this library."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from tinygrad_edu import nn, optim
from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.tensor.creation import arange
from tinygrad_edu.tensor.functions.joining import cat
from tinygrad_edu.tensor.functions.picking import where

WORDS: dict[str, Any] = {
    "torch": SimpleNamespace(nn=nn, optim=optim, no_grad=no_grad, arange=arange, cat=cat, where=where)
}


def function(result: str, arguments: Iterable[str], text: str, words: dict[str, Any]) -> Callable[..., Any]:
    """The function of these arguments that runs `text` and returns what it calls `result`."""
    names = {**words}
    lines = [f"def compute({', '.join(arguments)}):", *text.splitlines(), f"return {result}"]
    exec("\n    ".join(lines), names)
    return names["compute"]
