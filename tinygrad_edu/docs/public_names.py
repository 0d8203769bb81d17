"""Every public name of the package, by the page that describes it: a module, or a file of a large module."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tinygrad_edu.hints.missing_names import pytorch_names

MODULES = (
    *("", "nn", "nn.functional", "optim", "optim.lr_scheduler", "linalg", "special", "autograd", "func"),
    *("distributions", "datasets", "utils.data", "exercise", "testing", "viz"),
)
_LARGE = ("", "nn", "nn.functional")  # one page for each file that states names
_SMALLEST = 4  # names on a page of a large module


@dataclass(frozen=True)
class Entry:
    """A public name: `module` is empty for the package itself."""

    module: str
    name: str
    value: Any

    @property
    def full(self) -> str:
        """The name as programs write it, `torch.nn.Linear`."""
        return ".".join(filter(None, ("torch", self.module, self.name)))

    @property
    def in_pytorch(self) -> bool:
        """True if PyTorch has a public name in the same place."""
        return self.name in pytorch_names().get(".".join(filter(None, ("torch", self.module))), [])


def entries() -> list[Entry]:
    """All public names but those that are modules."""
    found = []
    for path in MODULES:
        module = importlib.import_module(f"tinygrad_edu.{path}".rstrip("."))
        values = [(name, getattr(module, name)) for name in sorted(set(module.__all__), key=str.lower)]
        found += [Entry(path, name, value) for name, value in values if not isinstance(value, ModuleType)]
    return found


@functools.cache
def pages() -> Mapping[str, list[Entry]]:
    """The entries of each page, by the page's name."""
    everything = entries()
    sizes = Counter(map(_page, everything))
    found: dict[str, list[Entry]] = {}
    for entry in everything:
        page = _page(entry)
        found.setdefault(page if sizes[page] >= _SMALLEST else _more(entry), []).append(entry)
    return dict(sorted(found.items()))


def _page(entry: Entry) -> str:
    base = entry.module.replace(".", "-") or "torch"
    return f"{base}-{family(entry.value)}" if entry.module in _LARGE else base


def _more(entry: Entry) -> str:
    """The page of the names whose files state few."""
    base = entry.module.replace(".", "-") or "torch"
    return f"{base}-more" if entry.module in _LARGE else base


def family(value: Any) -> str:
    """The file that states a name, without its ending; `operations` for rows of the rule tables."""
    value = inspect.unwrap(value) if callable(value) else value
    if hasattr(value, "rules"):
        return "operations"
    code = getattr(value, "__code__", None)
    if code is not None:
        return Path(code.co_filename).stem
    module = getattr(value, "__module__", None) or ""
    return module.rpartition(".")[2] if module.startswith("tinygrad_edu.") else "words"
