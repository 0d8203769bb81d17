"""Every number the paper prints beside the engine's, with a verdict: the rows of table and report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.exam import problem1, problem2, problem3
from tinygrad_edu.exam.paper import Printed, Problem1, Problem2, Problem3
from tinygrad_edu.exam.paper_rounding import Interval, attained

SAME = "same"
WITHIN = "same within rounding of the printed weights"
DIFFERS = "differs"
GIVEN = "given"  # the engine starts from it
WORST_LAST = (GIVEN, SAME, WITHIN, DIFFERS)

STALE_H = (
    "the paper's line uses the H = [2, 2, 2] of Problem 1, and puts examples in the place of hidden units"
)
BATCH_MEANS = "the paper's is not the mean of the gradients, most likely a product of batch means"
WRONG_STEP = "the paper's step follows its own dL/dW1"


@dataclass(frozen=True, eq=False)
class Row:
    """One printed array, the engine's, and the verdict on each of its numbers.

    `allowed`: the results of weights that round to the printed ones; None where no such weights take part.
    `reason`: the cause where numbers differ. `note`: a remark for the reader in any case.
    """

    problem: int
    name: str
    printed: Printed
    engine: np.ndarray
    allowed: Interval | None = None
    given: bool = False
    reason: str = ""
    note: str = ""

    @property
    def verdicts(self) -> np.ndarray:
        """`SAME`, `WITHIN`, `DIFFERS` or `GIVEN` for each number."""
        if self.given:
            return np.full(self.engine.shape, GIVEN)
        within = self._overlaps() if self.allowed else np.zeros(self.engine.shape, bool)
        return np.where(agree(self.engine, self.printed), SAME, np.where(within, WITHIN, DIFFERS))

    def _overlaps(self) -> Any:
        assert self.allowed is not None
        low, high = self.printed.values - self.printed.half_unit, self.printed.values + self.printed.half_unit
        return (self.allowed.low <= high) & (self.allowed.high >= low)

    @property
    def verdict(self) -> str:
        """The worst of `verdicts`."""
        return max(self.verdicts.flat, key=WORST_LAST.index)

    @property
    def decimals(self) -> int:
        """The decimals of the engine's numbers: as many as the paper has, or three digits of those that differ."""
        different = np.abs(self.engine[self.verdicts == DIFFERS])
        if not different.any():
            return self.printed.decimals
        return max(self.printed.decimals, 2 - int(np.floor(np.log10(different.max()))))


def agree(numbers: np.ndarray, printed: Printed) -> Any:
    """True where a number rounds to the printed one. Four units in the last place of a float are forgiven."""
    return np.abs(numbers - printed.values) <= printed.half_unit + 4 * np.spacing(np.abs(printed.values))


def rows() -> list[Row]:
    """Every printed number of the paper, in the paper's order."""
    return [*_problem1(), *_problem2(), *_problem3()]


def count(found: list[Row]) -> Counter[str]:
    """The count of numbers of each verdict."""
    return Counter(str(verdict) for row in found for verdict in row.verdicts.flat)


def _problem1() -> list[Row]:
    return [Row(1, name, Problem1.PRINTED[name], x.numpy()) for name, x in problem1.solve().items()]


def _problem2() -> list[Row]:
    solution = problem2.solve()
    engine = {name.lower(): x.detach().numpy() for name, x in solution._asdict().items()}
    each = zip(Problem2.GRADIENT_PER_EXAMPLE, problem2.gradient_per_example(), strict=True)
    return [
        *(Row(2, name, p, engine[name.lower()], given=True) for name, p in Problem2.INITIAL.items()),
        *(Row(2, name, p, engine[name.lower()]) for name, p in Problem2.FORWARD.items()),
        *(Row(2, f"dL/dW1, X_{i}", p, g, reason=STALE_H) for i, (p, g) in enumerate(each, 1)),
        Row(2, "dL/dW1, mean", Problem2.GRADIENT_MEAN, problem2.gradient_mean(), reason=STALE_H),
    ]


def _problem3() -> list[Row]:
    start, after = problem3.initial(), problem3.after_papers_step()
    given = {name: p.values for name, p in Problem3.DATA.items()} | start.centre._asdict()
    printed = Problem3.DATA | Problem3.INITIAL
    forward, gradients = problem3.forward, problem3.gradients
    engine = {
        name: x.detach().numpy()
        for name, x in (
            forward(problem3.network(after.centre)) | gradients(problem3.network(start.centre))
        ).items()
    }
    allowed = attained(forward, after) | attained(gradients, start)

    def row(name: str, printed: Printed, reason: str = "", note: str = "") -> Row:
        return Row(3, name, printed, engine[name], allowed[name], reason=reason, note=note)

    return [
        *(Row(3, name, p, given[name], given=True) for name, p in printed.items()),
        row("Loss", Problem3.LOSS, note="the mean over examples after the step, in bits (log base 2)"),
        *(row(name, p, note="after the paper's own step") for name, p in Problem3.FORWARD.items()),
        *(row(name, p, BATCH_MEANS) for name, p in Problem3.GRADIENTS.items()),
        row("L_avg", Problem3.LOSS_AVG, note="the sum over the 6 examples, in bits: no average"),
        row("W1_new", Problem3.W1_NEW, WRONG_STEP),
    ]
