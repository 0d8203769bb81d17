"""What a row of the catalogue is, and what comes of it when it meets a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tinygrad_edu.diagnosis.replay import Correction, Grads, Tape, both
from tinygrad_edu.graph import Variable

PRECISE, BY_PLACE, BY_FACTOR, BY_CHANCE = range(4)


@dataclass(frozen=True)
class Mistake:
    """One row: `did` completes "It equals ...", `wrote` and `fix` are the wrong and the right line.

    The texts are templates, filled with the student's names. `number` is that of the catalogue, `also` those of other
    entries that are the same act. Of rows that give the same numbers those of the lowest `rank` are named, the more
    precise ones; the numbers of the others are added to `also`.
    """

    id: str
    number: int
    did: str
    wrote: str = ""
    fix: str = ""
    also: tuple[int, ...] = ()
    rank: int = PRECISE
    partial: bool = False  # whether it leaves some numbers open, as nan


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """That a mistake was made at `node`: the corrections that make the gradients come out as wrong."""

    mistake: Mistake
    node: Variable
    wrong: Mapping[Variable, Correction]
    words: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Grads | None = None  # what came of it, if that was found on another tape

    def differences(self, tape: Tape) -> Grads:
        """How the gradients that come out differ from the true ones."""
        return dict(self.elsewhere) if self.elsewhere is not None else tape.differences(self.wrong)

    def say(self, template: str) -> str:
        """A text of the mistake with the student's names."""
        return template.format_map(dict(self.words))


def merged(hypotheses: Iterable[Hypothesis]) -> Iterator[Hypothesis]:
    """The same mistake made at every place where it can be, if there are several."""
    groups: dict[tuple[str, ...], list[Hypothesis]] = {}
    for h in hypotheses:
        key = (str(h.mistake.number), h.mistake.wrote, h.words.get("i", ""), h.words.get("variant", ""))
        groups.setdefault(key, []).append(h)
        groups.setdefault((h.mistake.id, h.words.get("i", "")), []).append(h)
    seen = set()
    for group in groups.values():
        members = frozenset(map(id, group))
        if len(group) > 1 and members not in seen and len({h.node for h in group}) == len(group):
            seen.add(members)
            yield _together(group)


def _together(group: list[Hypothesis]) -> Hypothesis:
    wrong: dict[Variable, Correction] = {}
    for x, correction in ((x, c) for h in group for x, c in h.wrong.items()):
        wrong[x] = both(wrong.get(x), correction)
    at = " and ".join(h.words.get("at", "") for h in group)
    return replace(group[0], wrong=wrong, words={**group[0].words, "at": at})
