"""Questions to `diagnose` about a network, and its answers in the terms of the catalogue."""

from __future__ import annotations

import numpy as np

from diagnosis.graphs import graph
from diagnosis.networks import Network
from diagnosis.planted import Answers
from diagnosis.scores import Named, Verdict
from tinygrad_edu.explanation.diagnosis import Diagnosis, Suspects
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation


class Teacher:
    """Judges any number of submissions for one network."""

    def __init__(self, network: Network, names: list[str] | None = None) -> None:
        self.loss, parameters = graph(network)
        self.parameters = {name: parameters[name] for name in names or parameters}
        self.suspects = Suspects(self.loss, list(self.parameters.values()))

    def judge(self, answers: Answers, digits: int | None = 4) -> Verdict:
        """The verdict of `diagnose` on these arrays."""
        submitted = {self.parameters[name]: np.asarray(answers[name]) for name in self.parameters}
        return verdict(self.suspects.judge(submitted, digits=digits))


def named(e: Explanation) -> Named:
    """An explanation in the terms of the catalogue."""
    return Named(frozenset((e.catalogue, *e.also)), f"{e.node}: {e.text()}")


def verdict(diagnosis: Diagnosis) -> Verdict:
    """A `Diagnosis` in the terms of the catalogue."""
    explanations, possible = map(named, diagnosis.explanations), map(named, diagnosis.possible)
    return Verdict(diagnosis.right, tuple(explanations), diagnosis.verdict == "tie", tuple(possible))
