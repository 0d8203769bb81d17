"""A mistake as a row of the catalogue, and as a hypothesis about one graph."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, both
from tinygrad_edu.explanation.diagnosis.gradient_names import filled

PRECISE, BY_PLACE, BY_FACTOR, BY_CHANCE = range(4)  # ranks
LINE = "(line "  # in the words for a tensor without a name
MAX_NAMED = 3  # places, in one sentence
MAX_WAYS = 12  # in which one mistake is made at several functions at once

# Numbers of the catalogue that rows of other mistakes share.
AVERAGED_IN_SOME_ARRAYS = 4
OUTPUT_DERIVATIVE_AND_LOSS = 23  # p - y under a squared error, or p (1 - p) once more under a cross-entropy
RELU_SLOPE = 35
LEARNING_RATE = 38
ROUNDING_OR_ORDER = 40  # right but for rounding, or for the order of rows or columns


@dataclass(frozen=True)
class Mistake:
    """One row of the catalogue: `did` completes "It equals ...", `wrote` and `fix` are the wrong and the right line.

    The texts are templates, filled with the student's names. `number` is that of the catalogue, `also` those of other
    entries that are the same act. Of rows that predict the same gradients those of the lowest `rank` are named, the
    more precise ones; the numbers of the others are added to `also`.
    """

    id: str
    number: int
    did: str
    wrote: str = ""
    fix: str = ""
    also: tuple[int, ...] = ()
    rank: int = PRECISE
    partial: bool = False  # True if it leaves some numbers open, as nan


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A mistake assumed at `node`: the corrections of gradients that make all come out as wrong as by the mistake."""

    mistake: Mistake
    node: Variable
    wrong: Mapping[Variable, Correction]
    words: Mapping[str, str] = field(default_factory=dict)
    known: Grads | None = None  # the differences, if they were found on another tape

    def __post_init__(self) -> None:
        """Leave out the lines in which another array would stand that has no name."""
        if LINE in self.words.get("v", ""):
            object.__setattr__(self, "mistake", replace(self.mistake, wrote="", fix=""))

    def after(self, first: Hypothesis | None) -> Hypothesis:
        """The same mistake, made in a computation in which another was made already."""
        return self if first is None else replace(self, wrong=composed(first.wrong, self.wrong))

    def differences(self, tape: Tape) -> Grads:
        """The differences between the gradients that the mistake gives and the true ones."""
        return dict(self.known) if self.known is not None else tape.differences(self.wrong)

    def say(self, template: str, **own: str) -> str:
        """A text of the mistake with the student's names, of which `own` are known better by now."""
        return filled(template, {**self.words, **own})


def merged(hypotheses: Iterable[Hypothesis]) -> Iterator[Hypothesis]:
    """The same mistake at every place where it is possible, and at every use of one array, if there are several."""
    by_line, by_id, by_cell = defaultdict(list), defaultdict(list), defaultdict(list)
    for h in hypotheses:
        alike = (h.words.get("i", ""), h.words.get("variant", ""))
        by_line[h.mistake.number, h.mistake.wrote, *alike].append(h)
        by_id[h.mistake.id, *alike].append(h)
        by_cell[h.mistake.id, h.mistake.wrote, h.words.get("cell", ""), *alike].append(h)
    groups = [
        *by_line.values(),
        *by_id.values(),
        *by_cell.values(),
        *(g for group in by_id.values() for g in _one_way_each(group)),
    ]
    seen = set()
    for group in groups:
        members = frozenset(map(id, group))
        if len(group) > 1 and members not in seen and len({h.node for h in group}) == len(group):
            seen.add(members)
            yield _together(group)


def _one_way_each(group: list[Hypothesis]) -> Iterator[list[Hypothesis]]:
    """The choices of one way for each function, of a mistake that can be made in several ways."""
    functions: defaultdict[str, defaultdict[str, list[Hypothesis]]] = defaultdict(lambda: defaultdict(list))
    for h in group:
        functions[h.words.get("f", "")][h.mistake.wrote].append(h)
    if math.prod(map(len, functions.values())) <= MAX_WAYS:
        for ways in itertools.product(*(found.values() for found in functions.values())):
            yield [h for way in ways for h in way]


def composed(*corrections: Mapping[Variable, Correction]) -> dict[Variable, Correction]:
    """All these corrections in one mapping, one after the other where several meet."""
    found: dict[Variable, Correction] = {}
    for x, correction in ((x, c) for each in corrections for x, c in each.items()):
        found[x] = both(found.get(x), correction)
    return found


def _together(group: list[Hypothesis]) -> Hypothesis:
    joined = {key: in_words(h.words.get(key, "") for h in group) for key in ("at", "f")}
    return replace(group[0], wrong=composed(*(h.wrong for h in group)), words={**group[0].words, **joined})


def in_words(parts: Iterable[str]) -> str:
    """The different parts with "and" between them, not more than a few."""
    named = list(dict.fromkeys(parts))
    more = [f"{len(named) - MAX_NAMED} more places"] if len(named) > MAX_NAMED + 1 else []
    *others, last = [*named[:MAX_NAMED], *more] if more else named
    return f"{', '.join(others)} and {last}" if others else last
