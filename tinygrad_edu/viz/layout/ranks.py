"""The row of each unit: below its inputs, and as late as that makes edges no longer in sum.

What is computed from leaves of its own, such as the share of an input in a later step, waits until it is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence


def ranks(
    units: Iterable[int], links: Sequence[tuple[int, int]], pinned: Mapping[int, int]
) -> dict[int, int]:
    """The row of each unit; `links` run from lower to higher indices, or from leaves.

    Units that are `pinned` have the first row (-1) or the last (1) for themselves.
    """
    inputs, users = _neighbours(links)
    first = int(-1 in pinned.values())
    rank = {unit: 0 if pinned.get(unit) == -1 else first for unit in units}
    results = sorted(inputs)
    for unit in results:
        rank[unit] = max(rank[unit], *(rank[source] + 1 for source in inputs[unit]))
    last = max((row for unit, row in rank.items() if pinned.get(unit) != 1), default=0) + 1
    rank.update((unit, last) for unit, side in pinned.items() if side == 1)
    anchored = _anchored(results, inputs, users, pinned)
    for unit in reversed(results):
        if users[unit] and anchored[unit] <= len(users[unit]):
            rank[unit] = min(rank[user] for user in users[unit]) - 1
    for leaf in rank.keys() - inputs.keys() - pinned.keys():
        if users[leaf]:
            rank[leaf] = max(min(rank[user] for user in users[leaf]) - 1, first)
    return rank


Neighbours = dict[int, dict[int, None]]  # each once, in the order of the links


def _neighbours(links: Sequence[tuple[int, int]]) -> tuple[Neighbours, Neighbours]:
    """The inputs and the users of each unit."""
    inputs: Neighbours = defaultdict(dict)
    users: Neighbours = defaultdict(dict)
    for source, target in links:
        inputs[target][source] = None
        users[source][target] = None
    return inputs, users


def _anchored(
    results: Sequence[int], inputs: Neighbours, users: Neighbours, pinned: Mapping[int, int]
) -> dict[int, int]:
    """For each result, the count of its inputs that would stay behind if it moved down: edges that would grow."""
    free = {leaf: len(users[leaf]) == 1 for leaf in users if leaf not in inputs and leaf not in pinned}
    anchored = {}
    for unit in results:
        anchored[unit] = sum(not free.get(source, False) for source in inputs[unit])
        free[unit] = anchored[unit] == 0 and len(users[unit]) == 1
    return anchored
