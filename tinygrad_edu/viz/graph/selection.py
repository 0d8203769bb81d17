"""The selection of what becomes a card: every tensor of a graph, or modules folded, or only the newest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from tinygrad_edu.viz.graph.drawable import drawn_inputs, is_learned
from tinygrad_edu.viz.graph.folded_card import FoldedModule, Pile, used_outside
from tinygrad_edu.viz.graph.folding import Bundle, Foldable, summary
from tinygrad_edu.viz.graph.module_boxes import CallPath, Scope, boxes
from tinygrad_edu.viz.graph.module_homes import Homes, paths_of

MAX_DRAWN_TENSORS = 1_500  # tensors of one picture; of a larger graph the newest KEPT_TENSORS are drawn
KEPT_TENSORS = 150
MAX_FOLDED_TENSORS = 200_000  # tensors of a graph in which something to fold is looked for
MIN_PILE = 5  # leaves that are drawn as one card


@dataclass
class Selection:
    """The tensors that become cards, some of which stand for folded ones."""

    tensors: list[Any]
    inside: list[int | None]
    scopes: list[Scope]
    stand_ins: set[int] = field(default_factory=set)  # for the tensors before, which are folded away
    modules: dict[int, FoldedModule] = field(default_factory=dict)
    piles: dict[int, Pile] = field(default_factory=dict)
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
    learned: frozenset[Any] = frozenset()  # Values that are parameters
    fused: Mapping[Any, CallPath] = {}  # the operations that were opened, around their parts


def selected(tensors: list[Any], homes: Homes, limits: Limits) -> Selection:
    """All tensors, with modules folded if that makes few enough cards; else the newest tensors."""
    limit = MAX_DRAWN_TENSORS if limits.most is None else limits.most
    if len(tensors) <= MAX_FOLDED_TENSORS:
        scopes, inside = boxes(tensors, _paths(tensors, homes, limits.fused))
        foldable = Foldable(tensors, scopes, inside)
        bundles = foldable.folded(limits.depth, limits.most)
        selection = folded(foldable, bundles, limits)
        if len(selection.tensors) <= limit:
            return selection
    kept, stand_ins, notes = _newest(tensors, limit)
    scopes, inside = boxes(kept, _paths(kept, homes, limits.fused))
    return Selection(kept, inside, scopes, stand_ins, notes=notes)


def _paths(tensors: list[Any], homes: Homes, fused: Mapping[Any, CallPath]) -> list[CallPath]:
    """The path of each of `tensors`: modules, and inside these opened operations, unless they are a whole module."""
    paths: list[CallPath] = paths_of(tensors, homes) if homes else [()] * len(tensors)
    if not fused:
        return paths
    inside: dict[CallPath, set[CallPath]] = {}
    for tensor, path in zip(tensors, paths, strict=True):
        for k in range(1, len(path) + 1 if tensor.operation is not None else 0):
            inside.setdefault(path[:k], set()).add(fused.get(tensor, ())[:1])
    return [
        (*path, *fused.get(tensor, ())[len(inside.get(path, ())) == 1 :])
        for tensor, path in zip(tensors, paths, strict=True)
    ]


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


def folded(foldable: Foldable, bundles: list[Bundle], limits: Limits) -> Selection:
    """All tensors of `foldable`, with each bundle as one card."""
    tensors, inside = foldable.tensors, foldable.inside
    if not bundles:
        return Selection(list(tensors), list(inside), list(foldable.scopes))
    used = used_outside(tensors, bundles)
    last = {max(i for i in b.members if tensors[i].operation is not None): b for b in bundles}
    hidden = {i for bundle in bundles for i in bundle.members} - last.keys()
    piles = _piles(foldable, bundles, limits.learned)
    hidden.update(i for pile in piles for i in pile[1:])
    first = {pile[0]: pile for pile in piles}
    selection = Selection([], [], list(foldable.scopes))
    for i, (tensor, scope) in enumerate(zip(tensors, inside, strict=True)):
        if i in last:
            module = FoldedModule(last[i], foldable, used, limits.roots)
            selection.modules[len(selection.tensors)] = module
            selection.tensors.append(module.outputs[-1])
            selection.inside.append(module.parent)
        elif i not in hidden:
            if i in first:
                selection.piles[len(selection.tensors)] = Pile([tensors[k] for k in first[i]], limits.learned)
            selection.tensors.append(tensor)
            selection.inside.append(scope)
    kinds = summary((module.kind, module.count) for module in selection.modules.values())
    note = f"showing {len(selection.tensors):,} of {len(tensors):,} tensors; folded: {kinds}"
    parts = any(bundle.parts for bundle in bundles)
    option = f"max_nodes={len(tensors)}" if parts else f"depth={foldable.depth}"
    selection.notes.append(f"{note}; {option} shows all")
    return selection


def _piles(foldable: Foldable, bundles: list[Bundle], learned: frozenset[Any]) -> list[list[int]]:
    """Leaves of one kind that the same folded cards use, and nothing else."""
    card = {i: n for n, bundle in enumerate(bundles) for i in bundle.members}
    alike: dict[Any, list[int]] = {}
    for i, users in foldable.users().items():
        leaf = foldable.tensors[i]
        if leaf.operation is None and i not in card and all(user in card for user in users):
            kind = (
                frozenset(card[user] for user in users),
                is_learned(leaf) or leaf in learned,
                foldable.inside[i],
            )
            alike.setdefault(kind, []).append(i)
    return [sorted(leaves) for leaves in alike.values() if len(leaves) >= MIN_PILE]
