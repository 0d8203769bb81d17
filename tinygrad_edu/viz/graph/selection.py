"""The selection of what becomes a card: every tensor of a graph, or modules folded, or only the newest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tinygrad_edu.viz.graph.drawable import drawn_inputs
from tinygrad_edu.viz.graph.folded_card import FoldedModule, used_outside
from tinygrad_edu.viz.graph.folding import Bundle, Foldable, summary
from tinygrad_edu.viz.graph.module_boxes import Scope, boxes
from tinygrad_edu.viz.graph.module_homes import Homes, paths_of

MAX_DRAWN_TENSORS = 1_500  # tensors of one picture; of a larger graph the newest KEPT_TENSORS are drawn
KEPT_TENSORS = 150
MAX_TENSORS_WITH_MODULES = 200_000  # tensors of a graph whose modules are looked for


@dataclass
class Selection:
    """The tensors that become cards, some of which stand for folded ones."""

    tensors: list[Any]
    inside: list[int | None]
    scopes: list[Scope]
    stand_ins: set[int] = field(default_factory=set)  # for the tensors before, which are folded away
    modules: dict[int, FoldedModule] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def kept_scopes(self) -> tuple[tuple[Scope, ...], dict[int | None, int]]:
        """The boxes around the selected tensors, and their new indices by the old ones."""
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
    """The tensors that must be shown, the depth to fold at, and the greatest number of cards."""

    roots: set[Any]
    depth: int | None
    most: int | None


def selected(tensors: list[Any], homes: Homes, limits: Limits) -> Selection:
    """All tensors, with modules folded if that makes few enough cards; else the newest tensors."""
    limit = MAX_DRAWN_TENSORS if limits.most is None else limits.most
    if homes and len(tensors) <= MAX_TENSORS_WITH_MODULES:
        scopes, inside = boxes(tensors, paths_of(tensors, homes))
        foldable = Foldable(tensors, scopes, inside)
        bundles = foldable.folded(limits.depth, limits.most)
        if foldable.count(bundles) <= limit:
            return _with_modules(foldable, bundles, limits.roots)
    kept, stand_ins, notes = _newest(tensors, limit)
    scopes, inside = boxes(kept, paths_of(kept, homes))
    return Selection(kept, inside, scopes, stand_ins, notes=notes)


def _newest(tensors: list[Any], most: int) -> tuple[list[Any], set[int], list[str]]:
    """The newest tensors with stand-ins for those before, the indices of the stand-ins, and a note on them."""
    if len(tensors) <= most:
        return tensors, set(), []
    kept = tensors[-min(KEPT_TENSORS, most) :]
    inside = set(kept)
    before = list(dict.fromkeys(x for tensor in kept for x in drawn_inputs(tensor) if x not in inside))
    stand_ins = {i for i, x in enumerate(before) if x.operation is not None}
    left_out = len(tensors) - len(kept) - len(before) + len(stand_ins)
    note = (
        f"the newest {len(kept)} of {len(tensors):,} tensors are drawn; {left_out:,} before are folded away"
    )
    return before + kept, stand_ins, [note]


def _with_modules(foldable: Foldable, bundles: list[Bundle], roots: set[Any]) -> Selection:
    tensors, inside = foldable.tensors, foldable.inside
    if not bundles:
        return Selection(list(tensors), list(inside), list(foldable.scopes))
    used = used_outside(tensors, bundles)
    last = {max(i for i in b.members if tensors[i].operation is not None): b for b in bundles}
    hidden = {i for bundle in bundles for i in bundle.members} - last.keys()
    selection = Selection([], [], list(foldable.scopes))
    for i, (tensor, scope) in enumerate(zip(tensors, inside, strict=True)):
        if i in last:
            module = FoldedModule(last[i], foldable, used, roots)
            selection.modules[len(selection.tensors)] = module
            selection.tensors.append(module.outputs[-1])
            selection.inside.append(module.parent)
        elif i not in hidden:
            selection.tensors.append(tensor)
            selection.inside.append(scope)
    kinds = summary((module.kind, module.count) for module in selection.modules.values())
    note = f"showing {len(selection.tensors):,} of {len(tensors):,} tensors; folded: {kinds}"
    selection.notes.append(f"{note}; depth={foldable.depth} shows all")
    return selection
