"""Which names of PyTorch a program uses, and what is said of those that are not here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import tinygrad_edu
from tinygrad_edu.hints.missing_names import remark
from tinygrad_edu.programs.names_used import CLASSES, names_used
from tinygrad_edu.programs.torch_modules import PACKAGES, instead_of, ours

MOST_PLACES = 6
Place = tuple[int, int]


class Report(NamedTuple):
    """The names that a program uses, with their places: those that exist here, and those that do not."""

    title: str
    here: dict[str, list[Place]]
    lacking: dict[str, list[Place]]

    def text(self) -> str:
        """The report as lines: first a count, then what is not here with what to use instead, then what is."""
        total = len(self.here) + len(self.lacking)
        lines = [
            f"{self.title} uses {total} names of PyTorch: {len(self.here)} exist here, {len(self.lacking)} do not"
        ]
        for name, places in self.lacking.items():
            advice = what_instead(name)
            lines.append(f"  not here: {name}, {_listed(places)}{'; ' + advice if advice else ''}")
        lines += [f"  here: {name}, {_listed(places)}" for name, places in self.here.items()]
        return "\n".join(lines)


def usage_report(path: Path) -> Report:
    """The report on a script or a notebook. Raises `ValueError` or `SyntaxError` if it is none."""
    places: dict[str, list[Place]] = {}
    for name, place in names_used(path):
        known = places.setdefault(name, [])
        if place not in known:
            known.append(place)
    inner = {name.rpartition(".")[0] for name in places}
    places = {name: places[name] for name in places if name not in inner or not exists(name)}
    here = {name: places[name] for name in sorted(places) if exists(name)}
    return Report(path.name, here, {name: places[name] for name in sorted(places) if name not in here})


def exists(name: str) -> bool:
    """True if a name of PyTorch, `torch.nn.Linear` or `Tensor.view`, is here."""
    first, _, rest = name.partition(".")
    try:
        if first == "torch":
            resolved(name)
            return True
    except AttributeError:
        return False
    return first not in PACKAGES and any(rest in dir(resolved(place)) for place in CLASSES)


def resolved(name: str) -> Any:
    """What a dotted name of PyTorch is here. Raises `AttributeError` if it is not here."""
    parts = name.split(".")
    modules = (ours(".".join(parts[:end])) for end in range(len(parts), 0, -1))
    depth, value = next((len(parts) - i, module) for i, module in enumerate(modules) if module is not None)
    for part in parts[depth:]:
        if value is tinygrad_edu and part not in dir(tinygrad_edu):
            raise AttributeError(f"torch.{part} is not here")  # a module of this package's own
        value = getattr(value, part)
    return value


def what_instead(name: str) -> str:
    """What to use instead of a name that is not here: advice, or the nearest names; may be empty."""
    if advice := instead_of(name):
        return advice
    outer, _, last = name.rpartition(".")
    place = {kind: path for path, kind in CLASSES.items()}.get(outer, outer)
    offered = dir(resolved(place)) if exists(place) else ()
    return remark(outer.replace("torch", "tinygrad_edu", 1), last, offered).lstrip(":; ")


def _listed(places: list[Place]) -> str:
    words = [f"cell {cell} line {line}" if cell else f"line {line}" for cell, line in places[:MOST_PLACES]]
    more = f" and {len(places) - MOST_PLACES} more" if len(places) > MOST_PLACES else ""
    return ", ".join(words) + more
