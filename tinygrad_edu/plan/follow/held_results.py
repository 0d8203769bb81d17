"""How the results of a followed call that somebody still holds are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

OPEN = "it returns, or leaves behind, a graph on which backward() was not called"


class Outcome:
    """How the results that are alive are made: by a program, or afterwards as views. `why`: they cannot be."""

    def __init__(self, ending: Any, alive: Sequence[int]) -> None:
        self.run: Callable[..., Any] | None = None
        self.why = ""
        self.loose = [n for n in alive if n in ending.loose and n not in ending.views]
        living = [n for n in alive if n not in ending.views]
        if len({ending.roots[n] for n in living}) < len(living):  # some are detached from others
            known = set(living)
            later = [n for n in living if n in ending.detached and ending.detached[n].inputs[0] in known]
            living = [n for n in living if n not in later]
        else:
            later = []
        outside = [n for n in alive if n in ending.views]
        chain = set(outside)
        for n in outside:
            while (n := ending.views[n].inputs[0]) in ending.views:
                chain.add(n)
        self.living = living
        self.views = [ending.views[n] for n in sorted(chain)] + [ending.detached[n] for n in sorted(later)]
        if any(n in ending.loose for n in alive) and not ending.rebuildable:
            self.why = OPEN
        elif len({ending.roots[n] for n in living}) < len(living) or not all(
            map(ending.may_be_made_after, outside)
        ):
            self.why = "it returns, or leaves behind, a view of what others hold"
