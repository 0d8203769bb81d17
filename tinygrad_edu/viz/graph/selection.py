"""What of a graph becomes a card: everything, or modules folded, or only the newest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tinygrad_edu.viz.graph import traced
from tinygrad_edu.viz.graph.folded_card import FoldedModule, used_outside
from tinygrad_edu.viz.graph.folding import Bundle, Foldable, summary
from tinygrad_edu.viz.graph.module_boxes import Scope, boxes
from tinygrad_edu.viz.graph.module_calls import Homes, paths_of

MOST_IN_MODULES = 200_000  # tensors of a graph whose modules are looked for


@dataclass
class Shown:
    """What becomes a card: things, some of which stand for what was folded."""

    things: list[Any]
    inside: list[int | None]
    scopes: list[Scope]
    stand_ins: set[int] = field(default_factory=set)  # for what was computed before
    modules: dict[int, FoldedModule] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def kept_scopes(self) -> tuple[tuple[Scope, ...], dict[int | None, int]]:
        """The boxes around what is shown, and their new indices by the old ones."""
        kept: set[int] = set()
        for start in self.inside:
            scope = start
            while scope is not None and scope not in kept:
                kept.add(scope)
                scope = self.scopes[scope].parent
        new: dict[int | None, int] = {old: i for i, old in enumerate(sorted(kept))}
        old_ones = [self.scopes[old] for old in sorted(kept)]
        return tuple(replace(scope, parent=new.get(scope.parent)) for scope in old_ones), new


class Limits(NamedTuple):
    """The ids of what must be shown, the depth to fold at, and how many cards there may be."""

    roots: set[int]
    depth: int | None
    most: int | None


def what_to_show(things: list[Any], homes: Homes, limits: Limits) -> Shown:
    """Modules folded if that is enough; else the newest things."""
    limit = traced.MOST_DRAWN if limits.most is None else limits.most
    if homes and len(things) <= MOST_IN_MODULES:
        scopes, inside = boxes(things, paths_of(things, homes))
        foldable = Foldable(things, scopes, inside)
        bundles = foldable.folded(limits.depth, limits.most)
        if foldable.count(bundles) <= limit:
            return _with_modules(foldable, bundles, limits.roots)
    kept, stand_ins, notes = traced.fold(things, limit)
    scopes, inside = boxes(kept, paths_of(kept, homes))
    return Shown(kept, inside, scopes, stand_ins, notes=notes)


def _with_modules(foldable: Foldable, bundles: list[Bundle], roots: set[int]) -> Shown:
    things, inside = foldable.things, foldable.inside
    if not bundles:
        return Shown(list(things), list(inside), list(foldable.scopes))
    used = used_outside(things, bundles)
    last = {max(i for i in b.members if things[i].operation is not None): b for b in bundles}
    hidden = {i for bundle in bundles for i in bundle.members} - last.keys()
    shown = Shown([], [], list(foldable.scopes))
    for i, (thing, scope) in enumerate(zip(things, inside, strict=True)):
        if i in last:
            module = FoldedModule(last[i], foldable, used, roots)
            shown.modules[len(shown.things)] = module
            shown.things.append(module.outputs[-1])
            shown.inside.append(module.parent)
        elif i not in hidden:
            shown.things.append(thing)
            shown.inside.append(scope)
    kinds = summary((module.kind, module.count) for module in shown.modules.values())
    note = f"showing {len(shown.things):,} of {len(things):,} tensors; folded: {kinds}"
    shown.notes.append(f"{note}; depth={foldable.depth} shows all")
    return shown
