"""The losses, and the layers that a first network needs, as functions. Losses are in nats unless they say otherwise."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.nn.argument_checks import (
    between_0_and_1,
    raw_scores,
    reduced,
    same_shape,
    weighted,
)
from tinygrad_edu.ops import elementwise, fused_loss
from tinygrad_edu.tensor.tensor import Tensor


def binary_cross_entropy(
    input: Tensor,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:
    """`-y log p - (1 - y) log(1 - p)` for probabilities p, in nats; each logarithm is -100 at the least.

    The gradient is `(p - y) / max(p (1 - p), 1e-12)`, so that a sure wrong answer, p = 0 for y = 1, still learns.
    Shapes: both the same, any; result (), or theirs for "none".
    Raises `ValueError` if the shapes differ, or a probability or target is not in [0, 1].
    """
    call = "binary_cross_entropy"
    input, target = same_shape(call, input, target)
    if input.operation is not elementwise.sigmoid:
        between_0_and_1(call, "probabilities", input, f"use {call}_with_logits for raw scores")
    between_0_and_1(call, "targets", target, "name the two classes 0 and 1")
    each = fused_loss.binary_cross_entropy(input, target)
    return reduced(call, weighted(call, "a weight", each, weight), reduction, size_average, reduce)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Tensor:
    """`binary_cross_entropy(sigmoid(z), y)` in nats for raw scores z, exact also where the sigmoid is 0 or 1.

    `pos_weight` multiplies the term of y = 1.
    Shapes: both the same, any; result (), or theirs for "none".
    Raises `ValueError` if the shapes differ or a target is not in [0, 1].
    """
    call = "binary_cross_entropy_with_logits"
    input, target = same_shape(call, input, target)
    between_0_and_1(call, "targets", target, "name the two classes 0 and 1")
    raw_scores(call, input)
    positive = weighted(
        call, "a pos_weight", target * elementwise.softplus(-input), pos_weight
    )  # -log sigmoid(z)
    each = positive + (1 - target) * elementwise.softplus(input)  # -log(1 - sigmoid(z))
    return reduced(call, weighted(call, "a weight", each, weight), reduction, size_average, reduce)


def categorical_cross_entropy(
    input: Tensor,
    target: Any,
    *,
    eps: float = 1e-10,
    unit: str = "nats",
    reduction: str = "mean",
) -> Tensor:
    """`-sum over classes of y log(p + eps)` for probabilities p, in nats, or in bits (log base 2) if asked.

    For raw scores use `cross_entropy`, which is exact where a probability is rounded to 0.
    Shapes: both (..., K); result (), or (...) for "none".
    Raises `ValueError` if the shapes differ, a probability is not in [0, 1], eps is negative or the unit is unknown.
    """
    call = "categorical_cross_entropy"
    input, target = same_shape(call, input, target)
    between_0_and_1(call, "probabilities", input, "use cross_entropy for raw scores")
    if not eps >= 0:
        raise ValueError(f"{call} needs eps of 0 or more, got {eps}")
    if unit not in ("nats", "bits"):
        raise ValueError(f"{call} needs unit 'nats' or 'bits', got {unit!r}")
    each = -(target * (input + eps).log()).sum(-1)
    return reduced(call, each if unit == "nats" else each / math.log(2), reduction)
