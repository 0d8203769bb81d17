"""What a row of the catalogue is, and what comes of it when it meets a graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinygrad_edu.diagnosis.replay import Correction, Grads, Tape
from tinygrad_edu.graph import Variable


@dataclass(frozen=True)
class Mistake:
    """One row: `did` completes "It equals ...", `wrote` and `fix` are the wrong and the right line.

    The texts are templates, filled with the student's names. `number` is that of the catalogue, `also` those of other
    entries that are the same act. `general`: give way to a row that says the same more precisely.
    """

    id: str
    number: int
    did: str
    wrote: str = ""
    fix: str = ""
    also: tuple[int, ...] = ()
    general: bool = False


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
