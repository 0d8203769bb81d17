"""The exercise of makemore, part 4: backpropagation by hand through cross-entropy and batch norm, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.exercise.exercise import Exercise
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

LETTERS, LENGTH, CONTEXT, UNITS, EXAMPLES = 5, 2, 3, 7, 9  # LENGTH of the vector of a letter
EPSILON = 1e-5

# The gradients that are asked, from the loss back to the embedding.
INTERMEDIATES = (
    "dlogprobs", "dprobs", "dcounts_sum_inv", "dcounts_sum", "dcounts", "dnorm_logits", "dlogit_maxes", "dlogits",
    "dh", "W2", "b2", "dhpreact", "bngain", "bnbias", "dbnraw", "dbnvar_inv", "dbnvar", "dbndiff2", "dbndiff",
    "dbnmeani", "dhprebn", "dembcat", "W1", "b1", "demb", "C",
)  # fmt: skip
PARAMETERS = ("C", "W1", "b1", "W2", "b2", "bngain", "bnbias")
TEXT = f"""A network that predicts the next of {LETTERS} letters from {CONTEXT} letters. A row of X has the numbers of
{CONTEXT} letters, and Y has the letter that comes next. A letter is a row of C, and embcat has the {CONTEXT} rows of an
example side by side. Batch norm and cross-entropy are written out in steps, with 1/(N − 1) in the variance.

Derive the gradient of the loss L by every intermediate and every parameter, one after the other, from the loss back. A
tensor that is used twice gets the sum of both gradients.

In Python, exercise = tinygrad_edu.exercise.load("makemore-4") has all numbers in exercise.data, and
exercise.check({{"dlogprobs": dlogprobs, ...}}) grades what you have so far."""


def network(X: Tensor, Y: Tensor, **parameters: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss, every operation a step with a name."""
    C, W1, b1, W2, b2, bngain, bnbias = (parameters[name] for name in PARAMETERS)
    v: dict[str, Any] = {}
    count = X.shape[0]
    v["emb"] = C[X]
    v["embcat"] = v["emb"].reshape(count, -1)
    v["hprebn"] = v["embcat"] @ W1 + b1
    v["bnmeani"] = v["hprebn"].sum(0, keepdim=True) / count
    v["bndiff"] = v["hprebn"] - v["bnmeani"]
    v["bndiff2"] = v["bndiff"] ** 2
    v["bnvar"] = v["bndiff2"].sum(0, keepdim=True) / (count - 1)
    v["bnvar_inv"] = (v["bnvar"] + EPSILON) ** -0.5
    v["bnraw"] = v["bndiff"] * v["bnvar_inv"]
    v["hpreact"] = bngain * v["bnraw"] + bnbias
    v["h"] = v["hpreact"].tanh()
    v["logits"] = v["h"] @ W2 + b2
    v["logit_maxes"] = v["logits"].amax(1, keepdim=True)
    v["norm_logits"] = v["logits"] - v["logit_maxes"]
    v["counts"] = v["norm_logits"].exp()
    v["counts_sum"] = v["counts"].sum(1, keepdim=True)
    v["counts_sum_inv"] = v["counts_sum"] ** -1
    v["probs"] = v["counts"] * v["counts_sum_inv"]
    v["logprobs"] = v["probs"].log()
    return -v["logprobs"][np.arange(count), Y].mean(), v


def numbers() -> dict[str, Array]:
    """The letters and the parameters, with two decimals."""
    rng = np.random.default_rng(312)  # no weight is 0, every letter is used, no gradient is above 5
    shapes = {
        "C": (LETTERS, LENGTH), "W1": (CONTEXT * LENGTH, UNITS), "b1": (UNITS,), "W2": (UNITS, LETTERS),
        "b2": (LETTERS,), "bngain": (1, UNITS), "bnbias": (1, UNITS),
    }  # fmt: skip
    letters = rng.integers(0, LETTERS, (EXAMPLES, CONTEXT + 1))
    weights = {name: rng.normal(size=shape).round(2) for name, shape in shapes.items()}
    weights["bngain"] = (1 + 0.2 * weights["bngain"]).round(2)
    return {"X": letters[:, :CONTEXT], "Y": letters[:, CONTEXT], **weights}


BATCH_NORM_BY_HAND = Exercise(
    network,
    numbers(),
    INTERMEDIATES,
    title="Batch norm and cross-entropy by hand",
    text=TEXT,
    digits=6,
    parameters=PARAMETERS,
)
