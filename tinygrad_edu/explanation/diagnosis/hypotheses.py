"""The hypotheses about one graph, and the gradients that each predicts: computed once for any number of submissions."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis import mistakes, single_precision
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.constants import all_constants
from tinygrad_edu.explanation.diagnosis.mistakes.families import Family, families
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.explanation.diagnosis.written_numbers import BITS
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

TRYING = 0.8  # of the time; the rest is for saying what was found
CATALOGUE = 0.5  # of the time; the rest is for mistakes with a parameter, such as a stray factor
MAX_PROBES = 2048  # numbers that the predictions of all hypotheses are kept for, shared among the arrays
MIN_PROBES = 32  # of one array
MIN_RELATIVE_CHANGE = 1e-13  # a hypothesis that changes gradients by less changes nothing
SECOND_ORDER = 1.05  # a twentieth more, for what is beyond the first order


class HypothesisTable:
    """Every hypothesis that changes one of the gradients of `wrt`, and the numbers that it predicts.

    Of large arrays predictions are kept for some numbers only, the `probes`: `row` gives those of all numbers.
    `columns` are the places of an array in a row, `probed` its places among the probes. `radii`: how far the numbers
    of a parameter may be off, if it is known only as printed. `first` is a mistake that was made before each of these:
    what it gives counts as true.
    """

    def __init__(
        self,
        facts: GraphFacts,
        wrt: Sequence[Variable],
        time_limit: float | None = None,
        radii: Mapping[Variable, float] | None = None,
        first: Hypothesis | None = None,
    ) -> None:
        self.facts, self.first = facts, first
        self.wrt = list(wrt)
        ends = np.cumsum([x.raw.size for x in wrt])
        self.columns = {x: np.arange(end - x.raw.size, end) for x, end in zip(wrt, ends)}
        self.true = self.row({} if first is None else first.differences(facts.tape))
        most = len(self.true) if radii else max(MAX_PROBES // max(len(self.wrt), 1), MIN_PROBES)
        chosen = [_spread_out(columns, most) for columns in self.columns.values()]
        self.probes = np.concatenate(chosen) if chosen else np.arange(0)
        ends = np.cumsum([len(places) for places in chosen])
        self.probed = {x: np.arange(end - len(places), end) for x, end, places in zip(wrt, ends, chosen)}
        self.constants = all_constants(facts)
        self.penalty = np.concatenate([np.ravel(facts.penalty(x)) for x in wrt])
        self.time_limit, self.untried = time_limit, False
        self.rounded = RoundedParameters(facts, radii) if radii else None
        self._place: dict[Hypothesis, int] = {}  # in the order of the catalogue

    def after(self, first: Hypothesis, wrong: Sequence[Variable]) -> HypothesisTable:
        """The table of second mistakes, which shares the time: of those that alone would change one of `wrong`."""
        table = HypothesisTable(self.facts, self.wrt, self.time_limit, first=first.after(self.first))
        table._started = self._started
        table._possible = self._changing(wrong) if self.first is None else self._possible
        return table

    def _changing(self, wrong: Sequence[Variable]) -> list[Hypothesis]:
        probes = np.concatenate([self.probed[x] for x in wrong])
        changed = self.predictions[:, probes] != self.true[self.probes[probes]]
        return [hypothesis for hypothesis, changes in zip(self.hypotheses, changed.any(axis=1)) if changes]

    @cached_property
    def _possible(self) -> Iterable[Hypothesis]:
        """The hypotheses as the catalogue has them, whatever was the first mistake."""
        return mistakes.catalogue(self.facts)

    @cached_property
    def _catalogue(self) -> tuple[list[Hypothesis], Array]:
        return self._computed(self._possible, CATALOGUE)

    @property
    def hypotheses(self) -> list[Hypothesis]:
        """Every hypothesis that changes a number."""
        return self._catalogue[0]

    @property
    def predictions(self) -> Array:
        """The predictions of the hypotheses for the probes, one a row."""
        return self._catalogue[1]

    @cached_property
    def rounded_early(self) -> tuple[list[Hypothesis], Array]:
        """Hypotheses of early rounding, which are looked at only if nothing else fits, and their predictions."""
        return self._computed(mistakes.rounded_early(self.facts), TRYING)

    @cached_property
    def families(self) -> list[tuple[Family, Array]]:
        """The families, each with the predictions for its starting values."""
        return [
            (family, np.array([self.member(family, t) for t in family.starts]))
            for family in (each.after(self.first) for each in families(self.facts))
            if not self.time_is_up()
        ]

    def member(self, family: Family, t: float) -> Array:
        """The prediction of a family for the probes, for one value of its parameter."""
        with np.errstate(all="ignore"):
            return self.row(family.member(t).differences(self.facts.tape))[self.probes]

    @cached_property
    def bits(self) -> int:
        """The bits of the lowest precision in the graph, which the true gradients share."""
        return min(BITS.get(x.raw.dtype.name, 53) for x in self.facts.tape.grads)

    @cached_property
    def errors(self) -> dict[Variable, float]:
        """The error of single precision in each true gradient."""
        return single_precision.errors(self.facts.tape)

    @cached_property
    def _started(self) -> float:
        return time.monotonic()

    def time_is_up(self, share: float = TRYING) -> bool:
        """True if no more may be tried in this share of the time, which runs from the first call."""
        up = self.time_limit is not None and time.monotonic() > self._started + share * self.time_limit
        self.untried |= up
        return up

    def row(self, changes: Grads) -> Array:
        """The gradients of all `wrt` with these changes, one after the other."""
        return _row(self.facts.tape, self.wrt, changes)

    def _computed(self, hypotheses: Iterable[Hypothesis], share: float) -> tuple[list[Hypothesis], Array]:
        """The hypotheses that change a number, and their predictions, until this share of the time is up."""
        kept, rows = [], []
        least = MIN_RELATIVE_CHANGE * np.abs(self.true).max(initial=0)
        with np.errstate(all="ignore"):
            for place, alone in enumerate(hypotheses):
                if self.time_is_up(share):
                    break
                if self.first is not None and alone.known is not None:
                    continue
                hypothesis = alone.after(self.first)
                row = self.row(hypothesis.differences(self.facts.tape))
                known = ~np.isnan(row) if hypothesis.mistake.partial else slice(None)
                if least < np.abs(row - self.true)[known].max(initial=0) < np.inf:
                    kept.append(hypothesis)
                    self._place[hypothesis] = place
                    rows.append(row[self.probes])
        return kept, np.array(rows).reshape(len(rows), len(self.probes))

    def slack(self, hypothesis: Hypothesis | None, row: Array) -> Array:
        """The uncertainty of a prediction, or with None of the truth, as parameters are known only as printed."""
        if self.rounded is None:
            return np.zeros_like(row)
        return self.rounded.slack(self.wrt, None if hypothesis is None else self._place[hypothesis], row)

    @cached_property
    def spread(self) -> Array:
        """The uncertainty of the true gradients."""
        return self.slack(None, self.true)


class RoundedParameters:
    """Parameters known only as printed, and the uncertainty of predictions that comes of them.

    To first order a prediction moves by the sum, over all numbers that were rounded, of its slope times half a unit.
    The slopes are differences: the graph is computed again with each number moved by its half unit.
    """

    def __init__(self, facts: GraphFacts, radii: Mapping[Variable, float]) -> None:
        self.facts, self.radii = facts, radii

    @cached_property
    def _moved(self) -> list[tuple[GraphFacts, dict[Variable, Variable]]]:
        """The facts with one number moved, for each such number, and the copy of each tensor there."""
        return [self._with_one_moved(x, where) for x in self.radii for where in np.ndindex(x.raw.shape)]

    def _with_one_moved(
        self, x: Variable, where: tuple[int, ...]
    ) -> tuple[GraphFacts, dict[Variable, Variable]]:
        values = x.raw.copy()
        values[where] += self.radii[x]
        copies = rerun(self.facts.tape.loss, {x: values})
        return _on(Tape(copies[self.facts.tape.loss]), self.facts), dict(copies)

    def slack(self, wrt: list[Variable], place: int | None, row: Array) -> Array:
        """The uncertainty of each number in a row; `place`: that of its hypothesis in the catalogue, or None."""
        moved = [_row(f.tape, [copies[x] for x in wrt], _changes(f, place)) for f, copies in self._moved]
        return SECOND_ORDER * np.sum([np.abs(other - row) for other in moved], axis=0)


def _changes(facts: GraphFacts, place: int | None) -> Grads:
    """The changes that the same hypothesis makes in another graph of the same structure."""
    if place is None:
        return {}
    return next(islice(mistakes.catalogue(facts), place, None)).differences(facts.tape)


def _spread_out(columns: Array, most: int) -> Array:
    """At most so many of the columns, the same in every run, in order and without a regular distance."""
    if len(columns) <= most:
        return columns
    return np.sort(np.random.default_rng(0).choice(columns, most, replace=False))


def _row(tape: Tape, wrt: Sequence[Variable], changes: Grads) -> Array:
    parts = [tape.grads[x] + changes[x] if x in changes else tape.grads[x] for x in wrt]
    return np.concatenate([part.ravel() for part in parts])


def given_gradients(facts: GraphFacts, gradients: Mapping[Variable, Array]) -> GraphFacts:
    """The same facts, had the student's gradients of these inner tensors been the true ones."""
    base: dict[Variable, Correction] = {x: replaced(array) for x, array in gradients.items()}
    return _on(Tape(facts.tape.loss, {**facts.tape.base, **base}), facts)


def _on(tape: Tape, facts: GraphFacts) -> GraphFacts:
    return GraphFacts(tape, facts.names, facts.lr, facts.given)
