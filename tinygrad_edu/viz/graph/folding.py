"""Modules and equal parts folded to one card: below a depth, or where the same comes again and again, or to fit.

Works on tensors, before they become drawn nodes. Nothing here recurses.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from tinygrad_edu.engine.node import Node
from tinygrad_edu.reading.nodes import nodes_in
from tinygrad_edu.viz.graph.module_boxes import Scope, common
from tinygrad_edu.viz.graph.repetition import repeated

MIN_REPEATS = 3  # blocks in a row that are drawn as one
MAX_UNFOLDED_TENSORS = 40  # tensors of a picture in which nothing is folded unasked
MAX_FOLDED_CARDS = 200  # tensors of a picture, if folding modules can make it as small


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is folded to one card: calls of modules, or equal parts by their results; the indices of all tensors."""

    scopes: tuple[int, ...]
    members: tuple[int, ...]
    parts: tuple[tuple[int, ...], ...] = ()


class Foldable:
    """Tensors with the boxes around them, inputs before results; `given` results count as leaves."""

    def __init__(
        self,
        tensors: Sequence[Any],
        scopes: Sequence[Scope],
        inside: Sequence[int | None],
        given: frozenset[Any] = frozenset(),
    ) -> None:
        self.given = given
        self.tensors, self.scopes, self.inside = tensors, scopes, inside
        self.level: list[int] = []  # of every box, how many are around it
        for scope in scopes:
            self.level.append(0 if scope.parent is None else self.level[scope.parent] + 1)
        self.index = {tensor: i for i, tensor in enumerate(tensors)}
        self.members: dict[int, list[int]] = defaultdict(list)  # of every box, with those of the boxes inside
        for i, innermost in enumerate(inside):
            for around in self._chain(innermost):
                self.members[around].append(i)
        self.runs = self._runs()

    def _chain(self, scope: int | None) -> Iterable[int]:
        while scope is not None:
            yield scope
            scope = self.scopes[scope].parent

    def around(self, members: Iterable[int]) -> int | None:
        """The innermost box around all of `members`."""
        chains = [tuple(self._chain(self.inside[i]))[::-1] for i in members]
        return next(iter(common(chains)[::-1]), None)

    @property
    def depth(self) -> int:
        """The depth at which nothing is folded."""
        return max(self.level, default=-1) + 1

    def folded(self, depth: int | None, most: int | None) -> list[Bundle]:
        """The bundles to fold for this depth; without a depth, as many as it takes for at most `most` cards."""
        if depth is not None:
            return self._bundles(depth)
        few, most = (MAX_UNFOLDED_TENSORS, MAX_FOLDED_CARDS) if most is None else (most, most)
        if len(self.tensors) <= few:
            return []
        bundles = self._bundles(self.depth)
        for outermost in sorted({self.level[scope] for scope in self.runs}, reverse=True):
            bundles = self._bundles(self.depth, outermost)
            if self.count(bundles) <= few:
                break
        for level in reversed(range(self.depth)):
            if self.count(bundles) <= most:
                break
            bundles = self._bundles(level, 0)
        return bundles if self.count(bundles) <= few else bundles + self._equal_parts(bundles)

    def _equal_parts(self, bundles: Sequence[Bundle]) -> list[Bundle]:
        """The equal parts in what is in none of `bundles`, with the leaves that every part has of its own."""
        inside = {i for bundle in bundles for i in bundle.members}
        places = [i for i, x in enumerate(self.tensors) if x.operation is not None and x not in self.given]
        free = np.array([i not in inside for i in places], dtype=bool)
        users = self.users()
        found = []
        for run in repeated([self.tensors[i] for i in places], free):
            parts = tuple(tuple(places[k] for k in part) for part in run)
            own = [self._own_leaves(part, users) for part in parts]
            everywhere = set.intersection(*(set(leaves) for leaves in own))
            members = {leaf for leaves in own for place, leaf in leaves.items() if place in everywhere}
            found.append(Bundle((), tuple(sorted(members.union(*parts))), parts))
        return found

    def _own_leaves(self, part: tuple[int, ...], users: dict[int, set[int]]) -> dict[tuple[int, int], int]:
        """The leaves that only `part` uses, by the place of a use: the result and its input."""
        leaves = {}
        for n, i in enumerate(part):
            for position, x in enumerate(self.tensors[i].inputs):
                if isinstance(x, Node) and x.operation is None and users[self.index[x]] <= set(part):
                    leaves[n, position] = self.index[x]
        return leaves

    def count(self, bundles: Sequence[Bundle]) -> int:
        """The count of cards when `bundles` are folded."""
        return len(self.tensors) - sum(len(bundle.members) - 1 for bundle in bundles)

    def _bundles(self, depth: int, runs_from: int | None = None) -> list[Bundle]:
        """Boxes at `depth`, runs of repeated ones together; before that only runs, from a certain level on."""
        runs_from = depth if runs_from is None else runs_from
        gone: set[int] = set()
        found = []
        for scope, level in enumerate(self.level):
            if scope in gone or self.scopes[scope].parent in gone:
                gone.add(scope)
                continue
            run = self.runs.get(scope, ())
            together = run if run and level >= min(runs_from, depth) else (scope,) if level >= depth else ()
            if together:
                gone.update(together)
                members = [i for one in together for i in self.members[one]]
                found.append(Bundle(tuple(together), tuple(sorted(members))))
        return [bundle for bundle in found if len(bundle.members) > 0]

    def _runs(self) -> dict[int, tuple[int, ...]]:
        """By the first of them: boxes side by side in which the same happens, each on the result of the last."""
        if not self.scopes:
            return {}
        siblings: dict[int | None, list[int]] = defaultdict(list)
        for i, scope in enumerate(self.scopes):
            siblings[scope.parent].append(i)
        users = self.users()
        serial = {
            i: n for n, i in enumerate(i for i, x in enumerate(self.tensors) if x.operation is not None)
        }
        runs = {}
        for children in siblings.values():
            if len(children) < MIN_REPEATS:
                continue
            for _, alike in groupby(children, key=lambda scope: (self.scopes[scope].kind, self._same(scope))):
                for run in self._chained(list(alike), users, serial):
                    runs[run[0]] = tuple(run)
        return runs

    def users(self) -> dict[int, set[int]]:
        """By each tensor, the tensors computed from it."""
        users: dict[int, set[int]] = defaultdict(set)
        for i, tensor in enumerate(self.tensors):
            for x in () if tensor in self.given else nodes_in(tensor):
                if x in self.index:
                    users[self.index[x]].add(i)
        return users

    def _chained(
        self, alike: list[int], users: dict[int, set[int]], serial: dict[int, int]
    ) -> Iterable[list[int]]:
        run = alike[:1]
        for scope in alike[1:]:
            before, after = set(self.members[run[-1]]), set(self.members[scope])
            used = {user for i in before if i in serial for user in users[i]} - before
            ends = max(serial[i] for i in before if i in serial), min(serial[i] for i in after if i in serial)
            if used <= after and ends[1] == ends[0] + 1:
                run.append(scope)
                continue
            if len(run) >= MIN_REPEATS:
                yield run
            run = [scope]
        if len(run) >= MIN_REPEATS:
            yield run

    def _same(self, scope: int) -> tuple[Any, ...]:
        """Equal for boxes in which the same is computed from tensors of the same shapes."""
        place = {i: n for n, i in enumerate(self.members[scope])}
        return tuple(self._step(self.tensors[i], place) for i in self.members[scope])

    def _step(self, tensor: Any, place: dict[int, int]) -> tuple[Any, ...]:
        inputs = [
            place.get(self.index.get(x, -1), "outside") if isinstance(x, Node) else repr(x)
            for x in tensor.inputs
        ]
        return tensor.operation, tensor.raw.shape, tensor.raw.dtype, tuple(inputs)


def summary(kinds: Iterable[tuple[str, int]]) -> str:
    """`Block ×12, 3 Linear`: the folded modules, runs first."""
    found = Counter(kinds)
    runs = [
        f"{n} times {kind} ×{count}" if n > 1 else f"{kind} ×{count}"
        for (kind, count), n in found.items()
        if count > 1
    ]
    parts = runs + [f"{n} {kind}" if n > 1 else kind for (kind, count), n in found.items() if count == 1]
    return ", ".join(parts[:6]) + (f" and {len(parts) - 6} more" if len(parts) > 6 else "")
