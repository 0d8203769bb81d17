"""The mistake in a wrong rule by its name, from `diagnose`: the forward function tells what the gradient should be."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.checks.rule_likeness import Step
from tinygrad_edu.explanation.diagnosis import diagnose
from tinygrad_edu.tensor.tensor import Tensor

TIME = 1.0  # seconds


def diagnosed(step: Step, position: int) -> tuple[str, str] | None:
    """The name and the sentence of the mistake in a wrong rule; None if `diagnose` knows no single one that fits.

    The forward function, run on Tensors, records a graph of operations whose rules are right.
    """
    xs = [
        Tensor(x, requires_grad=i == position, name=name) if np.ndim(x) else x
        for i, (x, name) in enumerate(zip(step.arrays, step.input_names))
    ]
    rng = np.random.default_rng(0)
    g = rng.uniform(0.5, 1.5, np.shape(step.result))
    try:
        result = step.graph(xs) if step.graph else None
        if (
            not isinstance(result, Tensor)
            or not np.allclose(result.raw, step.result)
            or len(xs[position].shape) == 0
        ):
            return None
        loss = (result * Tensor(g, name="g")).sum()
        share = np.asarray(step.share(position, g), float)
        found = diagnose(loss, {xs[position]: share}, time_limit=TIME)
    except Exception:  # whatever a forward function raises that was written for arrays alone
        return None
    first = found.explanations[0] if found.verdict == "mistake" else None
    return (first.mistake, first.sentence) if first else None
